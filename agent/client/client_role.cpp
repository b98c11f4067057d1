// SPDX-License-Identifier: MPL-2.0
#include "agent/client/client_role.h"

#include <set>
#include <utility>

#include "agent/client/drivers/exec.h"
#include "agent/client/drivers/mock.h"
#include "agent/client/drivers/raw_exec.h"
#include "agent/client/fingerprint.h"
#include "agent/client/fingerprint_consul.h"
#include "agent/client/orphans.h"
#include "agent/client/record_store.h"
#include "agent/config_keys.h"
#include "core/base/integer.h"
#include "core/base/version.h"
#include "core/server/methods.h"
#include "net/secure/keys.h"

namespace agent::client {
namespace {

bool option(const config::Config& config, const char* key) {
  const auto it = config.client.options.find(key);
  return it != config.client.options.end() && (it->second == "1" || it->second == "true");
}

core::client::Config rules_of(const config::Client& client) {
  core::client::Config rules;
  if (client.max_kill_timeout > core::Duration::zero()) rules.allocs.max_kill_timeout = client.max_kill_timeout;
  auto& collection = rules.collection;
  if (client.gc_interval > core::Duration::zero()) collection.interval = client.gc_interval;
  if (client.gc_max_allocs > 0) collection.allocs_max = static_cast<std::size_t>(client.gc_max_allocs);
  if (client.gc_disk_usage_threshold > 0) collection.disk_used_percent = client.gc_disk_usage_threshold;
  if (client.gc_inode_usage_threshold > 0) collection.inodes_used_percent = client.gc_inode_usage_threshold;
  if (client.gc_parallel_destroys > 0) collection.parallel = static_cast<std::size_t>(client.gc_parallel_destroys);
  return rules;
}

// A dev agent is its own server.
std::vector<std::string> configured_servers(const config::Config& config) {
  auto servers = config.client.servers;
  servers.insert(servers.end(), config.client.join.retry_join.begin(), config.client.join.retry_join.end());
  if (config.server.enabled && servers.empty())
    servers.push_back((config.addresses.rpc.empty() ? config.bind_addr : config.addresses.rpc) + ":" + std::to_string(config.ports.rpc));
  return servers;
}

// Who this node is: as configured, as remembered, or new.
core::Result<store::client_state::Identity> identity(const config::Config& config, store::client_state::ClientDb& db, core::Rng& rng) {
  TRY(auto known, db.identity());
  if (known && (config.client.node_id.empty() || config.client.node_id == known->node_id)) return *known;
  store::client_state::Identity fresh{.node_id = config.client.node_id.empty() ? core::make_uuid(rng) : config.client.node_id,
                                      .secret = net::secure::random_uuid()};
  TRY(db.put_identity(fresh));
  return fresh;
}

}  // namespace

ClientRole::~ClientRole() = default;

std::vector<std::unique_ptr<Driver>> ClientRole::make_drivers(const config::Config& config) {
  std::vector<std::unique_ptr<Driver>> drivers;
  drivers.push_back(std::make_unique<RawExec>(loop_, *launcher_, RawExec::Options{.enabled = option(config, "driver.raw_exec.enable"),
                                                                                 .no_cgroups = option(config, "driver.raw_exec.no_cgroups")}));
  Exec::Options exec;
  exec.chroot_env = config.client.chroot_env;
  drivers.push_back(std::make_unique<Exec>(loop_, *launcher_, std::move(exec)));
  drivers.push_back(std::make_unique<Mock>(loop_, Mock::Options{.enabled = option(config, "driver.mock_driver.enable")}));
  return drivers;
}

core::Result<core::model::Node> ClientRole::make_node(const config::Config& config, const std::vector<std::unique_ptr<Driver>>& drivers,
                                                      store::client_state::ClientDb& db, core::Rng& rng) {
  TRY(const auto who, identity(config, db, rng));
  const auto http = (config.addresses.http.empty() ? config.bind_addr : config.addresses.http) + ":" + std::to_string(config.ports.http);
  const auto& client = config.client;
  FingerprintOptions options;
  options.alloc_dir = client.alloc_dir;
  options.network_interface = client.network_interface;
  options.network_speed = client.network_speed;
  options.cpu_total_compute = client.cpu_total_compute;
  options.memory_total_mb = client.memory_total_mb;
  options.version = core::kVersion;
  options.advertise_address = config.advertise.http.empty() ? http : config.advertise.http;
  auto found = fingerprint_machine(options);
  std::vector<Driver*> borrowed;
  for (const auto& driver : drivers) borrowed.push_back(driver.get());
  fingerprint_drivers(borrowed, loop_.wall(), found);
  core::model::Node node;
  node.id = core::NodeId{who.node_id};
  node.secret_id = who.secret;
  node.http_addr = options.advertise_address;
  node.attributes = core::model::StringMap(found.attributes);
  node.resources = std::move(found.resources);
  node.drivers = std::move(found.drivers);
  node.reserved.cpu = client.reserved.cpu;
  node.reserved.memory_mb = client.reserved.memory_mb;
  node.reserved.disk_mb = client.reserved.disk_mb;
  node.meta = core::model::StringMap(client.meta);
  node.datacenter = config.datacenter;
  node.name = config.node_name;
  node.node_class = client.node_class;
  node.status = core::model::NodeStatus::ready;
  return node;
}

core::Result<std::unique_ptr<ClientRole>> ClientRole::start(net::uv::Loop& loop, const config::Config& config, Lent lent,
                                                            std::function<void(const core::Error&)> on_failed,
                                                            core::Logger logger) {
  auto log = logger.named("client");
  std::unique_ptr<ClientRole> role(new ClientRole(loop, config, log));
  core::Rng rng(net::secure::random_seed());
  TRY(auto db, store::client_state::ClientDb::open(role->env_, config.client.state_dir));
  if (db.set_aside()) LOG(log, warn, "client state was damaged and is set aside", {"what", *db.set_aside()});
  LOG(log, info, "using state directory", {"state_dir", config.client.state_dir});
  LOG(log, info, "using alloc directory", {"alloc_dir", config.client.alloc_dir});
  TRY(role->env_.make_directories(config.client.alloc_dir));  // what its file system has to offer is asked below
  TRY(auto restored, restore_records(db, log));
  std::set<core::AllocId> known;
  for (const auto& alloc : restored.allocs) known.insert(alloc.alloc->id);
  end_orphans(config.client.state_dir + "/tasks", known, log);
  role->launcher_ = std::make_unique<Launcher>(loop, Launcher::Options{}, log);
  auto drivers = role->make_drivers(config);
  TRY(auto node, role->make_node(config, drivers, db, rng));
  role->node_id_ = node.id.text;
  auto* self = role.get();
  TRY(const auto own, config::client_credentials(config));
  if (own) role->credentials_ = std::make_shared<net::secure::Credentials>(*own);
  role->link_ = std::make_unique<ServerLink>(loop, config.region, own ? role->credentials_ : std::move(lent.own_server), rng.fork(),
                                             [self](core::client::Input input) {
                                               self->hear(input);
                                               self->driver_->tell(std::move(input));
                                             },
                                             log);
  role->configured_ = configured_servers(config);
  TRY(role->link_->set_servers(role->configured_));
  role->gateway_ = std::make_unique<RemoteGateway>(role->link_->pool(), [self] { return self->link_->servers(); });
  NodeDriver::Options options;
  options.region = config.region;
  options.node = std::move(node);
  options.seed = rng.next();
  options.alloc_root = config.client.alloc_dir;
  options.control_root = config.client.state_dir + "/tasks";
  options.client = rules_of(config.client);
  options.on_failed = std::move(on_failed);
  role->driver_ = std::make_unique<NodeDriver>(loop, std::move(options), std::move(db), std::move(restored),
                                               std::move(drivers), *role->link_, logger);
  role->make_gauges(config, lent.metrics);
  if (role->task_counters_) role->count_tasks();  // from here on
  role->driver_->begin();
  return role;
}

void ClientRole::make_gauges(const config::Config& config, core::metrics::Registry& metrics) {
  const auto& node = driver_->node();
  gauges_ = std::make_unique<NodeGauges>(metrics, node);
  if (config.telemetry.publish_node_metrics)
    host_gauges_ = std::make_unique<HostGauges>(metrics, node_labels(node), driver_->slow_worker(), config.client.alloc_dir);
  const auto mhz = node.attributes.find("cpu.frequency").value_or("0");
  if (!config.telemetry.publish_allocation_metrics) return;
  task_gauges_ = std::make_unique<TaskGauges>(metrics, node_labels(node), core::parse_integer<std::uint32_t>(mhz).value_or(0));
  task_counters_ = std::make_unique<TaskCounters>(metrics, node_labels(node));
}

void ClientRole::set_gauges() {
  gauges_->set(driver_->node(), driver_->runners());
  if (host_gauges_) host_gauges_->set();
  if (task_gauges_) set_task_gauges();
  if (task_counters_) count_tasks();
}

void ClientRole::set_task_gauges() {
  task_gauges_->begin();
  for (const auto& [id, runner] : driver_->runners())
    for (const auto& [task, use] : driver_->use(id)) task_gauges_->set(*runner.alloc(), task, use, loop_.now());
  task_gauges_->end();
}

void ClientRole::count_tasks() {
  task_counters_->begin();
  for (const auto& [id, runner] : driver_->runners())
    runner.each_task([&](const std::string& task, const core::model::TaskState& state) { task_counters_->set(*runner.alloc(), task, state); });
  task_counters_->end();
}

void ClientRole::pass_on(const net::http::Request& request, const net::http::Responder& responder, net::relay::Hooks hooks) {
  auto servers = link_->servers();
  if (servers.empty()) return hooks.on_failed({core::Errc::unavailable, "no servers"});
  net::relay::ask(link_->pool(), core::server::kHttpRequest, std::move(servers), request, responder, std::move(hooks));
}

std::vector<std::string> ClientRole::servers() const {
  std::vector<std::string> out;
  for (const auto& server : link_->servers()) out.push_back(net::uv::to_string(server));
  return out;
}

core::Status ClientRole::set_servers(std::vector<std::string> servers) {
  return link_->set_servers(servers);
}

void ClientRole::hear(const core::client::Input& input) {
  namespace cc = core::client;
  if (std::holds_alternative<cc::Registered>(input) || std::holds_alternative<cc::HeartbeatAnswered>(input)) unanswered_ = false;
  if (std::holds_alternative<cc::RegisterFailed>(input) || std::holds_alternative<cc::HeartbeatFailed>(input)) unanswered_ = true;
}

void ClientRole::servers_found(const std::vector<std::string>& servers) {
  const auto known = link_->servers().size();
  const auto found = link_->found(servers);
  if (!found.ok()) LOG(log_, debug, "what was found is no server", {"error", found.error()});
  else if (link_->servers().size() > known) LOG(log_, info, "servers were found", {"servers", link_->servers().size()});
}

void ClientRole::consul_is(const std::optional<discovery::ConsulSelf>& consul) {
  driver_->change_node([&](core::model::Node& node) { return fingerprint_consul(consul, node); });
}

std::map<std::string, std::string> ClientRole::stats() const {
  std::string known;
  for (const auto& server : servers()) known += (known.empty() ? "" : ",") + server;
  const auto heard = driver_->heard_at();
  return {{"node_id", node_id_},
          {"known_servers", known},
          {"num_allocations", std::to_string(driver_->allocations())},
          {"last_heartbeat", heard ? core::format_duration(std::chrono::round<std::chrono::milliseconds>(loop_.now() - *heard)) : "never"},
          {"heartbeat_ttl", core::format_duration(driver_->heartbeat_ttl())}};
}

void ClientRole::destroy_all(std::function<void()> done) { driver_->destroy_all(std::move(done)); }

void ClientRole::reload(const config::Config& fresh) {
  reload_servers(fresh);
  reload_key(fresh);
}

void ClientRole::reload_servers(const config::Config& fresh) {
  auto servers = configured_servers(fresh);
  if (servers == configured_) return;
  const auto set = link_->set_servers(servers);
  if (!set.ok()) {
    LOG(log_, error, "the servers stay as they were", {"error", set.error()});
    return;
  }
  configured_ = std::move(servers);
  LOG(log_, info, "other servers are configured", {"servers", configured_.size()});
}

void ClientRole::reload_key(const config::Config& fresh) {
  const auto own = config::client_credentials(fresh);
  if (!own.ok()) {
    LOG(log_, error, "the key stays as it was", {"error", own.error()});
    return;
  }
  if (own->has_value() != (credentials_ != nullptr)) {
    LOG(log_, warn, "whether this client has a key of its own stays as it is until a restart", {"key", credentials_ != nullptr});
    return;
  }
  if (!*own || *credentials_ == **own) return;
  *credentials_ = **own;
  LOG(log_, info, "another key is configured");
}

void ClientRole::leave(net::uv::Done<core::Unit> done) {
  leaving_ = std::make_unique<Leaving>(loop_, *gateway_, *link_, core::NodeId{node_id_}, drain_, std::move(done), log_);
}

}  // namespace agent::client
