// SPDX-License-Identifier: MPL-2.0
#include "agent/config.h"

#include <algorithm>
#include <array>
#include <map>

#include "agent/config_ports.h"

namespace agent::config {

using namespace std::chrono_literals;

namespace {

void server_defaults(Server& server) {
  server.protocol_version = 1;
  server.raft_protocol = 3;
  server.raft_multiplier = 1;
  server.node_gc_threshold = 24h;
  server.job_gc_interval = 5min;
  server.job_gc_threshold = 4h;
  server.eval_gc_threshold = server.deployment_gc_threshold = server.csi_plugin_gc_threshold = 1h;
  server.csi_volume_claim_gc_threshold = 5min;
  server.heartbeat_grace = server.min_heartbeat_ttl = 10s;
  server.max_heartbeats_per_second = 2000;
  server.join.retry_interval = 30s;
  server.default_scheduler_config.algorithm = "binpack";
  server.default_scheduler_config.preempt_system = true;
  server.enable_event_broker = true;
  server.event_buffer_size = 100;
  server.search = {.fuzzy_enabled = true, .limit_query = 20, .limit_results = 100, .min_term_length = 2};
  server.cluster_name = "nomad";
  server.gossip_profile = "lan";
  server.require_encryption = false;
  server.trailing_logs = 10240;
  server.snapshot_every = 65536;
}

void client_defaults(Client& client) {
  client.network_speed = 100;
  client.max_kill_timeout = 30s;
  client.client_min_port = 14000;
  client.client_max_port = 14512;
  client.gc_interval = 1min;
  client.gc_parallel_destroys = 2;
  client.gc_disk_usage_threshold = 80;
  client.gc_inode_usage_threshold = 70;
  client.gc_max_allocs = 50;
  client.no_host_uuid = true;
  client.bind_wildcard_default_host_network = true;
  client.join.retry_interval = 30s;
  client.cni_path = "/opt/cni/bin";
  client.cni_config_dir = "/opt/cni/config";
  client.bridge_network_name = "nomad";
  client.bridge_network_subnet = "172.26.64.0/20";
  client.cgroup_parent = "/nomad";
}

void consul_defaults(Consul& consul) {
  consul.address = "127.0.0.1:8500";
  consul.grpc_address = "127.0.0.1:8502";
  consul.server_service_name = "nomad";
  consul.client_service_name = "nomad-client";
  consul.server_http_check_name = "Nomad Server HTTP Check";
  consul.server_serf_check_name = "Nomad Server Serf Check";
  consul.server_rpc_check_name = "Nomad Server RPC Check";
  consul.client_http_check_name = "Nomad Client HTTP Check";
  consul.auto_advertise = consul.server_auto_join = consul.client_auto_join = true;
  consul.allow_unauthenticated = consul.share_ssl = consul.verify_ssl = true;
  consul.timeout = 5s;
}

}  // namespace

Config defaults() {
  Config c;
  c.region = "global";
  c.datacenter = "dc1";
  c.bind_addr = "127.0.0.1";
  c.log_level = "INFO";
  c.log_rotate_duration = 24h;
  c.syslog_facility = "LOCAL0";
  c.ports = {.http = kHttpPort, .rpc = kRpcPort, .serf = kSerfPort};
  c.compat = "auto";
  server_defaults(c.server);
  client_defaults(c.client);
  consul_defaults(c.consul);
  c.acl.token_ttl = c.acl.policy_ttl = 30s;
  c.telemetry.collection_interval = 1s;
  c.telemetry.filter_default = true;
  c.vault.address = "https://vault.service.consul:8200";
  c.vault.allow_unauthenticated = true;
  c.vault.task_token_ttl = 72h;
  c.tls.min_version = "tls12";
  c.autopilot = {.cleanup_dead_servers = true,
                 .enable_redundancy_zones = false,
                 .disable_upgrade_migration = false,
                 .enable_custom_upgrades = false,
                 .last_contact_threshold = 200ms,
                 .server_stabilization_time = 10s,
                 .max_trailing_logs = 250};
  c.limits = {.https_handshake_timeout = 5s,
              .rpc_handshake_timeout = 5s,
              .http_request_timeout = 60s,
              .http_max_conns_per_client = 100,
              .rpc_max_conns_per_client = 100};
  return c;
}

Config dev_preset() {
  Config c = defaults();
  c.dev_mode = true;
  c.log_level = "DEBUG";
  c.enable_debug = true;
  c.disable_anonymous_signature = true;
  c.server.enabled = c.client.enabled = true;
  c.server.bootstrap_expect = 1;
  c.client.network_interface = "lo";
  c.client.options = {{"driver.raw_exec.enable", "true"}, {"driver.docker.volumes", "true"}};
  c.client.gc_interval = 10min;
  c.client.gc_disk_usage_threshold = c.client.gc_inode_usage_threshold = 99;
  c.telemetry.prometheus_metrics = true;
  c.telemetry.publish_allocation_metrics = c.telemetry.publish_node_metrics = true;
  return c;
}

void complete(Config& c) {
  const auto under_data = [&](std::string& path, std::string_view name) {
    if (path.empty() && !c.data_dir.empty()) path = c.data_dir + "/" + std::string(name);
  };
  under_data(c.plugin_dir, "plugins");
  under_data(c.server.data_dir, "server");
  under_data(c.client.state_dir, "client");
  under_data(c.client.alloc_dir, "alloc");
  if (c.client.templates.function_denylist.empty()) c.client.templates.function_denylist = {"plugin"};
  if (c.server.authoritative_region.empty()) c.server.authoritative_region = c.region;
}

ServerJoin joining(const Server& server) {
  auto out = server.join;
  const auto& old = server.old_join;
  out.start_join.insert(out.start_join.end(), old.start_join.begin(), old.start_join.end());
  out.retry_join.insert(out.retry_join.end(), old.retry_join.begin(), old.retry_join.end());
  if (old.retry_max != 0) out.retry_max = old.retry_max;
  if (old.retry_interval.count() != 0) out.retry_interval = old.retry_interval;
  return out;
}

std::string to_json(const Config& config) { return core::to_json(config); }

Texts needing_restart(const Config& running, Config fresh) {
  fresh.client.servers = running.client.servers;
  fresh.client.join = running.client.join;
  constexpr std::array<std::string_view, 5> kReloaded{"LogLevel", "LeaveOnInt", "LeaveOnTerm", "Files", "Version"};
  std::map<std::string, std::string> before;
  Config::fields(running, [&](std::string_view name, const auto& value) { before.emplace(name, core::to_json(value)); });
  Texts out;
  Config::fields(fresh, [&](std::string_view name, const auto& value) {
    if (std::find(kReloaded.begin(), kReloaded.end(), name) != kReloaded.end()) return;
    if (before.at(std::string(name)) != core::to_json(value)) out.emplace_back(name);
  });
  return out;
}

}  // namespace agent::config
