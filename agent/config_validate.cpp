// SPDX-License-Identifier: MPL-2.0
// What a configuration may not say. Texts are those scripts and people know from Nomad.
#include <algorithm>

#include "agent/config.h"
#include "agent/config_atlas.h"
#include "core/base/log.h"
#include "net/http/client.h"
#include "net/secure/keys.h"

namespace agent::config {

using core::Status;
using core::Unit;

namespace {

core::Error broken(std::string text) { return core::Error{core::Errc::invalid, std::move(text)}; }

Status check_modes(const Config& c) {
  if (c.dev_mode) return Unit{};
  if (!c.server.enabled && !c.client.enabled)
    return broken("Must specify either server, client or dev mode for the agent.");
  if (c.server.enabled && c.data_dir.empty()) return broken("Must specify data directory");
  if (c.client.enabled && c.data_dir.empty() && (c.client.state_dir.empty() || c.client.alloc_dir.empty()))
    return broken("Must specify both the state and alloc dir if data-dir is omitted.");
  if (c.server.bootstrap_expect > 0 && !c.server.enabled)
    return broken("Bootstrap requires server mode to be enabled");
  return Unit{};
}

Status check_names(const Config& c) {
  if (c.region.find('\0') != c.region.npos) return broken("Region contains a null character");
  if (c.datacenter.find('\0') != c.datacenter.npos) return broken("Datacenter contains a null character");
  if (c.compat != "auto" && c.compat != "off" && c.compat != "v0.1.2")
    return broken("compat must be one of \"auto\", \"off\" and \"v0.1.2\", not \"" + c.compat + "\"");
  if (core::parse_level(c.log_level).ok()) return Unit{};
  std::string upper = c.log_level;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char letter) { return std::toupper(letter); });
  return broken("Invalid log level: " + upper + ". Valid log levels are: [TRACE DEBUG INFO WARN ERR]");
}

Status check_range(std::string_view name, double value, double low, double high) {
  if (value >= low && value <= high) return Unit{};
  const auto number = [](double n) { return core::jobspec::format_number(n); };
  return broken(std::string(name) + " cannot be " + number(value) + ". Must be between " + number(low) +
                " and " + number(high));
}

Status check_at_least(std::string_view name, core::Duration value, core::Duration least) {
  if (value >= least) return Unit{};
  return broken(std::string(name) + " must be at least " + core::format_duration(least) + ", not " +
                core::format_duration(value));
}

Status check_addresses(const Config& c) {
  for (const auto& [name, port] :
       {std::pair{"ports.http", c.ports.http}, {"ports.rpc", c.ports.rpc}, {"ports.serf", c.ports.serf}})
    TRY(check_range(name, static_cast<double>(port), 1, 65535));
  if (c.ports.http == c.ports.rpc && c.server.enabled) return broken("ports.http and ports.rpc must differ");
  for (const auto& text : {c.bind_addr, c.addresses.http, c.addresses.rpc, c.addresses.serf, c.advertise.http,
                           c.advertise.rpc, c.advertise.serf})
    if (text.find("{{") != text.npos) return broken("address templates are not supported: " + text);
  return Unit{};
}

bool given(const ServerJoin& join) { return !join.retry_join.empty() || !join.start_join.empty(); }

Status check_join(const Server& server) {
  const auto conflict = [](std::string_view key) {
    return broken("server_join and " + std::string(key) +
                  " cannot both be defined; prefer setting the server_join stanza");
  };
  if (given(server.join)) {
    if (!server.old_join.start_join.empty()) return conflict("start_join");
    if (!server.old_join.retry_join.empty()) return conflict("retry_join");
    if (server.old_join.retry_max != 0) return conflict("retry_max");
    if (server.old_join.retry_interval.count() != 0) return conflict("retry_interval");
  }
  if (!server.join.retry_join.empty() && !server.join.start_join.empty())
    return broken("retry_join and start_join cannot both be defined");
  return Unit{};
}

Status check_key(const Secret& key) {
  if (key.empty()) return Unit{};
  const auto parsed = net::secure::parse_key(key.text);
  return parsed.ok() ? Status(Unit{}) : core::within("Invalid encryption key", parsed.error());
}

// Enough for a change of keys. Each costs an attempt when a stranger calls.
constexpr std::size_t kRpcKeysMax = 8;

