// SPDX-License-Identifier: MPL-2.0
// Where a peer is: a numeric IP address and a port. Names become addresses in resolver.h only.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace net::uv {

struct Address {
  std::string ip;  // "127.0.0.1", "::1"; never a name
  std::uint16_t port = 0;

  friend auto operator<=>(const Address&, const Address&) = default;
};

// "127.0.0.1:4646", "[::1]:4646".
std::string to_string(const Address& address);
// The inverse. Errc::invalid for names, missing or impossible ports.
core::Result<Address> parse_address(std::string_view text);
// Whether `text` is a numeric IPv4 or IPv6 address.
bool is_ip(std::string_view text);

struct HostPort {
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 0;

  friend auto operator<=>(const HostPort&, const HostPort&) = default;
};
// "host:port", "[::1]:port".
std::string join_host_port(const std::string& host, std::uint16_t port);
// The inverse: "host", "host:port", "1.2.3.4:port", "[::1]:port", "::1"; without a port the default is taken.
core::Result<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port);

}  // namespace net::uv
