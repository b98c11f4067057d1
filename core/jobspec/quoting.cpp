// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/quoting.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace core::jobspec {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  static constexpr unsigned char kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(kLead[more] | (c >> (6 * more)));
  for (int shift = 6 * (more - 1); shift >= 0; shift -= 6)
    out += static_cast<char>(0x80 | ((c >> shift) & 0x3F));
}

std::optional<std::uint32_t> hex(std::string_view digits, std::size_t size) {
  std::uint32_t value = 0;
  if (digits.size() < size) return std::nullopt;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + size, value, 16);
  if (code != std::errc{} || end != digits.data() + size || value > 0x10FFFF) return std::nullopt;
  return value;
}

bool is_surrogate(std::uint32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

// \uXXXX, with JSON's pairs for what is beyond. Returns the characters read behind the backslash.
std::size_t append_unicode(std::string& out, std::string_view rest) {
  const std::size_t size = rest[0] == 'u' ? 4 : 8;
  auto c = hex(rest.substr(1), size);
  if (!c) return 0;
  if (!is_surrogate(*c)) return append_utf8(out, *c), size + 1;
  const auto low = rest.substr(5).starts_with("\\u") ? hex(rest.substr(7), 4) : std::nullopt;
  const bool pair = *c < 0xDC00 && low && *low >= 0xDC00 && *low <= 0xDFFF;
  append_utf8(out, pair ? 0x10000 + ((*c - 0xD800) << 10) + (*low - 0xDC00) : 0xFFFD);
  return pair ? 11 : size + 1;
}

}  // namespace

std::size_t append_escape(std::string& out, std::string_view rest, bool json) {
  const char letter = rest.size() < 2 ? '\0' : rest[1];
  const std::string_view letters = json ? "nrt\"\\bf/" : "nrt\"\\";
  constexpr std::string_view kMeant = "\n\r\t\"\\\b\f/";
  if (const auto found = letters.find(letter); found != std::string_view::npos) {
    out += kMeant[found];
    return 2;
  }
  const bool unicode = letter == 'u' || (letter == 'U' && !json);
  if (const auto size = unicode ? append_unicode(out, rest.substr(1)) : 0; size > 0) return size + 1;
  out += '\\';
  return 1;
}

std::size_t common_indent(std::string_view lines) {
  std::size_t least = std::string_view::npos;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    const auto indent = line.find_first_not_of(" \t\r");
    if (indent != std::string_view::npos) least = std::min(least, indent);
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
  return least == std::string_view::npos ? 0 : least;
}

std::string without_indent(std::string_view lines, std::size_t indent) {
  std::string out;
  while (!lines.empty()) {
    const auto size = std::min(
        lines.find('\n') == std::string_view::npos ? lines.size() : lines.find('\n') + 1, lines.size());
    const auto line = lines.substr(0, size);
    out += line.substr(std::min({indent, line.find_first_not_of(" \t"), line.size()}));
    lines.remove_prefix(size);
  }
  return out;
}

std::string unescape_around_interpolations(std::string_view raw) {
  std::string out;
  std::size_t open = 0;
  for (std::size_t i = 0; i < raw.size();) {
    if (open == 0 && raw[i] == '\\') {
      i += append_escape(out, raw.substr(i), false);
      continue;
    }
    if (raw[i] == '{' && (open > 0 || (i > 0 && raw[i - 1] == '$'))) ++open;
    if (raw[i] == '}' && open > 0) --open;
    out += raw[i++];
  }
  return out;
}

std::string unescape(std::string_view raw, bool json) {
  std::string out;
  for (std::size_t i = 0; i < raw.size();) {
    if (raw[i] == '\\')
      i += append_escape(out, raw.substr(i), json);
    else
      out += raw[i++];
  }
  return out;
}

}  // namespace core::jobspec
