// SPDX-License-Identifier: MPL-2.0
// A connected byte stream: TCP, unix socket or pipe, made by tcp.h, unix_socket.h and pipe.h.
//
// Happy path: read() once, then write() as often as wanted; every write is tried at once and only
// what the kernel does not take is queued. Failures: the peer's end and a broken connection both
// arrive in on_end, each at most once: after the end one may still write, after a break only
// destruction is useful. Destroying a stream closes it,
// drops what is queued and calls nothing any more; a stream may be destroyed in its own callbacks.
#pragma once

#include <functional>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "net/uv/address.h"
#include "net/uv/buffer.h"
#include "net/uv/done.h"
#include "net/uv/handle.h"

namespace net::uv {

class Stream {
 public:
  struct State;
  // The bytes are borrowed for the call.
  using OnRead = std::function<void(core::ByteView)>;
  // Ok: the peer has finished sending. Error: the connection is broken.
  using OnEnd = std::function<void(core::Status)>;

  explicit Stream(Owned<State> state);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  // Starts reading, or replaces who reads from the next bytes on.
  void read(OnRead on_read, OnEnd on_end);
  // Stops taking bytes from the kernel, which stops the peer; the end is not noticed meanwhile.
  void pause();
  void resume();

  // `done` may be empty; it is told when the kernel has all bytes, never before write() returns.
  void write(core::Bytes bytes, Done<core::Unit> done = {});
  void write(std::vector<Buffer> pieces, Done<core::Unit> done = {});
  // Bytes written but not yet taken by the kernel.
  std::size_t queued_bytes() const;
  // Called when a queued write has finished and nothing is queued any more.
  void on_drained(std::function<void()> fn);
  // Tells the peer, after what is queued, that nothing more will come.
  void shutdown(Done<core::Unit> done = {});

  // TCP only; for other streams they do nothing, and the addresses are empty.
  void keepalive(core::Duration idle);
  // The connection breaks when bytes stay unacknowledged for so long (TCP_USER_TIMEOUT, RFC 5482). Without
  // it, TCP sends them again ever more seldom, and a network that is back is noticed as late.
  void give_up_after(core::Duration unacknowledged);
  Address peer() const;
  Address local() const;

 private:
  Owned<State> state_;
};

}  // namespace net::uv
