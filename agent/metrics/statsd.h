// SPDX-License-Identifier: MPL-2.0
// Lines to statsd: as many in a datagram as fit, sent and forgotten. The name is looked up at the start, and
// again a while after it was not found or a datagram could not be sent; until then lines are dropped.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/log.h"
#include "net/uv/address.h"
#include "net/uv/resolver.h"
#include "net/uv/timer.h"
#include "net/uv/udp.h"

namespace agent::metrics {

class Statsd {
 public:
  // What an Ethernet carries in one piece, headers of IP and UDP taken off, with room for a tunnel's.
  static constexpr std::size_t kDatagramBytesMax = 1432;

  Statsd(net::uv::Loop& loop, net::uv::HostPort where, core::Logger logger);

  // Each line ends with a newline.
  void send(const std::vector<std::string>& lines);

 private:
  void look_up();
  void found(core::Result<std::vector<net::uv::Address>> addresses);
  void failed(const core::Error& error);

  net::uv::Loop& loop_;
  net::uv::HostPort where_;
  core::Logger log_;
  bool told_ = false;  // that it cannot be reached
  std::optional<net::uv::Address> address_;
  std::optional<net::uv::UdpSocket> socket_;
  std::optional<net::uv::Resolve> lookup_;
  net::uv::Timer again_;
};

// The lines put together, none of them cut, in pieces of at most `bytes_max`; a longer line is left out.
std::vector<std::string> datagrams(const std::vector<std::string>& lines, std::size_t bytes_max);

}  // namespace agent::metrics
