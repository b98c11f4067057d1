// SPDX-License-Identifier: MPL-2.0
#include "agent/server/rpc_listener.h"

#include <array>
#include <utility>

#include "core/base/version.h"
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

// Who was turned away and why is told again after this, or when so many others were.
constexpr core::Duration kTellAgain = std::chrono::minutes(10);
constexpr std::size_t kToldMax = 1024;

}  // namespace

std::span<const net::rpc::Method> client_requests() { return kRequests; }

core::Result<std::unique_ptr<RpcListener>> RpcListener::listen(net::uv::Loop& loop, Options options,
                                                               RpcService& service,
                                                               const std::function<void(net::rpc::Dispatcher&)>& serve_peers,
                                                               core::Logger logger) {
  std::unique_ptr<RpcListener> listener(new RpcListener(loop, service, logger));
  auto* self = listener.get();
  for (const auto method : kRequests)
    self->dispatcher_.on_request(method, net::rpc::kAnyone, [self](Inbound inbound) { self->on_request(std::move(inbound)); });
  self->dispatcher_.on_request(cs::kMethodOf<cs::WatchAssignment>, net::rpc::kAgents,
                               [self](Inbound inbound) { self->on_watch(std::move(inbound)); });
  serve_peers(self->dispatcher_);
  net::rpc::ServerOptions server;
  server.hello = {.role = net::rpc::Role::server, .cluster = options.region, .name = options.name,
                  .version = std::string(core::kVersion)};
  server.connections_per_address_max = options.connections_per_address_max;
  server.handshake_timeout = options.handshake_timeout;
  self->server_ = std::make_unique<net::rpc::Server>(loop, self->dispatcher_, std::move(server));
  self->server_->on_refused([self](const net::uv::Address& from, const core::Error& error) { self->turned_away("connection refused", from, error); });
  self->server_->on_gone([self](const net::rpc::Peer& peer, const core::Error& error) { self->turned_away("connection broken off", peer.address, error); });
  auto listening = self->server_->listen(options.address);
  if (!listening.ok()) return core::within("failed to start RPC listener", std::move(listening).error());
  return listener;
}

// Once per address and kind until it is forgotten: a peer that comes back every second is to fill no disk.
void RpcListener::turned_away(std::string_view sentence, const net::uv::Address& from, const core::Error& error) {
  const auto now = loop_.now();
  if (now - told_since_ >= kTellAgain || told_.size() >= kToldMax) {
    told_.clear();
    told_since_ = now;
  }
  // A peer that leaves is no news.
  const bool left = error.code == core::Errc::unavailable || error.code == core::Errc::io;
  if (!left && told_.emplace(from.ip, error.code).second) LOG(log_, warn, sentence, {"from", net::uv::to_string(from)}, {"error", error});
  else LOG(log_, debug, sentence, {"from", net::uv::to_string(from)}, {"error", error});
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
