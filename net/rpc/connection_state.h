// SPDX-License-Identifier: MPL-2.0
// The two halves of a Connection: what we asked (calls) and what we were asked (exchanges). Private.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "net/rpc/connection.h"
#include "net/uv/lifetime.h"
#include "net/uv/timer.h"

namespace net::rpc {

// One request the peer made, shared by copies of its Reply.
struct Exchange {
  Connection::State* connection = nullptr;  // null once answered, cancelled, or the peer is gone
  std::uint64_t id = 0;
  bool cancelled = false;
  bool streaming = false;
  bool ended = false;          // end() was called; queued items go first
  bool wants_drained = false;
  std::int64_t credit = 0;     // bytes the asker is ready for
  std::vector<core::Bytes> queued;
  std::size_t queued_bytes = 0;
  std::function<void()> on_drained;
  std::function<void()> on_cancelled;
  std::shared_ptr<Exchange> kept;  // itself, between end() and the last queued item

  ~Exchange();
};

struct Connection::State : std::enable_shared_from_this<Connection::State> {
  struct Call {
    uv::Done<core::Bytes> done;  // of a request
    uv::Done<core::Unit> ended;  // of a stream
    OnItem on_item;
    core::Instant deadline = core::Instant::max();
    std::uint32_t ungranted = 0;  // bytes received and not credited back
    bool paused = false;
  };

  uv::Loop& loop;
  Options options;
  Handlers handlers;
  Peer peer;
  bool open = false;
  bool closed = false;
  CallId last_id = 0;
  CallId last_sent_id = 0;
  std::unordered_map<CallId, Call> calls;
  std::unordered_map<std::uint64_t, Exchange*> exchanges;
  bool any_wants_drained = false;
  std::unique_ptr<uv::Timer> call_timer;  // made with the first call that has a deadline
  core::Instant call_timer_at = core::Instant::max();
  std::optional<Link> link;
  uv::Lifetime lifetime;

  State(uv::Loop& on, Options with, Handlers to) : loop(on), options(with), handlers(std::move(to)) {}

  // connection.cpp: the peer's envelopes, the end.
  void start(uv::Stream stream);
  core::Status on_frame(core::ByteView frame);
  core::Status on_envelope(const Envelope& envelope);
  core::Status on_hello(const Envelope& envelope);
  void on_broken(core::Error error);
  void shut();
  void send(const Envelope& envelope) { link->send(envelope); }

  // calls.cpp: what we asked.
  CallId add_call(Method method, core::ByteView body, core::Duration timeout, Call call);
  void fail_later(Call call, core::Error error);
  void on_reply(const Envelope& envelope);
  void on_item(const Envelope& envelope);
  void finish_call(CallId id, core::Result<core::Bytes> result);
  void grant(CallId id, Call& call);
  void expire_calls();
  void fail_calls(const core::Error& error);

  // exchanges.cpp: what we were asked.
  void on_request(const Envelope& envelope);
  void on_cancel(std::uint64_t id);
  void on_credit(const Envelope& envelope);
  void on_drained();
  void answer(Exchange& exchange, const Envelope& envelope);
  bool send_item(Exchange& exchange, core::ByteView piece);
  void end_stream(Exchange& exchange);
  void drop_exchange(Exchange& exchange);
  void cancel_exchanges();
};

}  // namespace net::rpc
