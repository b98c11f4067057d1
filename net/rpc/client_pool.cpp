// SPDX-License-Identifier: MPL-2.0
#include "net/rpc/client_pool.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "net/uv/lifetime.h"
#include "net/uv/tcp.h"
#include "net/uv/timer.h"

namespace net::rpc {
namespace {

// One server we talk to, or wait to talk to again.
//   idle -> dialing -> greeting -> up; any failure -> backing off -> (next call) dialing
struct Server {
  std::optional<uv::TcpConnect> dial;
  std::unique_ptr<Connection> connection;  // greeting or up
  std::optional<uv::Timer> limit;          // while dialing or greeting
  core::Instant not_before{};              // backing off until then
  std::string why;                         // it was lost, or not reached
  core::Duration backoff{};
  std::vector<CallId> waiting;             // calls to start, or to pass on, when the dial is over
};

struct PoolCall {
  std::vector<uv::Address> servers;
  std::size_t next = 0;  // of servers, to be tried
  Method method = 0;
  core::Bytes body;
  CallOptions options;
  core::Instant deadline = core::Instant::max();
  uv::Done<core::Bytes> done;
  uv::Done<core::Unit> ended;
  Connection::OnItem on_item;
  bool items_came = false;
  core::Error last{core::Errc::unavailable, "no servers"};
  std::optional<uv::Address> running_at;
  CallId running = 0;
  std::optional<uv::Timer> limit;  // while it is not on a connection, which then keeps the time itself
};

}  // namespace

struct ClientPool::State {
  uv::Loop& loop;
  PoolOptions options;
  core::Rng rng;
  std::function<void(const uv::Address&, const Peer&)> on_up;
  std::function<void(const uv::Address&, const core::Error&)> on_down;
  CallId last_id = 0;
  PeerId last_peer = 0;
  std::map<CallId, std::unique_ptr<PoolCall>> calls;
  std::map<uv::Address, Server> servers;
  uv::Lifetime lifetime;

  State(uv::Loop& on, PoolOptions with, core::Rng draws) : loop(on), options(std::move(with)), rng(draws) {}

  CallId add(std::unique_ptr<PoolCall> call);
  void advance(CallId id);
  void run(CallId id, PoolCall& call, const uv::Address& address, Server& server);
  void on_outcome(CallId id, core::Result<core::Bytes> result);
  void finish(CallId id, core::Result<core::Bytes> result);

