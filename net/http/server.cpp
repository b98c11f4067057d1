// SPDX-License-Identifier: MPL-2.0
#include "net/http/server.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/http/connection.h"
#include "net/uv/tcp.h"
#include "net/uv/timer.h"

namespace net::http {
namespace {

// One timer looks after all deadlines: cheaper than a timer a connection, and exact enough.
constexpr core::Duration kSweepMax = std::chrono::seconds(1);
constexpr core::Duration kSweepMin = std::chrono::milliseconds(10);

}  // namespace

struct Server::State final : ConnectionOwner {
  uv::Loop& loop;
  Handler handler;
  ServerOptions options;
  std::vector<std::unique_ptr<Connection>> connections;
  std::unordered_map<std::string, std::size_t> per_address;
  std::vector<Connection*> unsettled;  // to settle at the end of the turn
  std::vector<Connection*> settling;   // of this turn; null where one was released meanwhile
  uv::Deferred settle_all;
  uv::Timer sweep;
  std::vector<uv::TcpListener> listeners;

  State(uv::Loop& on, Handler handle_with, ServerOptions with)
      : loop(on), handler(std::move(handle_with)), options(std::move(with)), settle_all(on, [this] { settle_turn(); }), sweep(on, [this] { sweep_overdue(); }) {}

  const RequestParser::Limits& limits() const override { return options.limits; }
  core::Instant now() const override { return loop.now(); }
  core::Duration idle_timeout() const override { return options.idle_timeout; }
  core::Duration request_timeout() const override { return options.request_timeout; }
  void handle(Request request, Responder responder) override { handler(std::move(request), std::move(responder)); }

  void settle_later(Connection& connection) override {
    if (std::exchange(connection.settle_scheduled, true)) return;
    unsettled.push_back(&connection);
    settle_all.schedule();
  }
  void settle_turn() {
    std::swap(unsettled, settling);  // handlers called meanwhile schedule for the next turn
    for (std::size_t i = 0; i < settling.size(); ++i)
      if (auto* connection = std::exchange(settling[i], nullptr)) connection->settle();
    settling.clear();
  }
  std::unique_ptr<Connection> release(Connection& connection) override {
    if (connection.settle_scheduled) {
      std::erase(unsettled, &connection);
      std::replace(settling.begin(), settling.end(), &connection, static_cast<Connection*>(nullptr));
    }
    const auto address = per_address.find(connection.peer().ip);
    ASSERT(address != per_address.end());
    if (--address->second == 0) per_address.erase(address);
    const auto slot = connection.slot;
    auto owned = std::move(connections[slot]);
    ASSERT(owned.get() == &connection);
    if (slot + 1 != connections.size()) {
      connections[slot] = std::move(connections.back());
      connections[slot]->slot = slot;
    }
    connections.pop_back();
    if (connections.empty()) sweep.disarm();
    return owned;
  }

  void accept(uv::Stream stream) {
    auto peer = stream.peer();
    if (peer.ip.empty()) return;  // gone before we looked
    auto& count = per_address[peer.ip];
    if (options.connections_per_address_max != 0 && count >= options.connections_per_address_max) {
      core::Bytes refusal;
      append_head(refusal, {.response = Response::empty(429), .keep_alive = false});
      stream.write(std::move(refusal));
      return;
    }
    ++count;
    connections.push_back(std::make_unique<Connection>(*this, std::move(stream), std::move(peer)));
    connections.back()->slot = connections.size() - 1;
    if (!sweep.armed()) arm_sweep();
  }
  void arm_sweep() {
    const auto every = std::min(options.idle_timeout, options.request_timeout) / 4;
    sweep.arm(loop.now() + std::clamp(every, kSweepMin, kSweepMax));
  }
  void sweep_overdue() {
    const auto time = loop.now();
    for (std::size_t i = connections.size(); i-- > 0;)
      if (i < connections.size() && connections[i]->overdue(time)) release(*connections[i]);
    if (!connections.empty()) arm_sweep();
  }
};

Server::Server(uv::Loop& loop, Handler handler, ServerOptions options) : state_(new State(loop, std::move(handler), std::move(options))) {}

Server::~Server() {
  // A handler told of a client's going may answer others: let them find whole objects.
  while (!state_->connections.empty()) state_->release(*state_->connections.back());
}

core::Result<uv::Address> Server::listen(const uv::Address& address) {
  TRY(auto listener, uv::TcpListener::listen(state_->loop, address, [state = state_.get()](uv::Stream stream) { state->accept(std::move(stream)); }));
  const auto local = listener.local();
  state_->listeners.push_back(std::move(listener));
  return local;
}

void Server::set_connections_per_address_max(std::size_t max) { state_->options.connections_per_address_max = max; }
std::size_t Server::connections() const { return state_->connections.size(); }

}  // namespace net::http
