// SPDX-License-Identifier: MPL-2.0
#include "core/metrics/names.h"

#include <array>
#include <charconv>

#include "core/base/assert.h"

namespace core::metrics {

std::string spell(WallTime t) {
  auto text = format_rfc3339(t);
  ASSERT(text.size() == 20);  // 2026-11-22T11:21:00Z
  text[10] = ' ';
  text.pop_back();
  return text + " +0000 UTC";
}

void append_flat(std::string& out, std::string_view part) {
  for (const char c : part) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte <= ' ' || byte == 0x7f || c == ':' || c == '|' ? '_' : c;
  }
}

std::string flat_name(const Identity& identity, std::string_view host) {
  std::string out;
  append_flat(out, identity.name);
  for (const auto& label : identity.labels) append_flat(out += '.', label.value);
  if (!host.empty()) append_flat(out += '.', host);
  return out;
}

std::string fixed(double value, int digits) {
  std::array<char, 352> buffer;  // the largest double has 309 digits
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, digits).ptr;
  return {buffer.data(), end};
}

}  // namespace core::metrics