  bool ready(const Server& server) const { return server.connection != nullptr && server.connection->is_open(); }
  bool dialing(const Server& server) const { return server.dial || (server.connection != nullptr && !server.connection->is_open()); }
  void dial(const uv::Address& address, Server& server);
  void greet(const uv::Address& address, uv::Stream stream);
  void up(const uv::Address& address, const Peer& peer);
  void down(const uv::Address& address, const core::Error& error);
  Connection* connection_of(CallId id);
};

// ---- servers -------------------------------------------------------------------------------------

void ClientPool::State::dial(const uv::Address& address, Server& server) {
  server.limit.emplace(loop, [this, address] { down(address, {core::Errc::timeout, "connect to " + to_string(address) + ": timed out"}); });
  server.limit->arm(loop.now() + options.dial_timeout);
  server.dial.emplace(loop, address, options.dial_timeout, [this, address](core::Result<uv::Stream> stream) {
    if (!stream.ok()) return down(address, stream.error());
    greet(address, std::move(stream).value());
  });
}

void ClientPool::State::greet(const uv::Address& address, uv::Stream stream) {
  auto& server = servers[address];
  server.dial.reset();
  Connection::Handlers handlers{.on_open = [this, address](const Peer& peer) { up(address, peer); },
                                .on_closed = [this, address](core::Error error) {
                                  error.detail = to_string(address) + ": " + error.detail;
                                  down(address, error);
                                }};
  if (options.dispatcher != nullptr) {
    handlers.on_request = [to = options.dispatcher](Inbound inbound) { to->request(std::move(inbound)); };
    handlers.on_notice = [to = options.dispatcher](Method method, core::ByteView body, const Peer& peer) { to->notice(method, body, peer); };
  }
  server.connection = std::make_unique<Connection>(loop, std::move(stream), Connection::Options{Side::dialed, ++last_peer, &options.hello, options.credentials}, std::move(handlers));
}

void ClientPool::State::up(const uv::Address& address, const Peer& peer) {
  auto& server = servers[address];
  server.limit.reset();
  server.backoff = core::Duration(0);
  const auto waiting = std::exchange(server.waiting, {});
  // On a later turn: the connection is in the middle of reading.
  loop.defer(lifetime.guard([this, waiting] {
    for (const auto id : waiting) advance(id);
  }));
  if (on_up) on_up(address, peer);
}

void ClientPool::State::down(const uv::Address& address, const core::Error& error) {
  auto& server = servers[address];
  server.backoff = std::clamp(server.backoff * 2, options.backoff_min, options.backoff_max);
  server.why = error.detail;
  server.not_before = loop.now() + server.backoff / 2 + rng.jitter(server.backoff);
  server.dial.reset();
  server.limit.reset();
  const auto gone = std::move(server.connection);
  const auto waiting = std::exchange(server.waiting, {});
  for (const auto id : waiting)
    if (const auto call = calls.find(id); call != calls.end()) call->second->last = error;
  // On a later turn: calls may dial again, and we may be inside the connection's last callback.
  loop.defer(lifetime.guard([this, waiting] {
    for (const auto id : waiting) advance(id);
  }));
  if (on_down) on_down(address, error);
}

// ---- calls ---------------------------------------------------------------------------------------

CallId ClientPool::State::add(std::unique_ptr<PoolCall> call) {
  const auto id = ++last_id;
  if (call->options.timeout > core::Duration(0)) call->deadline = loop.now() + call->options.timeout;
  auto& added = *calls.emplace(id, std::move(call)).first->second;
  for (const auto& address : added.servers) {
    auto& server = servers[address];
    if (!ready(server)) break;
    ++added.next;
    run(id, added, address, server);
    return id;
  }
  loop.defer(lifetime.guard([this, id] { advance(id); }));
  return id;
}

// Tries the call's next server, or ends it when there is none left.
void ClientPool::State::advance(CallId id) {
  const auto found = calls.find(id);
  if (found == calls.end() || found->second->running_at) return;
  auto& call = *found->second;
  const auto now = loop.now();
  if (now >= call.deadline) return finish(id, core::Error{core::Errc::timeout, "no answer in time"});
  while (call.next < call.servers.size()) {
    const auto& address = call.servers[call.next];
    auto& server = servers[address];
    if (ready(server)) {
      ++call.next;
      return run(id, call, address, server);
    }
    if (!dialing(server) && now < server.not_before) {
      ++call.next;
      call.last = {core::Errc::unavailable, server.why};
      continue;
    }
    if (!dialing(server)) dial(address, server);
    server.waiting.push_back(id);
    // When this dial is over the same server is tried again: it is up then, or backing off.
    if (call.deadline == core::Instant::max() || call.limit) return;
    call.limit.emplace(loop, [this, id] { finish(id, core::Error{core::Errc::timeout, "no answer in time"}); });
    return call.limit->arm(call.deadline);
  }
  finish(id, core::Error{core::Errc::unavailable, call.last.detail});
}

void ClientPool::State::run(CallId id, PoolCall& call, const uv::Address& address, Server& server) {
  call.limit.reset();
  call.running_at = address;
  const auto left = call.deadline == core::Instant::max() ? core::Duration(0) : std::max(call.deadline - loop.now(), core::Duration(1));
  if (call.on_item) {
    call.running = server.connection->open(
        call.method, call.body, left,
        [this, id](core::ByteView item) {
          const auto found = calls.find(id);
          if (found == calls.end()) return;
          found->second->items_came = true;
          const auto on_item = found->second->on_item;  // it may cancel the call
          on_item(item);
        },
        [this, id](core::Status status) { on_outcome(id, status.ok() ? core::Result<core::Bytes>(core::Bytes{}) : core::Result<core::Bytes>(std::move(status).error())); });
  } else {
    call.running = server.connection->request(call.method, call.body, left, [this, id](core::Result<core::Bytes> result) { on_outcome(id, std::move(result)); });
  }
}

void ClientPool::State::on_outcome(CallId id, core::Result<core::Bytes> result) {
  const auto found = calls.find(id);
  if (found == calls.end()) return;
  auto& call = *found->second;
  // Only what the connection itself says of its end counts here, not an answer with the same code.
  const auto server = servers.find(*call.running_at);
  const bool broke = server == servers.end() || server->second.connection == nullptr || server->second.connection->is_closed();
  const bool again = !result.ok() && broke && !call.items_came &&
                     (result.error().code == core::Errc::unavailable || (result.error().code == core::Errc::unknown_fate && call.options.repeatable));
  if (!again) return finish(id, std::move(result));
  call.last = result.error();
  call.running_at.reset();
  loop.defer(lifetime.guard([this, id] { advance(id); }));
}

void ClientPool::State::finish(CallId id, core::Result<core::Bytes> result) {
  const auto node = calls.extract(id);
  ASSERT(!node.empty());
  const auto& call = *node.mapped();
  if (call.done) return call.done(std::move(result));
  if (call.ended) call.ended(result.ok() ? core::ok_status() : core::Status(std::move(result).error()));
}

Connection* ClientPool::State::connection_of(CallId id) {
  const auto found = calls.find(id);
  if (found == calls.end() || !found->second->running_at) return nullptr;
  const auto server = servers.find(*found->second->running_at);
  return server == servers.end() ? nullptr : server->second.connection.get();
}

// ---- the face ------------------------------------------------------------------------------------

ClientPool::ClientPool(uv::Loop& loop, PoolOptions options, core::Rng rng) : state_(std::make_unique<State>(loop, std::move(options), rng)) {}
ClientPool::~ClientPool() = default;

CallId ClientPool::request(std::vector<uv::Address> servers, Method method, core::Bytes body, CallOptions options, uv::Done<core::Bytes> done) {
  auto call = std::make_unique<PoolCall>();
  call->servers = std::move(servers);
  call->method = method;
  call->body = std::move(body);
  call->options = options;
  call->done = std::move(done);
  return state_->add(std::move(call));
}

CallId ClientPool::open(std::vector<uv::Address> servers, Method method, core::Bytes body, CallOptions options, Connection::OnItem on_item, uv::Done<core::Unit> done) {
  ASSERT(on_item);
  auto call = std::make_unique<PoolCall>();
  call->servers = std::move(servers);
  call->method = method;
  call->body = std::move(body);
  call->options = options;
  call->on_item = std::move(on_item);
  call->ended = std::move(done);
  return state_->add(std::move(call));
}

void ClientPool::cancel(CallId call) {
  const auto found = state_->calls.find(call);
  if (found == state_->calls.end()) return;
  auto* connection = state_->connection_of(call);
  const auto running = found->second->running;
  const auto dropped = state_->calls.extract(found);
  if (connection != nullptr) connection->cancel(running);
}

void ClientPool::pause(CallId call) {
  if (auto* connection = state_->connection_of(call)) connection->pause(state_->calls.at(call)->running);
}

void ClientPool::resume(CallId call) {
  if (auto* connection = state_->connection_of(call)) connection->resume(state_->calls.at(call)->running);
}

core::Status ClientPool::notify(const uv::Address& address, Method method, core::ByteView body) {
  auto& server = state_->servers[address];
  if (state_->ready(server)) return server.connection->notify(method, body);
  if (!state_->dialing(server) && state_->loop.now() >= server.not_before) state_->dial(address, server);
  return core::Error{core::Errc::unavailable, to_string(address) + " is not connected"};
}

void ClientPool::drop(const uv::Address& address, const core::Error& why) {
  const auto found = state_->servers.find(address);
  if (found == state_->servers.end()) return;
  if (found->second.connection != nullptr) return found->second.connection->close(why);  // ends in down()
  if (found->second.dial) state_->down(address, why);
}

void ClientPool::drop_idle(const uv::Address& address) {
  const auto found = state_->servers.find(address);
  if (found == state_->servers.end() || !state_->ready(found->second) || found->second.connection->calls_in_flight() > 0) return;
  found->second.connection.reset();
}

bool ClientPool::connected(const uv::Address& address) const {
  const auto found = state_->servers.find(address);
  return found != state_->servers.end() && state_->ready(found->second);
}

void ClientPool::on_up(std::function<void(const uv::Address&, const Peer&)> fn) { state_->on_up = std::move(fn); }
void ClientPool::on_down(std::function<void(const uv::Address&, const core::Error&)> fn) { state_->on_down = std::move(fn); }

}  // namespace net::rpc
