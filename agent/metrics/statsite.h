// SPDX-License-Identifier: MPL-2.0
// Lines to statsite over one TCP connection, made anew a while after it failed or broke. While there is none,
// and while more than so much waits to be written, lines are dropped.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/log.h"
#include "net/uv/address.h"
#include "net/uv/resolver.h"
#include "net/uv/stream.h"
#include "net/uv/tcp.h"
#include "net/uv/timer.h"

namespace agent::metrics {

class Statsite {
 public:
  // Some minutes of a busy server's lines.
  static constexpr std::size_t kQueuedBytesMax = 1024 * 1024;

  Statsite(net::uv::Loop& loop, net::uv::HostPort where, core::Logger logger, core::Duration try_again = std::chrono::seconds(5));

  // Each line ends with a newline.
  void send(const std::vector<std::string>& lines);

 private:
  void begin();
  void connect(const net::uv::Address& address);
  void connected(net::uv::Stream stream);
  void failed(const core::Error& error);

  net::uv::Loop& loop_;
  net::uv::HostPort where_;
  core::Logger log_;
  core::Duration try_again_;
  bool told_ = false;  // that it cannot be reached
  std::optional<net::uv::Resolve> lookup_;
  std::optional<net::uv::TcpConnect> attempt_;
  std::optional<net::uv::Stream> stream_;
  net::uv::Timer again_;
};

}  // namespace agent::metrics
