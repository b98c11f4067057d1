// SPDX-License-Identifier: MPL-2.0
// Settings for what stands beside the agent: telemetry sinks, Consul, Vault, TLS, plugins, and the
// blocks of enterprise releases, which are read so that configurations load.
#pragma once

#include "agent/config_values.h"

namespace agent::config {

struct Telemetry {
  std::string statsite_address, statsd_address, datadog_address;
  Texts datadog_tags, prefix_filter;
  bool prometheus_metrics = false, disable_hostname = false, use_node_name = false;
  core::Duration collection_interval{};
  bool publish_allocation_metrics = false, publish_node_metrics = false;
  Switch filter_default;
  bool disable_dispatched_job_summary_metrics = false;
  TextMap circonus;  // circonus_* keys; the token is not kept
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("StatsiteAddr", self.statsite_address);
    visit("StatsdAddr", self.statsd_address);
    visit("DataDogAddr", self.datadog_address);
    visit("DataDogTags", self.datadog_tags);
    visit("PrometheusMetrics", self.prometheus_metrics);
    visit("DisableHostname", self.disable_hostname);
    visit("UseNodeName", self.use_node_name);
    visit("CollectionInterval", self.collection_interval);
    visit("PublishAllocationMetrics", self.publish_allocation_metrics);
    visit("PublishNodeMetrics", self.publish_node_metrics);
    visit("FilterDefault", self.filter_default);
    visit("PrefixFilter", self.prefix_filter);
    visit("DisableDispatchedJobSummaryMetrics", self.disable_dispatched_job_summary_metrics);
    visit("Circonus", self.circonus);
  }
};

struct Acl {
  bool enabled = false;
  core::Duration token_ttl{}, policy_ttl{};
  Secret replication_token;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Enabled", self.enabled);
    visit("TokenTTL", self.token_ttl);
    visit("PolicyTTL", self.policy_ttl);
    visit("ReplicationToken", self.replication_token);
  }
};

struct Tls {
  bool http = false, rpc = false, verify_server_hostname = false, verify_https_client = false,
       rpc_upgrade_mode = false;
  bool prefer_server_cipher_suites = false;
  std::string ca_file, cert_file, key_file, cipher_suites, min_version;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("EnableHTTP", self.http);
    visit("EnableRPC", self.rpc);
    visit("VerifyServerHostname", self.verify_server_hostname);
    visit("VerifyHTTPSClient", self.verify_https_client);
    visit("RPCUpgradeMode", self.rpc_upgrade_mode);
    visit("CAFile", self.ca_file);
    visit("CertFile", self.cert_file);
    visit("KeyFile", self.key_file);
    visit("TLSCipherSuites", self.cipher_suites);
    visit("TLSMinVersion", self.min_version);
    visit("TLSPreferServerCipherSuites", self.prefer_server_cipher_suites);
  }
};

struct Consul {
  std::string address, grpc_address, server_service_name, client_service_name;
  std::string server_http_check_name, server_serf_check_name, server_rpc_check_name, client_http_check_name;
  Switch auto_advertise, server_auto_join, client_auto_join, allow_unauthenticated, share_ssl, verify_ssl;
  bool checks_use_advertise = false, ssl = false;
  core::Duration timeout{};
  Secret token, auth;
  std::string ca_file, cert_file, key_file, ns;
  Texts tags;
  bool configured = false;  // some source of settings says where it is; not a setting itself
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Addr", self.address);
    visit("GRPCAddr", self.grpc_address);
    visit("ServerServiceName", self.server_service_name);
    visit("ClientServiceName", self.client_service_name);
    visit("ServerHTTPCheckName", self.server_http_check_name);
    visit("ServerSerfCheckName", self.server_serf_check_name);
    visit("ServerRPCCheckName", self.server_rpc_check_name);
    visit("ClientHTTPCheckName", self.client_http_check_name);
    visit("AutoAdvertise", self.auto_advertise);
    visit("ServerAutoJoin", self.server_auto_join);
    visit("ClientAutoJoin", self.client_auto_join);
    visit("AllowUnauthenticated", self.allow_unauthenticated);
    visit("ShareSSL", self.share_ssl);
    visit("VerifySSL", self.verify_ssl);
    visit("ChecksUseAdvertise", self.checks_use_advertise);
    visit("EnableSSL", self.ssl);
    visit("Timeout", self.timeout);
    visit("Token", self.token);
    visit("Auth", self.auth);
    visit("CAFile", self.ca_file);
    visit("CertFile", self.cert_file);
    visit("KeyFile", self.key_file);
    visit("Namespace", self.ns);
    visit("Tags", self.tags);
  }
};

