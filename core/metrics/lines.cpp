// SPDX-License-Identifier: MPL-2.0
#include "core/base/assert.h"
#include "core/metrics/names.h"
#include "core/metrics/render.h"

namespace core::metrics {
namespace {

// "nomad.<host>.runtime.alloc_bytes"
Identity with_host(const Identity& identity, const std::string& host) {
  const auto first = identity.name.find('.');
  if (host.empty() || first == std::string::npos) return identity;
  return {identity.name.substr(0, first + 1) + host + identity.name.substr(first), identity.labels};
}

const char* unit(Registry::Kind kind) {
  switch (kind) {
    case Registry::Kind::gauge: return "g";
    case Registry::Kind::counter: return "c";
    case Registry::Kind::sample: return "ms";
  }
  UNREACHABLE();
}

}  // namespace

std::vector<std::string> take_lines(Registry& registry) {
  std::vector<std::string> lines;
  registry.take_unsent([&](Registry::Kind kind, const Identity& identity, double value) {
    const auto name = kind == Registry::Kind::gauge ? flat_name(with_host(identity, registry.host()), {}) : flat_name(identity, {});
    lines.push_back(name + ':' + fixed(value, 6) + '|' + unit(kind) + '\n');
  });
  return lines;
}

}  // namespace core::metrics
