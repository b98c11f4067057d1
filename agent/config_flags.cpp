// SPDX-License-Identifier: MPL-2.0
#include "agent/config_flags.h"

#include <algorithm>
#include <array>

#include "core/jobspec/reader.h"

namespace agent::config {

using core::Status;
using core::Unit;
using core::jobspec::Value;

namespace {

struct Given {
  std::string_view name;
  std::string_view value;
};

core::Error unusable(Given given, std::string_view why) {
  return core::Error{core::Errc::invalid, "invalid value \"" + std::string(given.value) + "\" for flag -" +
                                              std::string(given.name) + ": " + std::string(why)};
}

template <class T>
Status set(T& member, Given given) {
  const auto status = core::jobspec::assign(Value(std::string(given.value)), member);
  return status.ok() ? Status(Unit{}) : unusable(given, status.error().detail);
}
Status set(Secret& member, Given given) {
  member.text = given.value;
  return Unit{};
}
Status set(Texts& member, Given given) {
  member.emplace_back(given.value);
  return Unit{};
}
Status set(bool& member, Given given) {
  std::string lower(given.value);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool yes = lower == "true" || lower == "t" || lower == "1";
  if (!yes && lower != "false" && lower != "f" && lower != "0") return unusable(given, "parse error");
  member = yes;
  return Unit{};
}
Status set(Switch& member, Given given) { return set(member.emplace(), given); }

Status set_servers(Flags& f, Given given) {
  auto rest = given.value;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    if (comma > 0) f.layer.client.servers.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return Unit{};
}

Status set_meta(Flags& f, Given given) {
  const auto equals = given.value.find('=');
  if (equals == std::string_view::npos)
    return core::Error{core::Errc::invalid, "Error parsing Client.Meta value: " + std::string(given.value)};
  f.layer.client.meta.insert_or_assign(std::string(given.value.substr(0, equals)),
                                       std::string(given.value.substr(equals + 1)));
  return Unit{};
}

Status set_dev_connect(Flags& f, Given given) {
  TRY(set(f.layer.dev_connect, given));
  f.dev = f.dev || f.layer.dev_connect;
  return Unit{};
}

struct Flag {
  FlagSpec spec;
  Status (*set)(Flags& flags, Given given);
};

#define FLAG(name, kind, member, help)                                                       \
  Flag {                                                                                     \
    {name, FlagKind::kind, help}, [](Flags& f, Given given) { return set(f.member, given); } \
  }

constexpr Flag kFlags[] = {
    FLAG("dev", boolean, dev, "Run a server and a client in one, keeping nothing, for trying out."),
    {{"dev-connect", FlagKind::boolean, "As -dev, reachable on all interfaces."}, set_dev_connect},
    FLAG("config", repeated, config_paths, "A file or a directory to read settings from; may be repeated."),
    FLAG("bind", text, layer.bind_addr, "The address all services listen on."),
    FLAG("data-dir", text, layer.data_dir, "Where all state is kept."),
    FLAG("plugin-dir", text, layer.plugin_dir, "Where plugins are looked for."),
    FLAG("dc", text, layer.datacenter, "The datacenter of this agent."),
    FLAG("region", text, layer.region, "The region of this agent."),
    FLAG("node", text, layer.node_name, "The name of this agent; the host's name if not given."),
    FLAG("log-level", text, layer.log_level, "TRACE, DEBUG, INFO, WARN or ERR."),
    FLAG("log-json", boolean, layer.log_json, "Log in JSON."),
    // Server
    FLAG("server", boolean, layer.server.enabled, "Run as a server."),
    FLAG("bootstrap-expect", number, layer.server.bootstrap_expect,
         "How many servers to wait for before the first election."),
    FLAG("encrypt", text, layer.server.encrypt, "The cluster key that protects gossip."),
    FLAG("join", repeated, layer.server.old_join.start_join,
         "The address of a server to join at start; may be repeated."),
    FLAG("retry-join", repeated, layer.server.old_join.retry_join,
         "As -join, tried again until it succeeds."),
    FLAG("retry-max", number, layer.server.old_join.retry_max, "How often to try; 0 is for ever."),
    FLAG("retry-interval", text, layer.server.old_join.retry_interval, "The time between two tries."),
    FLAG("rejoin", boolean, layer.server.rejoin_after_leave, "Join again after having left."),
    FLAG("raft-protocol", number, layer.server.raft_protocol, "Accepted for older command lines."),
    // Client
    FLAG("client", boolean, layer.client.enabled, "Run as a client."),
    FLAG("state-dir", text, layer.client.state_dir, "Where a client keeps its state."),
    FLAG("alloc-dir", text, layer.client.alloc_dir, "Where a client keeps the files of allocations."),
    {{"servers", FlagKind::repeated, "Addresses of servers, separated by commas."}, set_servers},
    FLAG("node-id", text, layer.client.node_id, "The id of this node; a random one is kept if not given."),
    FLAG("node-class", text, layer.client.node_class, "A class that constraints can ask for."),
    {{"meta", FlagKind::repeated, "A key=value pair of the node; may be repeated."}, set_meta},
    FLAG("network-interface", text, layer.client.network_interface, "The interface tasks are reached on."),
    FLAG("network-speed", number, layer.client.network_speed,
         "Its speed in MBit/s where it cannot be found out."),
    // ACL
    FLAG("acl-enabled", boolean, layer.acl.enabled, "Enable access control."),
    FLAG("acl-replication-token", text, layer.acl.replication_token,
         "The token to copy policies from the authoritative region with."),
    // Consul
    FLAG("consul-address", text, layer.consul.address, "Consul's HTTP address."),
    FLAG("consul-auth", text, layer.consul.auth, "user:password for Consul."),
    FLAG("consul-auto-advertise", boolean, layer.consul.auto_advertise, "Advertise services in Consul."),
    FLAG("consul-allow-unauthenticated", boolean, layer.consul.allow_unauthenticated,
         "Accept jobs without a Consul token."),
    FLAG("consul-ca-file", text, layer.consul.ca_file, "Certificate authority of Consul."),
    FLAG("consul-cert-file", text, layer.consul.cert_file, "Certificate for Consul."),
    FLAG("consul-key-file", text, layer.consul.key_file, "Key of that certificate."),
    FLAG("consul-checks-use-advertise", boolean, layer.consul.checks_use_advertise,
         "Check advertised addresses."),
    FLAG("consul-client-auto-join", boolean, layer.consul.client_auto_join,
         "Clients find servers in Consul."),
    FLAG("consul-client-service-name", text, layer.consul.client_service_name,
         "The service clients are advertised as."),
    FLAG("consul-client-http-check-name", text, layer.consul.client_http_check_name,
         "The name of their check."),
    FLAG("consul-server-service-name", text, layer.consul.server_service_name,
         "The service servers are advertised as."),
    FLAG("consul-server-http-check-name", text, layer.consul.server_http_check_name,
         "The name of their HTTP check."),
    FLAG("consul-server-serf-check-name", text, layer.consul.server_serf_check_name,
         "The name of their gossip check."),
    FLAG("consul-server-rpc-check-name", text, layer.consul.server_rpc_check_name,
         "The name of their RPC check."),
    FLAG("consul-server-auto-join", boolean, layer.consul.server_auto_join,
         "Servers find each other in Consul."),
    FLAG("consul-ssl", boolean, layer.consul.ssl, "Speak HTTPS with Consul."),
    FLAG("consul-token", text, layer.consul.token, "The token for Consul."),
    FLAG("consul-verify-ssl", boolean, layer.consul.verify_ssl, "Verify Consul's certificate."),
    // Vault
    FLAG("vault-enabled", boolean, layer.vault.enabled, "Use Vault."),
    FLAG("vault-address", text, layer.vault.address, "Vault's address."),
    FLAG("vault-token", text, layer.vault.token, "The token for Vault."),
    FLAG("vault-namespace", text, layer.vault.ns, "The namespace in Vault."),
    FLAG("vault-create-from-role", text, layer.vault.create_from_role, "The role tokens are made from."),
    FLAG("vault-allow-unauthenticated", boolean, layer.vault.allow_unauthenticated,
         "Accept jobs without a Vault token."),
    FLAG("vault-ca-file", text, layer.vault.ca_file, "Certificate authority of Vault."),
    FLAG("vault-ca-path", text, layer.vault.ca_path, "Directory of authorities."),
    FLAG("vault-cert-file", text, layer.vault.cert_file, "Certificate for Vault."),
    FLAG("vault-key-file", text, layer.vault.key_file, "Key of that certificate."),
    FLAG("vault-tls-skip-verify", boolean, layer.vault.tls_skip_verify, "Do not verify Vault's certificate."),
    FLAG("vault-tls-server-name", text, layer.vault.tls_server_name,
         "The name Vault's certificate must have."),
    // Atlas
    FLAG("atlas", text, layer.atlas.infrastructure, "The infrastructure, <org>/<name>, that this server is of."),
    FLAG("atlas-join", boolean, layer.atlas.join, "Join the servers of that infrastructure."),
    FLAG("atlas-token", text, layer.atlas.token, "The token for the rendezvous of servers."),
    FLAG("atlas-endpoint", text, layer.atlas.endpoint, "Where that rendezvous is: an agent that offers one."),
};
#undef FLAG

constexpr auto kSpecs = [] {
  std::array<FlagSpec, std::size(kFlags)> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = kFlags[i].spec;
  return out;
}();

}  // namespace

std::span<const FlagSpec> flag_specs() { return kSpecs; }

Status set_flag(Flags& flags, std::string_view name, std::string_view value) {
  for (const auto& flag : kFlags)
    if (flag.spec.name == name) return flag.set(flags, {name, value});
  UNREACHABLE();
}

}  // namespace agent::config