struct Vault {
  Switch enabled, allow_unauthenticated;
  std::string address, create_from_role, ns, ca_file, ca_path, cert_file, key_file, tls_server_name;
  Switch tls_skip_verify;
  core::Duration task_token_ttl{};
  Secret token;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Enabled", self.enabled);
    visit("Addr", self.address);
    visit("Token", self.token);
    visit("Role", self.create_from_role);
    visit("TaskTokenTTL", self.task_token_ttl);
    visit("AllowUnauthenticated", self.allow_unauthenticated);
    visit("Namespace", self.ns);
    visit("TLSCaFile", self.ca_file);
    visit("TLSCaPath", self.ca_path);
    visit("TLSCertFile", self.cert_file);
    visit("TLSKeyFile", self.key_file);
    visit("TLSServerName", self.tls_server_name);
    visit("TLSSkipVerify", self.tls_skip_verify);
  }
};

struct Autopilot {  // for a cluster that is created, not later
  Switch cleanup_dead_servers, enable_redundancy_zones, disable_upgrade_migration, enable_custom_upgrades;
  core::Duration last_contact_threshold{}, server_stabilization_time{};
  std::int64_t max_trailing_logs = 0, min_quorum = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("CleanupDeadServers", self.cleanup_dead_servers);
    visit("LastContactThreshold", self.last_contact_threshold);
    visit("MaxTrailingLogs", self.max_trailing_logs);
    visit("MinQuorum", self.min_quorum);
    visit("ServerStabilizationTime", self.server_stabilization_time);
    visit("EnableRedundancyZones", self.enable_redundancy_zones);
    visit("DisableUpgradeMigration", self.disable_upgrade_migration);
    visit("EnableCustomUpgrades", self.enable_custom_upgrades);
  }
};

struct Limits {  // 0 switches a limit off
  std::optional<core::Duration> https_handshake_timeout, rpc_handshake_timeout, http_request_timeout;
  std::optional<std::int64_t> http_max_conns_per_client, rpc_max_conns_per_client;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("HTTPSHandshakeTimeout", self.https_handshake_timeout);
    visit("HTTPMaxConnsPerClient", self.http_max_conns_per_client);
    visit("HTTPRequestTimeout", self.http_request_timeout);
    visit("RPCHandshakeTimeout", self.rpc_handshake_timeout);
    visit("RPCMaxConnsPerClient", self.rpc_max_conns_per_client);
  }
};

// A timeout of `limits`; one that is switched off is longer than any connection lives.
inline core::Duration limit_of(const std::optional<core::Duration>& timeout) {
  return timeout && timeout->count() > 0 ? *timeout : core::Duration(std::chrono::hours(24 * 365));
}

struct Plugin {
  static constexpr bool kMergedByName = true;
  std::string name;
  Texts args;
  core::json::Raw config;  // the driver's own
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("Args", self.args);
    visit("Config", self.config);
  }
};

struct Atlas {  // of v0.1: a rendezvous that servers find each other by
  std::string infrastructure, endpoint;
  bool join = false;
  Secret token;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Infrastructure", self.infrastructure);
    visit("Join", self.join);
    visit("Endpoint", self.endpoint);
    visit("Token", self.token);
  }
};

struct AtlasRendezvous {  // our own: the rendezvous that this agent offers
  Switch enabled;
  Secret token;  // empty: that of `atlas`
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Enabled", self.enabled);
    visit("Token", self.token);
  }
};

}  // namespace agent::config
