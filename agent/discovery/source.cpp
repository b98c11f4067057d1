// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/source.h"

#include <algorithm>
#include <cctype>

#include "net/uv/address.h"

namespace agent::discovery {
namespace {

// Names that DNS can carry.
constexpr std::size_t kHostBytesMax = 253;

}  // namespace

bool usable_host(std::string_view host) {
  return !host.empty() && host.size() <= kHostBytesMax &&
         std::all_of(host.begin(), host.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == ':'; });
}

bool usable_address(std::string_view text) {
  const auto parsed = net::uv::parse_host_port(text, 0);
  return parsed.ok() && parsed->port != 0 && usable_host(parsed->host);
}

}  // namespace agent::discovery
