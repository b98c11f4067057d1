// SPDX-License-Identifier: MPL-2.0
#include "agent/server/formation.h"

#include <algorithm>
#include <utility>

#include "agent/config_ports.h"
#include "core/base/fields.h"
#include "core/server/methods.h"

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::Errc;
using core::Error;
using core::server::Greeting;
using core::server::JoinCluster;

constexpr core::Duration kFirstPause = 100ms, kLongestPause = 5s;
// Other changes of the servers come first.
constexpr core::Duration kJoinTimeout = 30s;

}  // namespace

Formation::Formation(net::uv::Loop& loop, ServerDriver& driver, net::rpc::ClientPool& pool, RaftWire& wire,
                     Options options, core::Logger logger)
    : loop_(loop), driver_(driver), pool_(pool), wire_(wire), options_(std::move(options)), log_(logger),
      pause_(kFirstPause), timer_(loop, [this] { round(); }) {
  if (!options_.peers.empty()) timer_.arm(loop_.now());
}

void Formation::add(const std::string& peer) {
  auto& peers = options_.peers;
  if (std::find(peers.begin(), peers.end(), peer) == peers.end()) peers.push_back(peer);
  if (settled()) return greet(peer);
  pause_ = kFirstPause;
  timer_.arm(loop_.now());
}

void Formation::forget(const std::string& peer) { std::erase(options_.peers, peer); }

void Formation::serve(net::rpc::Dispatcher& dispatcher) {
  dispatcher.on_request(core::server::kMethodOf<Greeting>, net::rpc::kServers,
                        lifetime_.guard([this](net::rpc::Inbound inbound) {
                          const auto asker = core::from_json<Greeting>(inbound.body);
                          if (asker.ok()) inbound.reply.ok(core::to_compact_json(answer_to(*asker)));
                          else inbound.reply.fail(asker.error());
                        }));
  dispatcher.on_request(core::server::kMethodOf<JoinCluster>, net::rpc::kServers, lifetime_.guard([this](net::rpc::Inbound inbound) {
    const auto who = core::from_json<JoinCluster>(inbound.body);
    if (who.ok()) take_in(*who, inbound.reply);
    else inbound.reply.fail(who.error());
  }));
}

bool Formation::in_configuration(const core::ServerId& id, const std::string& address) const {
  const auto* peer = driver_.configuration().find(id);
  return peer != nullptr && peer->address == address;
}

bool Formation::settled() const { return in_configuration(options_.self, options_.address) && !taken_out_; }

bool Formation::founded() const { return !driver_.configuration().peers.empty(); }

Greeting Formation::greeting() const {
  return {.id = options_.self, .address = options_.address, .expect = options_.expect, .founded = founded(), .knows_you = false};
}

Greeting Formation::answer_to(const Greeting& asker) const {
  auto answer = greeting();
  answer.knows_you = in_configuration(asker.id, asker.address);
  return answer;
}

void Formation::round() {
  if (settled()) return;
  lookups_.clear();
  for (const auto& peer : options_.peers) greet(peer);
  pause_ = std::min(pause_ * 2, kLongestPause);
  timer_.arm(loop_.now() + pause_);
}

void Formation::greet(const std::string& peer) {
  if (const auto numeric = net::uv::parse_address(peer); numeric.ok()) return greet(*numeric);
  const auto name = net::uv::parse_host_port(peer, config::kRpcPort);
  if (!name.ok()) return;  // configuration was checked
  lookups_.try_emplace(peer, loop_, *name, [this, peer](core::Result<std::vector<net::uv::Address>> found) {
    if (!found.ok()) LOG(log_, warn, "a server's name does not resolve", {"peer", peer}, {"error", found.error()});
    else for (const auto& address : *found) greet(address);
  });
}

