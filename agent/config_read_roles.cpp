// SPDX-License-Identifier: MPL-2.0
#include "agent/config_read.h"

namespace agent::config {

using core::jobspec::BodyReader;
using core::jobspec::Label;

namespace {

void read_join(BodyReader& in, ServerJoin& out) {
  in.attribute("retry_join", out.retry_join);
  in.attribute("start_join", out.start_join);
  in.attribute("retry_max", out.retry_max);
  in.attribute("retry_interval", out.retry_interval);
}

void read_scheduler_defaults(BodyReader& in, SchedulerDefaults& out) {
  in.attribute("scheduler_algorithm", out.algorithm);
  in.attribute("memory_oversubscription_enabled", out.memory_oversubscription);
  in.block("preemption_config", [&](BodyReader& block) {
    block.attribute("batch_scheduler_enabled", out.preempt_batch);
    block.attribute("service_scheduler_enabled", out.preempt_service);
    block.attribute("system_scheduler_enabled", out.preempt_system);
  });
}

void read_thresholds(BodyReader& in, Server& out) {
  in.attribute("node_gc_threshold", out.node_gc_threshold);
  in.attribute("job_gc_interval", out.job_gc_interval);
  in.attribute("job_gc_threshold", out.job_gc_threshold);
  in.attribute("eval_gc_threshold", out.eval_gc_threshold);
  in.attribute("deployment_gc_threshold", out.deployment_gc_threshold);
  in.attribute("csi_volume_claim_gc_threshold", out.csi_volume_claim_gc_threshold);
  in.attribute("csi_plugin_gc_threshold", out.csi_plugin_gc_threshold);
  in.attribute("heartbeat_grace", out.heartbeat_grace);
  in.attribute("min_heartbeat_ttl", out.min_heartbeat_ttl);
  in.attribute("max_heartbeats_per_second", out.max_heartbeats_per_second);
}

void read_our_own(BodyReader& in, Server& out) {
  in.attribute("static_peers", out.static_peers);
  in.attribute("cluster_name", out.cluster_name);
  in.attribute("gossip_profile", out.gossip_profile);
  in.attribute("rpc_key", out.rpc_key);
  in.attribute("require_encryption", out.require_encryption);
  in.attribute("log_retention", out.log_retention);
  in.attribute("trailing_logs", out.trailing_logs);
  in.attribute("snapshot_every", out.snapshot_every);
}

void read_reserved(BodyReader& in, Reserved& out) {
  in.attribute("cpu", out.cpu);
  in.attribute("memory", out.memory_mb);
  in.attribute("disk", out.disk_mb);
  in.attribute("reserved_ports", out.reserved_ports);
  in.attribute("cores", out.cores);
  in.ignore("iops");
}

void read_limits_of_node(BodyReader& in, Client& out) {
  in.attribute("network_interface", out.network_interface);
  in.attribute("network_speed", out.network_speed);
  in.attribute("cpu_total_compute", out.cpu_total_compute);
  in.attribute("memory_total_mb", out.memory_total_mb);
  in.attribute("reservable_cores", out.reservable_cores);
  in.attribute("max_kill_timeout", out.max_kill_timeout);
  in.attribute("client_min_port", out.client_min_port);
  in.attribute("client_max_port", out.client_max_port);
  in.attribute("gc_interval", out.gc_interval);
  in.attribute("gc_parallel_destroys", out.gc_parallel_destroys);
  in.attribute("gc_disk_usage_threshold", out.gc_disk_usage_threshold);
  in.attribute("gc_inode_usage_threshold", out.gc_inode_usage_threshold);
  in.attribute("gc_max_allocs", out.gc_max_allocs);
  in.block("reserved", [&](BodyReader& block) { read_reserved(block, out.reserved); });
}

void read_host(BodyReader& in, Client& out) {
  in.labelled("host_volume", [&](const Label& label, BodyReader& block) {
    auto& volume = out.host_volumes.emplace_back();
    volume.name = label.text;
    if (!block.attribute("path", volume.path))
      block.error(label.range, "Missing required argument", "A host volume needs a path.");
    block.attribute("read_only", volume.read_only);
  });
  in.labelled("host_network", [&](const Label& label, BodyReader& block) {
    auto& network = out.host_networks.emplace_back();
    network.name = label.text;
    block.attribute("cidr", network.cidr);
    block.attribute("interface", network.interface);
    block.attribute("reserved_ports", network.reserved_ports);
  });
  in.attribute("bind_wildcard_default_host_network", out.bind_wildcard_default_host_network);
  in.attribute("cni_path", out.cni_path);
  in.attribute("cni_config_dir", out.cni_config_dir);
  in.attribute("bridge_network_name", out.bridge_network_name);
  in.attribute("bridge_network_subnet", out.bridge_network_subnet);
  in.attribute("cgroup_parent", out.cgroup_parent);
}

}  // namespace

void read_server(BodyReader& in, Server& out) {
  in.attribute("enabled", out.enabled);
  in.attribute("authoritative_region", out.authoritative_region);
  in.attribute("bootstrap_expect", out.bootstrap_expect);
  in.attribute("data_dir", out.data_dir);
  in.attribute("protocol_version", out.protocol_version);
  in.attribute("raft_protocol", out.raft_protocol);
  in.attribute("raft_multiplier", out.raft_multiplier);
  in.attribute("num_schedulers", out.num_schedulers);
  in.attribute("enabled_schedulers", out.enabled_schedulers);
  in.attribute("rejoin_after_leave", out.rejoin_after_leave);
  in.attribute("encrypt", out.encrypt);
  in.attribute("non_voting_server", out.non_voting_server);
  in.attribute("redundancy_zone", out.redundancy_zone);
  in.attribute("upgrade_version", out.upgrade_version);
  in.attribute("license_path", out.license_path);
  in.attribute("enable_event_broker", out.enable_event_broker);
  in.attribute("event_buffer_size", out.event_buffer_size);
  read_thresholds(in, out);
  read_our_own(in, out);
  read_join(in, out.old_join);
  in.block("server_join", [&](BodyReader& block) { read_join(block, out.join); });
  in.block("default_scheduler_config",
           [&](BodyReader& block) { read_scheduler_defaults(block, out.default_scheduler_config); });
  in.block("search", [&](BodyReader& block) {
    block.attribute("fuzzy_enabled", out.search.fuzzy_enabled);
    block.attribute("limit_query", out.search.limit_query);
    block.attribute("limit_results", out.search.limit_results);
    block.attribute("min_term_length", out.search.min_term_length);
  });
}

void read_client(BodyReader& in, Client& out) {
  in.attribute("enabled", out.enabled);
  in.attribute("state_dir", out.state_dir);
  in.attribute("alloc_dir", out.alloc_dir);
  in.attribute("servers", out.servers);
  in.attribute("node_id", out.node_id);
  in.attribute("node_class", out.node_class);
  in.block("drain_on_shutdown", [&](BodyReader& block) {
    auto& drain = out.drain_on_shutdown.emplace();
    block.attribute("deadline", drain.deadline);
    block.attribute("force", drain.force);
    block.attribute("ignore_system_jobs", drain.ignore_system_jobs);
  });
  in.attribute("rpc_key", out.rpc_key);
  in.map("options", out.options);
  in.map("meta", out.meta);
  in.map("chroot_env", out.chroot_env);
  in.attribute("no_host_uuid", out.no_host_uuid);
  in.attribute("disable_remote_exec", out.disable_remote_exec);
  in.block("template", [&](BodyReader& block) {
    block.attribute("function_denylist", out.templates.function_denylist);
    block.attribute("function_blacklist", out.templates.function_denylist);
    block.attribute("disable_file_sandbox", out.templates.disable_file_sandbox);
  });
  in.block("server_join", [&](BodyReader& block) { read_join(block, out.join); });
  in.ignore("stats");
  read_limits_of_node(in, out);
  read_host(in, out);
}

}  // namespace agent::config
