// SPDX-License-Identifier: MPL-2.0
#include "agent/server/server_role.h"

#include <utility>

#include "agent/config_keys.h"
#include "agent/server/gossip_options.h"
#include "agent/server/keyring_file.h"
#include "agent/server/rpc_options.h"
#include "agent/server/server_tags.h"
#include "core/base/limits.h"
#include "core/server/methods.h"
#include "net/secure/keys.h"
#include "net/uv/address.h"
#include "store/state/image.h"

namespace agent::server {
namespace {

using core::Errc;
using core::Error;

// Memory for log entries that followers may still need.
constexpr std::size_t kTailBytes = 16 * core::limits::kMiB;
constexpr unsigned kReaders = 1;
// A hand-over takes some round trips and a few syncs; one that takes longer will not succeed.
constexpr core::Duration kStopPatience = std::chrono::seconds(2);

// Who writes one after the other has the next ready within some 300 us.
constexpr core::Duration kNewsWait = std::chrono::milliseconds(1);

core::Duration heartbeat_interval(const config::Config& config) { return core::raft::Config{}.heartbeat_interval * config.server.raft_multiplier; }

core::server::Config server_config(const config::Config& config, const core::ServerId& id, bool cluster_created) {
  const auto& given = config.server;
  core::server::Config out;
  out.raft.self = id;
  out.raft.election_timeout *= given.raft_multiplier;
  out.raft.heartbeat_interval = heartbeat_interval(config);
  out.raft.news_wait = kNewsWait;
  out.region = config.region;
  out.workers = static_cast<std::uint32_t>(given.num_schedulers.value_or(2));
  out.min_heartbeat_ttl = given.min_heartbeat_ttl;
  out.max_heartbeats_per_second = given.max_heartbeats_per_second;
  out.heartbeat_grace = given.heartbeat_grace;
  out.eval_gc_threshold = given.eval_gc_threshold;
  out.job_gc_threshold = given.job_gc_threshold;
  out.node_gc_threshold = given.node_gc_threshold;
  out.gc_interval = given.job_gc_interval;
  out.snapshot_every = static_cast<std::uint64_t>(given.snapshot_every);
  out.cluster_created = cluster_created;
  return out;
}

// A region's history does not become another's by a change of the configuration.
core::Status check_region(const Restored& restored, const config::Config& config) {
  const auto& region = restored.machine->region();
  if (!region.empty() && region != config.region)
    return Error{Errc::invalid, config.server.data_dir + ": belongs to region \"" + region + "\", and this agent is configured for \"" + config.region + "\""};
  return core::ok_status();
}

void count(core::gossip::Change change, const Meters& meters) {
  using core::gossip::Change;
  if (change == Change::joined) meters.members_joined.add();
  if (change == Change::updated) meters.members_updated.add();
  if (change == Change::left) meters.members_left.add();
  if (change == Change::failed) meters.members_failed.add();
}

}  // namespace

ServerRole::ServerRole(net::uv::Loop& loop, core::metrics::Registry& metrics, core::Logger logger)
    : gauges_(metrics), loop_(loop), log_(std::move(logger)), patience_(loop, [this] { stopped(); }) {}
ServerRole::~ServerRole() = default;

void ServerRole::stop(std::function<void()> done) {
  on_stopped_ = std::move(done);
  patience_.arm(loop_.now() + kStopPatience);
  const auto drain = [this](const core::Status&) { forwarder_->when_idle([this] { stopped(); }); };
  if (driver_->leads() && !driver_->alone()) driver_->transfer(std::nullopt, drain);
  else drain(core::ok_status());
}

void ServerRole::stopped() {
  if (on_stopped_) std::exchange(on_stopped_, nullptr)();
}

core::Result<std::unique_ptr<ServerRole>> ServerRole::start(net::uv::Loop& loop, const config::Config& config,
                                                            core::metrics::Registry& metrics, Hooks hooks, core::Logger logger) {
  if (config.server.require_encryption.value_or(false) && config.server.encrypt.empty() && !has_keyring(config.server.data_dir))
    return Error{Errc::invalid, "server.require_encryption is set, and there is no key: nothing would be encrypted (see server.encrypt)"};
  std::unique_ptr<ServerRole> role(new ServerRole(loop, metrics, logger.named("server")));
  core::Rng rng(net::secure::random_seed());
  TRY(auto restored, restore(role->env_, config.server.data_dir, kTailBytes, rng, logger.named("server")));
  role->id_ = restored.id;
  role->region_ = config.region;
  TRY(check_region(restored, config));
  TRY(role->keys_, open_keyring(role->env_, config.server.data_dir, config.server.encrypt.text, logger.named("keyring")));
  TRY(const auto rpc_keys, config::rpc_keys(config, role->keys_));
  role->credentials_ = server_credentials(rpc_keys);
  role->follows_keyring_ = config.server.rpc_key.empty();
  const auto advertised = advertised_rpc(config);
  ServerDriver::Options options;
  options.server = server_config(config, restored.id, !restored.machine->cluster_id().empty());
  options.seed = rng.next();
  options.trailing_entries = static_cast<std::uint64_t>(config.server.trailing_logs);
  options.meters = Meters(metrics);
  if (restored.fresh && config.server.bootstrap_expect == 1)
    options.bootstrap.peers = {{.id = restored.id, .address = advertised, .voter = true}};
  auto* self = role.get();
  const auto state_path = restored.state_path;
  role->peers_ = std::make_unique<net::rpc::ClientPool>(loop, peer_options(config, role->credentials_), rng.fork());
  role->wire_ = std::make_unique<RaftWire>(
      loop, *role->peers_, restored.id, advertised,
      RaftWire::Hooks{.on_received = [self](core::raft::Received message) { self->driver_->receive(std::move(message)); },
                      .on_unreachable = [self](const core::ServerId& peer) { self->driver_->unreachable(peer); }},
      logger.named("raft"));
  role->driver_ = std::make_unique<ServerDriver>(
      loop, std::move(options), std::move(restored),
      ServerDriver::Hooks{.send = [self](const core::raft::Envelope& envelope) { self->wire_->send(envelope); },
                          .on_failed = hooks.on_failed,
                          .set_state_aside = [self, state_path] { return store::state::set_aside(self->env_, state_path); },
                          .on_leadership = [self] {
                            if (self->forwarder_) self->forwarder_->leader_changed();
                            if (self->departures_) self->departures_->look();
                            if (self->autopilot_) self->autopilot_->look();
                          },
                          .on_configuration = [self](const core::raft::Configuration& peers) {
                            self->wire_->use(peers);
                            if (self->listener_) self->listener_->servers_changed();
                            if (self->autopilot_) self->autopilot_->look();
                          },
                          .on_log_damaged = [self](const core::Error& error) { if (self->healer_) self->healer_->heal(error); }},
      logger);
  role->forwarder_ = std::make_unique<Forwarder>(loop, *role->driver_, *role->peers_, *role->wire_, rng.fork());
  role->formation_ = std::make_unique<Formation>(
      loop, *role->driver_, *role->peers_, *role->wire_,
      Formation::Options{.self = role->id_, .address = advertised, .expect = static_cast<std::uint64_t>(config.server.bootstrap_expect),
                         .peers = config.server.static_peers},
      logger.named("server"));
  TRY(role->queries_, Queries::open(loop, *role->driver_, rng.fork(), kReaders));
  role->job_gauges_ = std::make_unique<JobGauges>(loop, metrics, *role->queries_);
  role->service_ = std::make_unique<RpcService>(*role->driver_, *role->forwarder_, *role->queries_);
  role->archives_ = std::make_unique<Archives>(loop, role->env_, *role->driver_, *role->forwarder_, *role->queries_,
                                               Archives::Options{.directory = config.server.data_dir + "/archives", .region = config.region},
                                               rng.fork(), logger.named("server"));
  role->membership_ = std::make_unique<Membership>(*role->driver_, *role->peers_, *role->wire_, role->id_);
  role->lender_ = std::make_unique<Lender>(*role->driver_);
  role->healer_ = std::make_unique<Healer>(loop, role->env_, config.server.data_dir, *role->driver_, *role->peers_, *role->wire_, role->id_,
                                           logger.named("server"));
  role->gateway_ = std::make_unique<LocalGateway>(*role->driver_, *role->forwarder_, *role->queries_, *role->archives_, *role->membership_);
  TRY(role->listener_,
      RpcListener::listen(loop, rpc_address(config), listener_options(config, role->credentials_), *role->service_,
                          [self](net::rpc::Dispatcher& dispatcher) {
                            self->wire_->serve(dispatcher);
                            self->forwarder_->serve(dispatcher);
                            self->formation_->serve(dispatcher);
                            self->membership_->serve(dispatcher);
                            self->lender_->serve(dispatcher);
                            self->serve_passed(dispatcher);
                          },
                          logger.named("rpc")));
  TRY(role->start_gossip(config, advertised, rng.fork(), logger, std::move(hooks.on_failed)));
  return role;
}

core::Status ServerRole::start_gossip(const config::Config& config, const std::string& rpc, core::Rng rng, const core::Logger& logger,
                                      std::function<void(const core::Error&)> on_failed) {
  TRY(auto options, gossip_options(config, id_, rpc));
  options.keys = std::exchange(keys_, std::nullopt);
  auto started = GossipHost::start(loop_, env_, std::move(options), [this](const auto& events) { on_members(events); }, rng, logger.named("gossip"));
  if (!started.ok()) return core::within("failed to start gossip", std::move(started).error());
  gossip_ = std::move(*started);
  start_keyrings(config, logger.named("keyring"));
  regions_ = std::make_unique<Regions>(loop_, *gossip_, region_, neighbour_options(config, credentials_), rng.fork());
  departures_ = std::make_unique<Departures>(loop_, *driver_, *gossip_, logger.named("server"));
  autopilot_ = std::make_unique<Autopilot>(loop_, *driver_, *gossip_, autopilot_config(config, heartbeat_interval(config)), logger.named("autopilot"));
  const auto join = config::joining(config.server);
  joins_ = std::make_unique<Joins>(loop_, *gossip_,
                                   Joins::Options{.start_join = join.start_join, .retry_join = join.retry_join, .retry_max = join.retry_max, .retry_interval = join.retry_interval},
                                   std::move(on_failed), logger.named("gossip"));
  return core::ok_status();
}

void ServerRole::start_keyrings(const config::Config& config, const core::Logger& logger) {
  if (auto* keys = gossip_->keys()) {
    const auto on_changed = [this](const net::secure::Keyring& changed) {
      if (follows_keyring_) *credentials_ = net::secure::Credentials::of_server(changed);
    };
    own_keyring_ = std::make_unique<OwnKeyring>(loop_, env_, keyring_path(config.server.data_dir), *keys, on_changed, logger);
  }
  const auto servers = [this] {
    std::vector<Keyrings::Server> found;
    gossip_->members().for_each([&](const core::gossip::Member& member) {
      if (member.name == gossip_->self().name || (member.lives() && !member.leaving)) found.push_back({member.name, member.endpoint});
    });
    return found;
  };
  keyrings_ = std::make_unique<Keyrings>(
      loop_, own_keyring_.get(),
      Keyrings::Links{.self = gossip_->self().name,
                      .life = gossip_->session(),
                      .servers = servers,
                      .ask = [this](const auto& to, const core::Bytes& question, core::Duration timeout, auto done) {
                        gossip_->ask(to, question, timeout, std::move(done));
                      }},
      logger);
  gossip_->on_question([this](net::FrameAnswerer::Ticket ticket, core::ByteView question) {
    keyrings_->answer(question, lifetime_.guard([this, ticket](const core::Result<core::Bytes>& answer) {
      gossip_->answer(ticket, answer.ok() ? std::optional(*answer) : std::nullopt);
    }));
  });
}

void ServerRole::reload(const config::Config& fresh) {
  const auto* gossip = gossip_->keys();
  const auto keys = config::rpc_keys(fresh, gossip ? std::optional(*gossip) : std::nullopt);
  if (!keys.ok()) {
    LOG(log_, error, "the keys stay as they were", {"error", keys.error()});
    return;
  }
  if (keys->has_value() != (credentials_ != nullptr)) {
    LOG(log_, warn, "whether RPC is encrypted stays as it is until a restart", {"encrypted", credentials_ != nullptr});
    return;
  }
  follows_keyring_ = fresh.server.rpc_key.empty();
  if (!*keys) return;
  auto credentials = net::secure::Credentials::of_server(**keys);
  if (*credentials_ == credentials) return;
  *credentials_ = std::move(credentials);
  LOG(log_, info, "other keys of RPC are configured", {"keys", (*keys)->keys().size()});
}

void ServerRole::serve_passed(net::rpc::Dispatcher& dispatcher) {
  dispatcher.on_request(core::server::kHttpRequest, net::rpc::kClients | net::rpc::kNeighbours, [this](net::rpc::Inbound inbound) {
    if (on_passed_) return on_passed_(std::move(inbound));
    inbound.reply.fail({Errc::unavailable, "no requests are answered here yet"});
  });
}

// A hint, and no more: who belongs to the cluster is decided by what Raft commits.
void ServerRole::on_members(const std::vector<core::gossip::MemberEvent>& events) {
  using core::gossip::Change;
  for (const auto& event : events) {
    count(event.change, driver_->meters());
    if (regions_) regions_->heard(event);
    const auto server = server_in(event.member);
    if (!server || server->region != region_ || server->id == id_) continue;
    if (event.change == Change::joined || event.change == Change::updated) formation_->add(server->rpc_address());
    if (event.change == Change::left || event.change == Change::reaped) formation_->forget(server->rpc_address());
  }
  if (departures_) departures_->look();
}

void ServerRole::leave(std::function<void()> done) {
  const auto goodbye = [this, done = std::move(done)](const core::Result<core::Unit>&) { gossip_->leave(done); };
  const auto& configuration = driver_->configuration();
  if (!configuration.is_voter(id_) || configuration.voters() == 1) return goodbye(core::Unit{});
  membership_->remove({.which = {.id = id_, .address = {}}, .passed_on = false}, lifetime_.guard(goodbye));
}

std::map<std::string, std::map<std::string, std::string>> ServerRole::stats() const {
  const auto status = driver_->status();
  const auto text = [](auto number) { return std::to_string(number); };
  std::map<std::string, std::map<std::string, std::string>> out;
  auto& nomad = out["nomad"];
  nomad["server"] = "true";
  nomad["leader"] = leads() ? "true" : "false";
  nomad["bootstrap"] = status.configuration.peers.size() == 1 ? "true" : "false";
  nomad["known_regions"] = text(regions_->names().size());
  for (const auto& peer : status.configuration.peers)
    if (status.leader && peer.id == *status.leader) nomad["leader_addr"] = peer.address;
  auto& raft = out["raft"];
  raft["state"] = status.role == core::raft::Role::leader ? "Leader" : status.role == core::raft::Role::follower ? "Follower" : "Candidate";
  raft["term"] = text(status.term.value);
  raft["last_log_index"] = text(status.last.index.value);
  raft["last_log_term"] = text(status.last.term.value);
  raft["commit_index"] = text(status.commit.value);
  raft["applied_index"] = text(status.applied.value);
  raft["fsm_pending"] = text(status.commit.value - status.applied.value);
  raft["last_snapshot_index"] = text(status.snapshot.index.value);
  raft["last_snapshot_term"] = text(status.snapshot.term.value);
  raft["num_peers"] = text(status.peers.size());
  raft["last_contact"] = leads() ? "0" : "never";
  out["serf"] = gossip_->stats();
  return out;
}

void ServerRole::set_gauges() {
  gauges_.set(*driver_, loop_.now());
  job_gauges_->set(leads());
}

std::string ServerRole::raft_json() const {
  const auto status = driver_->status();
  std::map<core::ServerId, std::string> names;
  gossip_->members().for_each([&](const core::gossip::Member& member) {
    if (const auto server = server_in(member)) names.emplace(server->id, member.name);
  });
  core::json::Writer w;
  const auto text = [&](const char* key, std::string_view value) {
    w.key(key);
    w.string(value);
  };
  const auto flag = [&](const char* key, bool value) {
    w.key(key);
    w.boolean(value);
  };
  w.begin_object();
  w.key("Index");
  w.uint64(0);
  w.key("Servers");
  w.begin_array();
  for (const auto& peer : status.configuration.peers) {
    w.begin_object();
    text("ID", peer.id.text);
    const auto name = names.find(peer.id);
    text("Node", name != names.end() ? std::string_view(name->second) : std::string_view("(unknown)"));
    text("Address", peer.address);
    flag("Leader", status.leader == peer.id);
    flag("Voter", peer.voter);
    text("RaftProtocol", "3");
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return w.take();
}

}  // namespace agent::server
