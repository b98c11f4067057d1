// SPDX-License-Identifier: MPL-2.0
#include "net/uv/address.h"

#include <cstring>

#include "core/base/integer.h"
#include "net/uv/error.h"
#include "net/uv/native.h"

namespace net::uv {
namespace {

core::Error bad(std::string_view text) { return {core::Errc::invalid, "bad address \"" + std::string(text) + "\""}; }

core::Result<std::uint16_t> parse_port(std::string_view text, std::string_view whole) {
  if (const auto port = core::parse_integer<std::uint16_t>(text)) return *port;
  return bad(whole);
}

}  // namespace

std::string join_host_port(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string to_string(const Address& address) { return join_host_port(address.ip, address.port); }

bool is_ip(std::string_view text) { return to_sockaddr({std::string(text), 0}).ok(); }

core::Result<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return bad(text);
    host = text.substr(1, close - 1);
    const auto rest = text.substr(close + 1);
    has_port = !rest.empty();
    if (has_port && rest.front() != ':') return bad(text);
    if (has_port) port = rest.substr(1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    has_port = true;
  }
  if (host.empty()) return bad(text);
  if (!has_port) return HostPort{std::string(host), default_port};
  TRY(const auto number, parse_port(port, text));
  return HostPort{std::string(host), number};
}

core::Result<Address> parse_address(std::string_view text) {
  // Port 0 cannot be told from "no port" by the default alone, so the text must hold one.
  if (text.rfind(':') == std::string_view::npos || text.ends_with(']')) return bad(text);
  TRY(auto parsed, parse_host_port(text, 0));
  if (!is_ip(parsed.host)) return bad(text);
  if (!text.starts_with('[') && parsed.host.size() == text.size()) return bad(text);
  return Address{std::move(parsed.host), parsed.port};
}

core::Result<sockaddr_storage> to_sockaddr(const Address& address) {
  sockaddr_storage out{};
  if (uv_ip4_addr(address.ip.c_str(), address.port, reinterpret_cast<sockaddr_in*>(&out)) == 0) return out;
  out = {};
  if (uv_ip6_addr(address.ip.c_str(), address.port, reinterpret_cast<sockaddr_in6*>(&out)) == 0) return out;
  return bad(address.ip);
}

Address from_sockaddr(const sockaddr* address) {
  char ip[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    uv_ip6_name(v6, ip, sizeof ip);
    return {ip, ntohs(v6->sin6_port)};
  }
  ASSERT(address->sa_family == AF_INET);
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
  uv_ip4_name(v4, ip, sizeof ip);
  return {ip, ntohs(v4->sin_port)};
}

}  // namespace net::uv