Status check_server(const Server& s) {
  if (s.protocol_version < 1)
    return broken("Protocol version '" + std::to_string(s.protocol_version) +
                  "' too low. Must be in range: [1, 1]");
  if (s.protocol_version > 1)
    return broken("Protocol version '" + std::to_string(s.protocol_version) +
                  "' too high. Must be in range: [1, 1]");
  TRY(check_range("raft_multiplier", static_cast<double>(s.raft_multiplier), 1, 10));
  if (s.bootstrap_expect < 0) return broken("bootstrap_expect must not be negative");
  if (s.num_schedulers.value_or(0) < 0) return broken("num_schedulers must not be negative");
  if (s.event_buffer_size.value_or(0) < 0)
    return broken("Invalid Config, event_buffer_size must be non-negative");
  if (s.job_gc_interval.count() <= 0) return broken("job_gc_interval should be greater than 0s");
  TRY(check_at_least("min_heartbeat_ttl", s.min_heartbeat_ttl, std::chrono::seconds(1)));
  TRY(check_at_least("heartbeat_grace", s.heartbeat_grace, core::Duration(0)));
  TRY(check_at_least("log_retention", s.log_retention, core::Duration(0)));
  if (s.max_heartbeats_per_second <= 0) return broken("max_heartbeats_per_second must be positive");
  if (s.trailing_logs < 0 || s.snapshot_every < 1)
    return broken("trailing_logs must not be negative, snapshot_every must be positive");
  for (const auto& [name, value] : {std::pair{"node_gc_threshold", s.node_gc_threshold},
                                    {"job_gc_threshold", s.job_gc_threshold},
                                    {"eval_gc_threshold", s.eval_gc_threshold}})
    TRY(check_at_least(name, value, core::Duration(0)));
  const auto& algorithm = s.default_scheduler_config.algorithm;
  if (algorithm != "binpack" && algorithm != "spread")
    return broken("scheduler_algorithm must be \"binpack\" or \"spread\", not \"" + algorithm + "\"");
  if (s.gossip_profile != "lan" && s.gossip_profile != "wan") return broken("gossip_profile must be \"lan\" or \"wan\", not \"" + s.gossip_profile + "\"");
  TRY(check_key(s.encrypt));
  for (const auto& key : s.rpc_key.texts) TRY(check_key({key}));
  if (s.rpc_key.texts.size() > kRpcKeysMax) return broken("rpc_key has more than " + std::to_string(kRpcKeysMax) + " keys");
  return check_join(s);
}

// A key becomes a part of ${meta.<key>}.
bool usable_key(std::string_view key) {
  return !key.empty() && key.front() != '.' && key.back() != '.' && key.find("..") == key.npos &&
         key.find_first_of(" ${}\"\t\n") == key.npos;
}

Status check_client(const Client& c) {
  if (!c.join.start_join.empty()) return broken("start_join is not supported for Nomad clients");
  for (const auto& [key, value] : c.meta)
    if (!usable_key(key)) return broken("Invalid Client.Meta key: " + key);
  TRY(check_key(c.rpc_key));
  if (c.drain_on_shutdown && c.drain_on_shutdown->deadline.count() < 0)
    return broken("client.drain_on_shutdown.deadline must not be negative");
  TRY(check_range("client.client_min_port", static_cast<double>(c.client_min_port), 1, 65535));
  TRY(check_range("client.client_max_port", static_cast<double>(c.client_max_port),
                  static_cast<double>(c.client_min_port), 65535));
  TRY(check_range("client.gc_disk_usage_threshold", c.gc_disk_usage_threshold, 0, 100));
  TRY(check_range("client.gc_inode_usage_threshold", c.gc_inode_usage_threshold, 0, 100));
  for (const auto& [name, value] : {std::pair{"network_speed", c.network_speed},
                                    {"cpu_total_compute", c.cpu_total_compute},
                                    {"memory_total_mb", c.memory_total_mb},
                                    {"reserved.cpu", c.reserved.cpu},
                                    {"reserved.memory", c.reserved.memory_mb},
                                    {"reserved.disk", c.reserved.disk_mb}})
    if (value < 0) return broken("client." + std::string(name) + " must not be negative");
  return Unit{};
}

Status check_telemetry(const Telemetry& t) {
  for (const auto& rule : t.prefix_filter) {
    if (rule.empty()) return broken("Cannot have empty filter rule in prefix_filter");
    if (rule[0] != '+' && rule[0] != '-')
      return broken("Filter rule must begin with either '+' or '-': \"" + rule + "\"");
  }
  return Unit{};
}

Status check_consul(const Consul& c) {
  TRY(check_at_least("consul.timeout", c.timeout, std::chrono::milliseconds(1)));
  const auto where = net::http::parse_url(c.address, 8500);
  if (!where.ok() && where.error().code != core::Errc::unsupported) return core::within("consul.address", where.error());
  return Unit{};
}

