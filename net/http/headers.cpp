// SPDX-License-Identifier: MPL-2.0
#include "net/http/headers.h"

#include <algorithm>

#include "core/base/assert.h"

namespace net::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct Field {
  std::size_t start = 0;
  std::size_t end = 0;  // after the "\r\n"
  std::string_view name;
  std::string_view value;
};

// The field that starts at `at`. REQUIRES: at < wire.size().
Field field_at(std::string_view wire, std::size_t at) {
  const auto end = wire.find("\r\n", at);
  ASSERT(end != std::string_view::npos);
  const auto line = wire.substr(at, end - at);
  const auto colon = line.find(": ");
  ASSERT(colon != std::string_view::npos);
  return {at, end + 2, line.substr(0, colon), trim(line.substr(colon + 2))};
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

void append_clean(core::Bytes& out, std::string_view value) {
  const auto start = out.size();
  out.append(value);
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), is_control, ' ');
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

void Headers::add(std::string_view name, std::string_view value) {
  ASSERT(!name.empty());
  for (const char c : name) ASSERT(static_cast<unsigned char>(c) > 0x20 && c != ':' && c != 0x7f);
  wire_.reserve(wire_.size() + name.size() + value.size() + 4);
  wire_.append(name).append(": ");
  append_clean(wire_, value);
  wire_.append("\r\n");
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

void Headers::remove(std::string_view name) {
  for (std::size_t at = 0; at < wire_.size();) {
    const auto field = field_at(wire_, at);
    if (same_name(field.name, name)) {
      wire_.erase(field.start, field.end - field.start);
    } else {
      at = field.end;
    }
  }
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (std::size_t at = 0; at < wire_.size();) {
    const auto field = field_at(wire_, at);
    if (same_name(field.name, name)) return field.value;
    at = field.end;
  }
  return std::nullopt;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  bool found = false;
  for_each([&](std::string_view field, std::string_view value) {
    if (found || !same_name(field, name)) return;
    while (true) {
      const auto comma = value.find(',');
      found = found || same_name(trim(value.substr(0, comma)), token);
      if (comma == std::string_view::npos) return;
      value.remove_prefix(comma + 1);
    }
  });
  return found;
}

void Headers::for_each(const std::function<void(std::string_view, std::string_view)>& visit) const {
  for (std::size_t at = 0; at < wire_.size();) {
    const auto field = field_at(wire_, at);
    visit(field.name, field.value);
    at = field.end;
  }
}

void FieldSink::value(std::string_view piece) { append_clean(wire_, piece); }

}  // namespace net::http
