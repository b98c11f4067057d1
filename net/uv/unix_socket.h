// SPDX-License-Identifier: MPL-2.0
// Unix sockets: the same as tcp.h for two processes of one host.
#pragma once

#include <functional>
#include <string>

#include "net/uv/done.h"
#include "net/uv/handle.h"
#include "net/uv/loop.h"
#include "net/uv/stream.h"

namespace net::uv {

class UnixListener {
 public:
  struct State;
  using OnConnection = std::function<void(Stream)>;

  // Creates the socket file with mode 0600 (errors: in_use if there is one, permission, invalid for a path
  // over 107 bytes) and removes it when destroyed.
  static core::Result<UnixListener> listen(Loop& loop, const std::string& path, OnConnection on_connection);
  UnixListener(UnixListener&&) noexcept;
  UnixListener& operator=(UnixListener&&) noexcept;
  ~UnixListener();

 private:
  explicit UnixListener(Owned<State> state);
  Owned<State> state_;
};

// One attempt to connect; destroying it gives it up, and `done` is not called then.
class UnixConnect {
 public:
  struct State;

  UnixConnect(Loop& loop, const std::string& path, Done<Stream> done);
  UnixConnect(UnixConnect&&) noexcept;
  UnixConnect& operator=(UnixConnect&&) noexcept;
  ~UnixConnect();

 private:
  std::unique_ptr<State> state_;
};

}  // namespace net::uv