Status check_limits(const Limits& l) {
  if (l.https_handshake_timeout.value_or(core::Duration(0)).count() < 0)
    return broken("https_handshake_timeout must be >= 0");
  if (l.rpc_handshake_timeout.value_or(core::Duration(0)).count() < 0)
    return broken("rpc_handshake_timeout must be >= 0");
  if (l.http_request_timeout.value_or(core::Duration(0)).count() < 0) return broken("http_request_timeout must be >= 0");
  if (l.http_max_conns_per_client.value_or(0) < 0) return broken("http_max_conns_per_client must be >= 0");
  // Blocked queries of one server take connections of their own.
  const auto rpc = l.rpc_max_conns_per_client.value_or(0);
  if (rpc != 0 && rpc <= 25)
    return broken("rpc_max_conns_per_client must be > 25; found: " + std::to_string(rpc));
  return Unit{};
}

Status check_autopilot(const Autopilot& a) {
  for (const auto& [name, value] : {std::pair{"last_contact_threshold", a.last_contact_threshold.count()},
                                    {"server_stabilization_time", a.server_stabilization_time.count()},
                                    {"max_trailing_logs", a.max_trailing_logs},
                                    {"min_quorum", a.min_quorum}})
    if (value < 0) return broken("autopilot." + std::string(name) + " must not be negative");
  return Unit{};
}

// Settings that promise protection are refused rather than accepted without it.
Status check_protection(const Config& c) {
  if (c.tls.http || c.tls.rpc)
    return broken(
        "tls is not supported by this release; server.encrypt and server.require_encryption protect traffic "
        "between agents");
  if (c.acl.enabled) return broken("acl is not supported by this release: every request would be allowed");
  return Unit{};
}

bool beyond_this_host(const std::string& ip) { return !ip.starts_with("127.") && ip != "::1" && ip != "localhost"; }

}  // namespace

Status validate(const Config& c) {
  TRY(check_modes(c));
  TRY(check_names(c));
  TRY(check_addresses(c));
  TRY(check_server(c.server));
  TRY(check_client(c.client));
  TRY(check_telemetry(c.telemetry));
  TRY(check_consul(c.consul));
  TRY(check_atlas(c));
  TRY(check_limits(c.limits));
  TRY(check_autopilot(c.autopilot));
  return check_protection(c);
}

std::optional<std::string> unprotected(const Config& c, bool keyring) {
  const auto bound = [&](const std::string& specific) { return beyond_this_host(specific.empty() ? c.bind_addr : specific); };
  if (c.server.enabled && c.server.encrypt.empty() && !keyring && (bound(c.addresses.rpc) || bound(c.addresses.serf)))
    return "no server.encrypt key is set: whoever reaches the RPC or gossip port can pose as a member of the cluster";
  if (c.client.enabled && !c.server.enabled && c.client.rpc_key.empty() && bound(c.addresses.http))
    return "no client.rpc_key is set: whoever is between this client and its servers can pose as either";
  return std::nullopt;
}

Texts without_effect(const Config& c) {
  Texts out;
  const auto note = [&](bool used, std::string_view what) {
    if (used) out.push_back(std::string(what) + " is read but has no effect in this release");
  };
  note(!c.atlas.infrastructure.empty() && !c.server.enabled, "atlas on an agent that is no server");
  if (c.consul.ssl || !net::http::parse_url(c.consul.address, 8500).ok())
    out.push_back("https and sockets towards Consul are not spoken by this release (consul.ssl, consul.address): Consul is not used");
  note(c.vault.enabled.value_or(false), "vault");
  note(!c.sentinel.text.empty(), "sentinel");
  note(!c.audit.text.empty(), "audit");
  note(!c.telemetry.circonus.empty(), "telemetry.circonus_*");
  note(!c.telemetry.datadog_address.empty(), "telemetry.datadog_address");
  note(c.telemetry.disable_dispatched_job_summary_metrics, "telemetry.disable_dispatched_job_summary_metrics");
  note(!c.server.redundancy_zone.empty() || !c.server.upgrade_version.empty() ||
           !c.server.license_path.empty() || c.server.non_voting_server,
       "server.{non_voting_server,redundancy_zone,upgrade_version,license_path}");
  note(c.autopilot.enable_redundancy_zones.value_or(false) || c.autopilot.enable_custom_upgrades.value_or(false) ||
           c.autopilot.disable_upgrade_migration.value_or(false),
       "autopilot.{enable_redundancy_zones,enable_custom_upgrades,disable_upgrade_migration}");
  note(!c.client.host_networks.empty(), "client.host_network");
  return out;
}

}  // namespace agent::config
