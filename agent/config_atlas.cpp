// SPDX-License-Identifier: MPL-2.0
#include "agent/config_atlas.h"

#include <algorithm>
#include <cctype>

#include "agent/config_ports.h"
#include "net/http/client.h"

namespace agent::config {
namespace {

constexpr std::size_t kInfrastructureBytesMax = 128;

}  // namespace

bool is_infrastructure(std::string_view text) {
  return !text.empty() && text.size() <= kInfrastructureBytesMax &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-' || c == '/'; });
}

core::Status check_atlas(const Config& c) {
  const auto broken = [](std::string text) { return core::Error{core::Errc::invalid, std::move(text)}; };
  const auto& atlas = c.atlas;
  if (!atlas.infrastructure.empty() && !is_infrastructure(atlas.infrastructure))
    return broken("atlas.infrastructure must be 1 to 128 letters, digits, '.', '_', '-' and '/', as <org>/<name>");
  if (!atlas.endpoint.empty()) {
    if (const auto where = net::http::parse_url(atlas.endpoint, kHttpPort); !where.ok()) return core::within("atlas.endpoint", where.error());
    if (!atlas.infrastructure.empty() && atlas.token.empty()) return broken("atlas.token must be set to use atlas.endpoint");
  }
  if (c.atlas_rendezvous.enabled.value_or(false) && c.atlas_rendezvous.token.empty() && atlas.token.empty())
    return broken("atlas_rendezvous.token must be set: without one, anybody could enter servers");
  return core::ok_status();
}

}  // namespace agent::config
