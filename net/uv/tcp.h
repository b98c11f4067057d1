// SPDX-License-Identifier: MPL-2.0
// TCP: listening and connecting; what comes out is a Stream with small writes sent at once.
#pragma once

#include <functional>

#include "core/base/time.h"
#include "net/uv/address.h"
#include "net/uv/done.h"
#include "net/uv/handle.h"
#include "net/uv/loop.h"
#include "net/uv/stream.h"

namespace net::uv {

class TcpListener {
 public:
  struct State;
  using OnConnection = std::function<void(Stream)>;

  // Port 0 picks a free one. Errc::in_use, permission, or invalid (an address this host has not).
  static core::Result<TcpListener> listen(Loop& loop, const Address& address, OnConnection on_connection);
  TcpListener(TcpListener&&) noexcept;
  TcpListener& operator=(TcpListener&&) noexcept;
  ~TcpListener();

  // With the port that was picked.
  Address local() const;

 private:
  explicit TcpListener(Owned<State> state);
  Owned<State> state_;
};

// One attempt to connect. `done` is called once, at the latest after `timeout` (Errc::timeout);
// destroying the attempt gives it up, and `done` is not called then.
class TcpConnect {
 public:
  struct State;

  TcpConnect(Loop& loop, const Address& address, core::Duration timeout, Done<Stream> done);
  TcpConnect(TcpConnect&&) noexcept;
  TcpConnect& operator=(TcpConnect&&) noexcept;
  ~TcpConnect();

 private:
  std::unique_ptr<State> state_;
};

}  // namespace net::uv