void Formation::greet(const net::uv::Address& address) {
  pool_.request({address}, core::server::kMethodOf<Greeting>, core::to_compact_json(greeting()),
                {.timeout = kLongestPause, .repeatable = true}, lifetime_.guard([this, address](core::Result<core::Bytes> body) {
                  if (!body.ok()) return;  // it will be greeted again
                  const auto greeting = core::from_json<Greeting>(*body);
                  if (!greeting.ok()) LOG(log_, warn, "a server answers something else", {"peer", net::uv::to_string(address)}, {"error", greeting.error()});
                  else met(*greeting, address);
                }));
}

void Formation::met(const Greeting& greeting, const net::uv::Address& address) {
  if (greeting.id == options_.self) return;
  // Only a server that we take for a peer can say that we are none: others may be of another cluster.
  if (settled() && greeting.founded && !greeting.knows_you && driver_.configuration().find(greeting.id) != nullptr) {
    taken_out_ = true;
    timer_.arm(loop_.now() + pause_);
  }
  if (settled()) return;
  met_.insert_or_assign(greeting.id, greeting);
  if (greeting.founded) return ask_to_join(address);
  try_bootstrap();
}

// Only servers that are all new and expect the same number begin a cluster, and only exactly that many:
// with more of them, two halves could each begin one.
void Formation::try_bootstrap() {
  if (options_.expect < 2 || founded()) return;
  core::raft::Configuration configuration;
  configuration.put({.id = options_.self, .address = options_.address, .voter = true});
  for (const auto& [id, greeting] : met_) {
    if (greeting.founded) return;
    if (greeting.expect == options_.expect) configuration.put({.id = id, .address = greeting.address, .voter = true});
  }
  const auto count = configuration.peers.size();
  if (count < options_.expect) return;
  if (count > options_.expect) {
    LOG(log_, error, "more servers than bootstrap_expect: none begins a cluster", {"servers", count}, {"expect", options_.expect});
    return;
  }
  LOG(log_, info, "beginning a cluster", {"servers", count});
  driver_.bootstrap(configuration);
}

void Formation::ask_to_join(const net::uv::Address& member) {
  if (joining_) return;
  joining_ = true;
  const JoinCluster who{.id = options_.self, .address = options_.address, .passed_on = false};
  pool_.request({member}, core::server::kMethodOf<JoinCluster>, core::to_compact_json(who), {.timeout = kJoinTimeout, .repeatable = true},
                lifetime_.guard([this](core::Result<core::Bytes> answer) {
                  joining_ = false;
                  if (answer.ok()) taken_out_ = false;
                  else LOG(log_, warn, "not taken into the cluster yet", {"error", answer.error()});
                }));
}

void Formation::take_in(const JoinCluster& who, const net::rpc::Reply& reply) {
  if (!driver_.leads()) return pass_on(who, reply);
  const auto done = [reply](core::Status status) {
    if (status.ok()) reply.ok("{}");
    else reply.fail(status.error());
  };
  const auto* known = driver_.configuration().find(who.id);
  if (known == nullptr) {
    LOG(log_, info, "taking in a server", {"id", who.id}, {"address", who.address});
    // It votes once it has proved stable; see Autopilot.
    return driver_.change_peers(core::raft::AddPeer{{.id = who.id, .address = who.address, .voter = false}}, done);
  }
  if (known->address == who.address) return reply.ok("{}");
  LOG(log_, info, "a server has another address", {"id", who.id}, {"address", who.address});
  driver_.change_peers(core::raft::UpdateAddress{who.id, who.address}, done);
}

void Formation::pass_on(JoinCluster who, const net::rpc::Reply& reply) {
  const auto leader = driver_.leader();
  const auto address = leader ? wire_.find(*leader) : std::nullopt;
  if (who.passed_on || !address) return reply.fail(Error{Errc::no_leader, "No cluster leader"});
  who.passed_on = true;
  pool_.request({*address}, core::server::kMethodOf<JoinCluster>, core::to_compact_json(who), {.timeout = kJoinTimeout, .repeatable = true},
                [reply](core::Result<core::Bytes> answer) {
                  if (answer.ok()) reply.ok(*answer);
                  else reply.fail(answer.error());
                });
}

}  // namespace agent::server
