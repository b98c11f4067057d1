// SPDX-License-Identifier: MPL-2.0
#include "agent/server/membership.h"

#include <algorithm>
#include <utility>

#include "core/base/fields.h"
#include "core/server/methods.h"

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::Errc;
using core::Error;
using core::server::HandedOver;
using core::server::HandOver;
using core::server::RemoveServer;
using core::server::ServerName;

// A change of members is committed by a majority of the others, or an election later.
constexpr core::Duration kTimeout = 30s;

ServerName name_of(const core::raft::Peer& peer) { return {.id = peer.id, .address = peer.address}; }

// Answers another server with what a local caller would be told.
template <class Answer>
net::uv::Done<Answer> answer_to(const net::rpc::Reply& reply) {
  return [reply](core::Result<Answer> answer) {
    if (!answer.ok()) return reply.fail(answer.error());
    if constexpr (std::is_same_v<Answer, core::Unit>) reply.ok("{}");
    else reply.ok(core::to_compact_json(*answer));
  };
}

template <class Answer>
core::Result<Answer> read_answer(const core::Result<core::Bytes>& body) {
  if (!body.ok()) return body.error();
  if constexpr (std::is_same_v<Answer, core::Unit>) return core::Unit{};
  else return core::from_json<Answer>(*body);
}

}  // namespace

core::Result<core::raft::Peer> Membership::find(const ServerName& name) const {
  const auto& peers = driver_.configuration().peers;
  const auto at = std::find_if(peers.begin(), peers.end(), [&](const core::raft::Peer& peer) {
    return name.id.text.empty() ? peer.address == name.address : peer.id == name.id;
  });
  if (at != peers.end()) return *at;
  const auto what = name.id.text.empty() ? "address \"" + name.address : "id \"" + name.id.text;
  return Error{Errc::not_found, what + "\" was not found in the Raft configuration"};
}

template <class Answer, class Ask>
void Membership::pass_on(Ask ask, net::uv::Done<Answer> done) {
  const auto leader = driver_.leader();
  const auto address = leader ? wire_.find(*leader) : std::nullopt;
  if (ask.passed_on || !address) return done(Error{Errc::no_leader, "No cluster leader"});
  ask.passed_on = true;
  pool_.request({*address}, core::server::kMethodOf<Ask>, core::to_compact_json(ask), {.timeout = kTimeout},
                lifetime_.guard([done = std::move(done)](core::Result<core::Bytes> body) { done(read_answer<Answer>(body)); }));
}

void Membership::remove(RemoveServer which, net::uv::Done<core::Unit> done) {
  if (!driver_.leads()) return pass_on<core::Unit>(std::move(which), std::move(done));
  const auto peer = find(which.which);
  if (!peer.ok()) return done(peer.error());
  driver_.change_peers(core::raft::RemovePeer{peer->id}, [done = std::move(done)](core::Status status) {
    if (status.ok()) done(core::Unit{});
    else done(status.error());
  });
}

void Membership::hand_over(HandOver ask, net::uv::Done<HandedOver> done) {
  if (!driver_.leads()) return pass_on<HandedOver>(std::move(ask), std::move(done));
  HandedOver out;
  const auto self = find({.id = self_, .address = {}});
  if (self.ok()) out.from = name_of(*self);
  std::optional<core::ServerId> target;
  if (!ask.to.id.text.empty() || !ask.to.address.empty()) {
    const auto peer = find(ask.to);
    if (!peer.ok()) return done(peer.error());
    target = peer->id;
    out.to = name_of(*peer);
    out.noop = peer->id == self_;
  }
  driver_.transfer(target, lifetime_.guard([this, out = std::move(out), done = std::move(done)](core::Status status) mutable {
    if (!status.ok()) return done(status.error());
    if (out.to.id.text.empty() && driver_.leader())
      if (const auto now = find({.id = *driver_.leader(), .address = {}}); now.ok()) out.to = name_of(*now);
    done(std::move(out));
  }));
}

void Membership::serve(net::rpc::Dispatcher& dispatcher) {
  dispatcher.on_request(core::server::kMethodOf<RemoveServer>, net::rpc::kServers, lifetime_.guard([this](net::rpc::Inbound inbound) {
    auto ask = core::from_json<RemoveServer>(inbound.body);
    if (ask.ok()) remove(std::move(*ask), answer_to<core::Unit>(inbound.reply));
    else inbound.reply.fail(ask.error());
  }));
  dispatcher.on_request(core::server::kMethodOf<HandOver>, net::rpc::kServers, lifetime_.guard([this](net::rpc::Inbound inbound) {
    auto ask = core::from_json<HandOver>(inbound.body);
    if (ask.ok()) hand_over(std::move(*ask), answer_to<HandedOver>(inbound.reply));
    else inbound.reply.fail(ask.error());
  }));
}

}  // namespace agent::server
