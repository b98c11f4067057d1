// SPDX-License-Identifier: MPL-2.0
// One peer: many requests in flight both ways, streamed answers with flow control, cancellation, and
// bounds on what a peer can make us hold.
//
// Requests may be made at once; they leave when the handshake is done. When the connection breaks,
// calls that had left fail with unknown_fate, others with unavailable, and then on_closed is told.
// Destroying it drops the calls (nobody is told) and cancels what the peer had asked.
#pragma once

#include <functional>
#include <memory>

#include "core/base/time.h"
#include "net/rpc/link.h"
#include "net/rpc/reply.h"
#include "net/uv/done.h"

namespace net::rpc {

using CallId = std::uint64_t;

class Connection {
 public:
  struct State;
  struct Handlers {
    std::function<void(const Peer&)> on_open = {};  // the peer has introduced itself
    std::function<void(Inbound)> on_request = {};
    std::function<void(Method, core::ByteView body, const Peer&)> on_notice = {};
    std::function<void(core::Error)> on_closed = {};  // last; may destroy the connection
  };
  struct Options {
    Side side = Side::dialed;
    PeerId id = 0;
    const Hello* ours = nullptr;            // outlives the connection
    std::shared_ptr<const secure::Credentials> credentials = {};  // null: not encrypted
  };
  using OnItem = std::function<void(core::ByteView item)>;

  Connection(uv::Loop& loop, uv::Stream stream, Options options, Handlers handlers);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // One answer. Errors besides the peer's own: busy (too much in flight), too_large, timeout, and the ends above.
  // A timeout of zero waits for ever.
  CallId request(Method method, core::ByteView body, core::Duration timeout, uv::Done<core::Bytes> done);
  // A stream: items while they come, then `done`. The timeout is for the whole of it.
  CallId open(Method method, core::ByteView body, core::Duration timeout, OnItem on_item, uv::Done<core::Unit> done);
  // No more callbacks for this call; the peer is told. Unknown ids are ignored.
  void cancel(CallId call);
  // Stops granting the sender room; items already on their way (up to kStreamWindowBytes) still come.
  void pause(CallId call);
  void resume(CallId call);
  // Sends and forgets. Errc::busy when too much is queued, unavailable once closed, too_large.
  core::Status notify(Method method, core::ByteView body);

  // Ends it as if the peer had gone: calls fail and on_closed is told, with this error.
  void close(core::Error error);

  bool is_open() const;     // the peer has introduced itself, and is still there
  bool introduced() const;  // the peer has introduced itself, gone or not
  bool is_closed() const;
  const Peer& peer() const;
  std::size_t queued_bytes() const;
  std::size_t calls_in_flight() const;

 private:
  std::shared_ptr<State> state_;  // a callback in progress keeps it while we die
};

}  // namespace net::rpc
