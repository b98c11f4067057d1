// SPDX-License-Identifier: MPL-2.0
#include "net/uv/interfaces.h"

#include <uv.h>

#include "net/uv/native.h"

namespace net::uv {
namespace {

// RFC 1918.
bool is_private(const std::string& ip) {
  if (ip.starts_with("10.") || ip.starts_with("192.168.")) return true;
  if (!ip.starts_with("172.")) return false;
  const auto second = std::atoi(ip.c_str() + 4);
  return second >= 16 && second <= 31;
}

}  // namespace

std::string reachable_ip(const std::string& bound) {
  if (bound != "0.0.0.0" && bound != "::") return bound;
  uv_interface_address_t* list = nullptr;
  int count = 0;
  std::string best = "127.0.0.1";
  if (uv_interface_addresses(&list, &count) != 0) return best;
  bool any = false;
  for (int i = 0; i < count; ++i) {
    if (list[i].is_internal != 0 || list[i].address.address4.sin_family != AF_INET) continue;
    const auto ip = from_sockaddr(reinterpret_cast<const sockaddr*>(&list[i].address.address4)).ip;
    if (is_private(ip)) {
      best = ip;
      break;
    }
    if (!std::exchange(any, true)) best = ip;
  }
  uv_free_interface_addresses(list, count);
  return best;
}

}  // namespace net::uv
