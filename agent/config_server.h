// SPDX-License-Identifier: MPL-2.0
// The `server` block. Zero means "not given"; defaults() says what applies then.
#pragma once

#include "agent/config_values.h"

namespace agent::config {

struct ServerJoin {
  Texts retry_join, start_join;
  std::int64_t retry_max = 0;  // 0: for ever
  core::Duration retry_interval{};
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("RetryJoin", self.retry_join);
    visit("StartJoin", self.start_join);
    visit("RetryMaxAttempts", self.retry_max);
    visit("RetryInterval", self.retry_interval);
  }
};

struct SchedulerDefaults {  // for a cluster that is created, not later
  std::string algorithm;    // "binpack" or "spread"
  Switch memory_oversubscription, preempt_batch, preempt_service, preempt_system;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("SchedulerAlgorithm", self.algorithm);
    visit("MemoryOversubscriptionEnabled", self.memory_oversubscription);
    visit("BatchSchedulerEnabled", self.preempt_batch);
    visit("ServiceSchedulerEnabled", self.preempt_service);
    visit("SystemSchedulerEnabled", self.preempt_system);
  }
};

struct Search {
  Switch fuzzy_enabled;
  std::int64_t limit_query = 0, limit_results = 0, min_term_length = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("FuzzyEnabled", self.fuzzy_enabled);
    visit("LimitQuery", self.limit_query);
    visit("LimitResults", self.limit_results);
    visit("MinTermLength", self.min_term_length);
  }
};

struct Server {
  bool enabled = false;
  std::string authoritative_region, data_dir;
  std::int64_t bootstrap_expect = 0, protocol_version = 0, raft_protocol = 0, raft_multiplier = 0;
  std::optional<std::int64_t> num_schedulers;  // not given: as many as processors
  Texts enabled_schedulers;
  core::Duration node_gc_threshold{}, job_gc_interval{}, job_gc_threshold{}, eval_gc_threshold{},
      deployment_gc_threshold{};
  core::Duration csi_volume_claim_gc_threshold{}, csi_plugin_gc_threshold{};
  core::Duration heartbeat_grace{}, min_heartbeat_ttl{};
  double max_heartbeats_per_second = 0;
  ServerJoin join;      // server_join
  ServerJoin old_join;  // the same keys directly in `server`, as before server_join
  bool rejoin_after_leave = false;
  Secret encrypt;
  bool non_voting_server = false;
  std::string redundancy_zone, upgrade_version, license_path;
  SchedulerDefaults default_scheduler_config;
  Switch enable_event_broker;
  std::optional<std::int64_t> event_buffer_size;
  Search search;
  // Our own.
  Texts static_peers;               // host:port of servers that are contacted without gossip
  std::string cluster_name;         // sealed into every packet of gossip: servers of another one are not heard
  std::string gossip_profile;       // "lan" or "wan"
  Secrets rpc_key;                  // of RPC connections, the first proves who we are; not given: the keys of gossip
  Switch require_encryption;        // do not start without a cluster key
  core::Duration log_retention{};   // keep log entries this long although a snapshot has them
  std::int64_t trailing_logs = 0;   // entries kept behind the newest snapshot
  std::int64_t snapshot_every = 0;  // entries between two snapshots
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Enabled", self.enabled);
    visit("AuthoritativeRegion", self.authoritative_region);
    visit("BootstrapExpect", self.bootstrap_expect);
    visit("DataDir", self.data_dir);
    visit("ProtocolVersion", self.protocol_version);
    visit("RaftProtocol", self.raft_protocol);
    visit("RaftMultiplier", self.raft_multiplier);
    visit("NumSchedulers", self.num_schedulers);
    visit("EnabledSchedulers", self.enabled_schedulers);
    visit("NodeGCThreshold", self.node_gc_threshold);
    visit("JobGCInterval", self.job_gc_interval);
    visit("JobGCThreshold", self.job_gc_threshold);
    visit("EvalGCThreshold", self.eval_gc_threshold);
    visit("DeploymentGCThreshold", self.deployment_gc_threshold);
    visit("CSIVolumeClaimGCThreshold", self.csi_volume_claim_gc_threshold);
    visit("CSIPluginGCThreshold", self.csi_plugin_gc_threshold);
    visit("HeartbeatGrace", self.heartbeat_grace);
    visit("MinHeartbeatTTL", self.min_heartbeat_ttl);
    visit("MaxHeartbeatsPerSecond", self.max_heartbeats_per_second);
    visit("ServerJoin", self.join);
    visit("DeprecatedServerJoin", self.old_join);
    visit("RejoinAfterLeave", self.rejoin_after_leave);
    visit("EncryptKey", self.encrypt);
    visit("NonVotingServer", self.non_voting_server);
    visit("RedundancyZone", self.redundancy_zone);
    visit("UpgradeVersion", self.upgrade_version);
    visit("LicensePath", self.license_path);
    visit("DefaultSchedulerConfig", self.default_scheduler_config);
    visit("EnableEventBroker", self.enable_event_broker);
    visit("EventBufferSize", self.event_buffer_size);
    visit("Search", self.search);
    visit("StaticPeers", self.static_peers);
    visit("ClusterName", self.cluster_name);
    visit("GossipProfile", self.gossip_profile);
    visit("RPCKey", self.rpc_key);
    visit("RequireEncryption", self.require_encryption);
    visit("LogRetention", self.log_retention);
    visit("TrailingLogs", self.trailing_logs);
    visit("SnapshotEvery", self.snapshot_every);
  }
};

}  // namespace agent::config
