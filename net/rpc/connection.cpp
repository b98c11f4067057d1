// SPDX-License-Identifier: MPL-2.0
#include "net/rpc/connection.h"

#include "core/base/limits.h"
#include "net/rpc/connection_state.h"

namespace net::rpc {
namespace {

// Neighbours are of another cluster, and may ask little (see Dispatcher).
bool may_talk(const Hello& ours, const Hello& theirs) {
  return ours.cluster == theirs.cluster || ours.role == Role::neighbour || theirs.role == Role::neighbour;
}

bool may_be(Role role, secure::Rank rank) { return rank == secure::Rank::server || role == Role::client || role == Role::cli; }

}  // namespace

void Connection::State::start(uv::Stream stream) {
  peer.id = options.id;
  peer.address = stream.peer();
  link.emplace(loop, std::move(stream), options.side, options.credentials, weak_from_this(),
               Link::Callbacks{
                   .on_frame = [this](core::ByteView frame) { return on_frame(frame); },
                   .on_broken = [this](core::Error error) { on_broken(std::move(error)); },
                   .on_drained = [this] { on_drained(); },
                   .on_flushed = [this] { last_sent_id = last_id; },
               });
  const auto hello = encode(*options.ours);
  send({.kind = Kind::hello, .body = hello});
}

core::Status Connection::State::on_frame(core::ByteView frame) {
  core::Reader in(frame);
  while (in.remaining() > 0) {
    TRY(const auto envelope, take_envelope(in));
    TRY(on_envelope(envelope));
    if (closed) return core::Error{core::Errc::unavailable, "closed"};
  }
  return core::ok_status();
}

core::Status Connection::State::on_envelope(const Envelope& envelope) {
  // Instead of its hello, or behind it: it would not have us.
  if (envelope.kind == Kind::error && envelope.id == 0) return core::Error{envelope.code, core::Bytes(envelope.body)};
  if (!open) return on_hello(envelope);
  switch (envelope.kind) {
    case Kind::hello: return core::Error{core::Errc::corrupt, "peer introduced itself twice"};
    case Kind::request: on_request(envelope); break;
    case Kind::notice:
      if (handlers.on_notice) handlers.on_notice(envelope.method, envelope.body, peer);
      break;
    case Kind::reply:
    case Kind::end:
    case Kind::error: on_reply(envelope); break;
    case Kind::item: on_item(envelope); break;
    case Kind::cancel: on_cancel(envelope.id); break;
    case Kind::credit: on_credit(envelope); break;
  }
  return core::ok_status();
}

core::Status Connection::State::on_hello(const Envelope& envelope) {
  if (envelope.kind != Kind::hello) return core::Error{core::Errc::corrupt, "peer did not introduce itself"};
  TRY(peer.hello, decode_hello(envelope.body));
  const auto refuse = [this](std::string why) {
    core::Error stranger{core::Errc::denied, std::move(why)};
    send({.kind = Kind::error, .code = stranger.code, .body = stranger.detail});
    link->flush();
    return stranger;
  };
  if (!may_talk(*options.ours, peer.hello))
    return refuse("clusters \"" + options.ours->cluster + "\" and \"" + peer.hello.cluster + "\" do not talk to each other");
  if (!may_be(peer.hello.role, link->peer_rank()))
    return refuse("a " + std::string(to_string(peer.hello.role)) + " must hold the cluster's key, not the clients'");
  open = true;
  if (handlers.on_open) handlers.on_open(peer);
  return core::ok_status();
}

void Connection::State::on_broken(core::Error error) {
  closed = true;
  call_timer.reset();
  // A callback below may destroy the connection, which closes for good: then nobody else is told.
  fail_calls(error);
  cancel_exchanges();
  const auto tell = std::exchange(handlers.on_closed, nullptr);
  if (tell) tell(std::move(error));
}

// The owner lets go: silence towards it, and an end for the peer.
void Connection::State::shut() {
  closed = true;
  handlers.on_closed = nullptr;
  link->close();
  call_timer.reset();
  lifetime.renew();
  const auto dropped = std::exchange(calls, {});
  cancel_exchanges();
}

Connection::Connection(uv::Loop& loop, uv::Stream stream, Options options, Handlers handlers)
    : state_(std::make_shared<State>(loop, options, std::move(handlers))) {
  ASSERT(options.ours != nullptr);
  state_->start(std::move(stream));
}

Connection::~Connection() { state_->shut(); }

CallId Connection::request(Method method, core::ByteView body, core::Duration timeout, uv::Done<core::Bytes> done) {
  State::Call call;
  call.done = std::move(done);
  return state_->add_call(method, body, timeout, std::move(call));
}

CallId Connection::open(Method method, core::ByteView body, core::Duration timeout, OnItem on_item, uv::Done<core::Unit> done) {
  ASSERT(on_item);
  State::Call call;
  call.ended = std::move(done);
  call.on_item = std::move(on_item);
  return state_->add_call(method, body, timeout, std::move(call));
}

void Connection::cancel(CallId call) {
  if (state_->calls.erase(call) > 0 && !state_->closed) state_->send({.kind = Kind::cancel, .id = call});
}

void Connection::pause(CallId call) {
  if (const auto found = state_->calls.find(call); found != state_->calls.end()) found->second.paused = true;
}

void Connection::resume(CallId call) {
  const auto found = state_->calls.find(call);
  if (found == state_->calls.end() || state_->closed) return;
  found->second.paused = false;
  state_->grant(call, found->second);
}

core::Status Connection::notify(Method method, core::ByteView body) {
  if (state_->closed) return core::Error{core::Errc::unavailable, "connection is closed"};
  if (!Link::fits(body.size())) return core::Error{core::Errc::too_large, "message of " + std::to_string(body.size()) + " bytes"};
  if (state_->link->queued_bytes() > core::limits::kRpcQueuedBytesMax) return core::Error{core::Errc::busy, "peer does not keep up"};
  state_->send({.kind = Kind::notice, .method = method, .body = body});
  return core::ok_status();
}

void Connection::close(core::Error error) {
  const auto hold = state_;
  if (hold->closed) return;
  hold->link->close();
  hold->on_broken(std::move(error));
}

bool Connection::is_open() const { return state_->open && !state_->closed; }
bool Connection::introduced() const { return state_->open; }
bool Connection::is_closed() const { return state_->closed; }
const Peer& Connection::peer() const { return state_->peer; }
std::size_t Connection::queued_bytes() const { return state_->link->queued_bytes(); }
std::size_t Connection::calls_in_flight() const { return state_->calls.size(); }

}  // namespace net::rpc
