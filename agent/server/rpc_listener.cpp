// SPDX-License-Identifier: MPL-2.0
#include "agent/server/rpc_listener.h"

#include <array>
#include <utility>

#include "core/server/methods.h"

namespace agent::server {
namespace {

namespace cs = core::server;
using net::rpc::Inbound;

constexpr std::array<net::rpc::Method, 15> kRequests{
    cs::kMethodOf<cs::RegisterJob>,    cs::kMethodOf<cs::DeregisterJob>,  cs::kMethodOf<cs::EvaluateJob>,
    cs::kMethodOf<cs::RegisterNode>,   cs::kMethodOf<cs::UpdateNodeStatus>, cs::kMethodOf<cs::DrainNode>,
    cs::kMethodOf<cs::SetEligibility>, cs::kMethodOf<cs::EvaluateNode>,   cs::kMethodOf<cs::PurgeNode>,
    cs::kMethodOf<cs::UpdateAllocs>,   cs::kMethodOf<cs::StopAlloc>,      cs::kMethodOf<cs::CollectGarbage>,
    cs::kMethodOf<cs::Query>,          cs::kMethodOf<cs::FetchAllocs>,
    cs::kMethodOf<cs::AskStatus>};

}  // namespace

std::span<const net::rpc::Method> client_requests() { return kRequests; }

core::Result<std::unique_ptr<RpcListener>> RpcListener::listen(net::uv::Loop& loop, const net::uv::Address& address,
                                                               net::rpc::ServerOptions options, RpcService& service,
                                                               const std::function<void(net::rpc::Dispatcher&)>& serve_peers,
                                                               core::Logger logger) {
  std::unique_ptr<RpcListener> listener(new RpcListener(loop, service, logger));
  auto* self = listener.get();
  for (const auto method : kRequests)
    self->dispatcher_.on_request(method, net::rpc::kAnyone, [self](Inbound inbound) { self->on_request(std::move(inbound)); });
  self->dispatcher_.on_request(cs::kMethodOf<cs::WatchAssignment>, net::rpc::kAgents,
                               [self](Inbound inbound) { self->on_watch(std::move(inbound)); });
  serve_peers(self->dispatcher_);
  self->server_ = std::make_unique<net::rpc::Server>(loop, self->dispatcher_, std::move(options));
  self->server_->on_peer([self](const net::rpc::Peer&) { self->service_.connected(); });
  self->server_->on_refused([self](const net::uv::Address& from, const core::Error& error) { self->turned_away("connection refused", from, error); });
  self->server_->on_gone([self](const net::rpc::Peer& peer, const core::Error& error) { self->turned_away("connection broken off", peer.address, error); });
  self->server_->on_peer([self](const net::rpc::Peer& peer) {
    if (peer.hello.role != net::rpc::Role::client) return;
    if (auto* client = self->server_->find(peer.id)) (void)client->notify(cs::kServersNotice, self->service_.servers());
  });
  auto listening = self->server_->listen(address);
  if (!listening.ok()) return core::within("failed to start RPC listener", std::move(listening).error());
  return listener;
}

// Who does not keep up with its notices learns of it with its next connection.
void RpcListener::servers_changed() {
  const auto servers = service_.servers();
  server_->each([&](net::rpc::Connection& peer) {
    if (peer.peer().hello.role == net::rpc::Role::client) (void)peer.notify(cs::kServersNotice, servers);
  });
}

void RpcListener::turned_away(const std::string& sentence, const net::uv::Address& from, const core::Error& error) {
  // A peer that leaves is no news.
  const bool left = error.code == core::Errc::unavailable || error.code == core::Errc::io;
  if (!left) {
    const auto kind = refusals_.try_emplace({sentence, error.code}, log_, sentence).first;
    return kind->second.note(from.ip, error, loop_.now());
  }
  LOG(log_, debug, sentence, {"from", net::uv::to_string(from)}, {"error", error});
}

void RpcListener::on_request(Inbound inbound) {
  service_.call(inbound.method, inbound.body, [reply = inbound.reply](core::Result<core::Bytes> answer) {
    if (answer.ok()) reply.ok(*answer);
    else reply.fail(answer.error());
  });
}

void RpcListener::on_watch(Inbound inbound) {
  const auto reply = inbound.reply;
  auto watch = service_.watch(inbound.body, [reply](core::Bytes item) { reply.item(item); });
  if (!watch.ok()) return reply.fail(watch.error());
  const auto number = next_watch_++;
  watches_.emplace(number, std::move(*watch));
  reply.on_cancelled(lifetime_.guard([this, number] { watches_.erase(number); }));
}

}  // namespace agent::server
