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

// Every request a client or a command may make, by its number.
constexpr std::array kRequests{
    cs::kMethodOf<cs::RegisterJob>,    cs::kMethodOf<cs::DeregisterJob>,  cs::kMethodOf<cs::EvaluateJob>,
    cs::kMethodOf<cs::RegisterNode>,   cs::kMethodOf<cs::UpdateNodeStatus>, cs::kMethodOf<cs::DrainNode>,
    cs::kMethodOf<cs::SetEligibility>, cs::kMethodOf<cs::EvaluateNode>,   cs::kMethodOf<cs::PurgeNode>,
    cs::kMethodOf<cs::UpdateAllocs>,   cs::kMethodOf<cs::StopAlloc>,      cs::kMethodOf<cs::CollectGarbage>,
    cs::kMethodOf<cs::Query>,          cs::kMethodOf<cs::FetchAllocs>,
    cs::kMethodOf<cs::AskStatus>};

}  // namespace

core::Result<std::unique_ptr<RpcListener>> RpcListener::listen(net::uv::Loop& loop, Options options,
                                                               RpcService& service,
                                                               const std::function<void(net::rpc::Dispatcher&)>& serve_peers,
                                                               core::Logger logger) {
  std::unique_ptr<RpcListener> listener(new RpcListener(service));
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
  self->server_ = std::make_unique<net::rpc::Server>(loop, self->dispatcher_, std::move(server));
  self->server_->on_refused([logger](const net::uv::Address& from, const core::Error& error) {
    LOG(logger, debug, "connection refused", {"from", net::uv::to_string(from)}, {"error", error});
  });
  auto listening = self->server_->listen(options.address);
  if (!listening.ok()) return core::within("failed to start RPC listener", std::move(listening).error());
  return listener;
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
