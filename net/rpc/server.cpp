// SPDX-License-Identifier: MPL-2.0
#include "net/rpc/server.h"

#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/uv/tcp.h"
#include "net/uv/timer.h"

namespace net::rpc {

struct Server::State {
  uv::Loop& loop;
  const Dispatcher& dispatcher;
  ServerOptions options;
  std::function<void(const Peer&)> on_peer;
  std::function<void(const Peer&, const core::Error&)> on_gone;
  std::function<void(const uv::Address&, const core::Error&)> on_refused;

  PeerId last_id = 0;
  std::unordered_map<PeerId, std::unique_ptr<Connection>> connections;
  std::unordered_map<std::string, std::size_t> per_address;
  // Who has not introduced itself yet, in order of their deadline. Those who did are skipped.
  std::deque<std::pair<core::Instant, PeerId>> strangers;
  uv::Timer stranger_timer;
  std::vector<uv::TcpListener> listeners;

  State(uv::Loop& on, const Dispatcher& to, ServerOptions with)
      : loop(on), dispatcher(to), options(std::move(with)), stranger_timer(on, [this] { drop_strangers(); }) {}

  void accept(uv::Stream stream) {
    const auto address = stream.peer();
    if (address.ip.empty()) return;  // gone before we looked
    auto& count = per_address[address.ip];
    if (options.connections_per_address_max != 0 && count >= options.connections_per_address_max) {
      if (on_refused) on_refused(address, {core::Errc::busy, "too many connections from this address"});
      return;
    }
    ++count;
    const auto id = ++last_id;
    strangers.emplace_back(loop.now() + options.handshake_timeout, id);
    if (!stranger_timer.armed()) stranger_timer.arm(strangers.front().first);
    connections[id] = std::make_unique<Connection>(loop, std::move(stream), Connection::Options{Side::accepted, id, &options.hello, options.credentials}, handlers(id));
  }
  Connection::Handlers handlers(PeerId id) {
    return {.on_open = [this](const Peer& peer) {
              if (on_peer) on_peer(peer);
            },
            .on_request = [this](Inbound inbound) { dispatcher.request(std::move(inbound)); },
            .on_notice = [this](Method method, core::ByteView body, const Peer& peer) { dispatcher.notice(method, body, peer); },
            .on_closed = [this, id](core::Error error) { remove(id, error); }};
  }
  void remove(PeerId id, const core::Error& error) {
    const auto node = connections.extract(id);
    ASSERT(!node.empty());
    const Peer& peer = node.mapped()->peer();
    const auto count = per_address.find(peer.address.ip);
    ASSERT(count != per_address.end());
    if (--count->second == 0) per_address.erase(count);
    if (!node.mapped()->introduced()) {
      if (on_refused) on_refused(peer.address, error);
    } else if (on_gone) {
      on_gone(peer, error);
    }
  }
  void drop_strangers() {
    const auto now = loop.now();
    while (!strangers.empty() && strangers.front().first <= now) {
      const auto id = strangers.front().second;
      strangers.pop_front();
      const auto found = connections.find(id);
      if (found != connections.end() && !found->second->introduced()) remove(id, {core::Errc::timeout, "peer did not introduce itself in time"});
    }
    if (!strangers.empty()) stranger_timer.arm(strangers.front().first);
  }
};

Server::Server(uv::Loop& loop, const Dispatcher& dispatcher, ServerOptions options) : state_(new State(loop, dispatcher, std::move(options))) {}
Server::~Server() {
  state_->on_peer = nullptr;
  state_->on_gone = nullptr;
  state_->on_refused = nullptr;
  // Handlers told that their asker is gone may still look for peers: let them find none.
  const auto dropped = std::exchange(state_->connections, {});
}

core::Result<uv::Address> Server::listen(const uv::Address& address) {
  TRY(auto listener, uv::TcpListener::listen(state_->loop, address, [state = state_.get()](uv::Stream stream) { state->accept(std::move(stream)); }));
  const auto local = listener.local();
  state_->listeners.push_back(std::move(listener));
  return local;
}

Connection* Server::find(PeerId peer) {
  const auto found = state_->connections.find(peer);
  return found == state_->connections.end() ? nullptr : found->second.get();
}

void Server::each(const std::function<void(Connection&)>& visit) const {
  for (const auto& [id, connection] : state_->connections)
    if (connection->is_open()) visit(*connection);
}

void Server::on_peer(std::function<void(const Peer&)> fn) { state_->on_peer = std::move(fn); }
void Server::on_gone(std::function<void(const Peer&, const core::Error&)> fn) { state_->on_gone = std::move(fn); }
void Server::on_refused(std::function<void(const uv::Address&, const core::Error&)> fn) { state_->on_refused = std::move(fn); }
std::size_t Server::connections() const { return state_->connections.size(); }

}  // namespace net::rpc
