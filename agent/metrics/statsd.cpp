// SPDX-License-Identifier: MPL-2.0
#include "agent/metrics/statsd.h"

#include <utility>

namespace agent::metrics {
namespace {

constexpr core::Duration kLookAgain = std::chrono::seconds(10);

}  // namespace

std::vector<std::string> datagrams(const std::vector<std::string>& lines, std::size_t bytes_max) {
  std::vector<std::string> out;
  for (const auto& line : lines) {
    if (line.size() > bytes_max) continue;
    if (out.empty() || out.back().size() + line.size() > bytes_max) out.emplace_back();
    out.back() += line;
  }
  return out;
}

Statsd::Statsd(net::uv::Loop& loop, net::uv::HostPort where, core::Logger logger)
    : loop_(loop), where_(std::move(where)), log_(std::move(logger)), again_(loop, [this] { look_up(); }) {
  look_up();
}

void Statsd::look_up() {
  lookup_.emplace(loop_, where_, [this](core::Result<std::vector<net::uv::Address>> addresses) { found(std::move(addresses)); });
}

void Statsd::found(core::Result<std::vector<net::uv::Address>> addresses) {
  if (!addresses.ok()) return failed(addresses.error());
  const auto& address = addresses->front();
  const bool v6 = address.ip.find(':') != std::string::npos;
  auto socket = net::uv::UdpSocket::bind(loop_, {v6 ? "::" : "0.0.0.0", 0}, [](core::ByteView, const net::uv::Address&) {});
  if (!socket.ok()) return failed(socket.error());
  socket_.emplace(std::move(*socket));
  address_ = address;
  told_ = false;
}

void Statsd::failed(const core::Error& error) {
  if (!std::exchange(told_, true)) LOG(log_, warn, "statsd cannot be reached", {"address", net::uv::join_host_port(where_.host, where_.port)}, {"error", error});
  address_.reset();
  again_.arm(loop_.now() + kLookAgain);
}

void Statsd::send(const std::vector<std::string>& lines) {
  if (!address_) return;
  for (const auto& datagram : datagrams(lines, kDatagramBytesMax)) {
    const auto sent = socket_->send(*address_, datagram);
    if (sent.ok() || sent.error().code == core::Errc::busy) continue;
    return failed(sent.error());
  }
}

}  // namespace agent::metrics
