// SPDX-License-Identifier: MPL-2.0
#include "store/state/splice.h"

#include <algorithm>
#include <charconv>

#include "core/base/assert.h"

namespace store::state {
namespace {

// Behind the string that opens at `from`.
std::size_t string_end(std::string_view json, std::size_t from) {
  ASSERT(json[from] == '"');
  for (std::size_t i = from + 1; i < json.size(); ++i) {
    if (json[i] == '\\') ++i;
    else if (json[i] == '"') return i + 1;
  }
  UNREACHABLE();
}

// Behind the value that begins at `from`: at the comma or bracket that follows it.
std::size_t value_end(std::string_view json, std::size_t from) {
  std::size_t depth = 0;
  for (std::size_t i = from; i < json.size();) {
    const char c = json[i];
    if (c == '"') {
      i = string_end(json, i);
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) return i;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++i;
  }
  UNREACHABLE();
}

constexpr std::string_view kHex = "0123456789abcdef";

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  out.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
}

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

}  // namespace

std::string without(std::string_view object, std::initializer_list<std::string_view> names) {
  ASSERT(object.size() >= 2 && object.front() == '{' && object.back() == '}');
  std::string out = "{";
  out.reserve(object.size());
  for (std::size_t at = 1; at < object.size() - 1;) {
    const auto name_end = string_end(object, at);
    const auto name = object.substr(at + 1, name_end - at - 2);
    ASSERT(object[name_end] == ':');
    const auto end = value_end(object, name_end + 1);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      if (out.size() > 1) out += ',';
      out.append(object.substr(at, end - at));
    }
    at = object[end] == ',' ? end + 1 : end;
  }
  out += '}';
  return out;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    out.append(text.substr(copied, i - copied));
    append_escaped(out, text[i]);
    copied = i + 1;
  }
  out.append(text.substr(copied));
  out += '"';
}

ObjectText::ObjectText(std::string& out, std::string_view stored) : out_(out) {
  ASSERT(stored.size() >= 2 && stored.back() == '}');
  out_.append(stored.substr(0, stored.size() - 1));
}

void ObjectText::name(std::string_view text) {
  if (out_.back() != '{') out_ += ',';
  out_ += '"';
  out_.append(text).append("\":");
}

ObjectText& ObjectText::text(std::string_view member, std::string_view value) {
  name(member);
  append_quoted(out_, value);
  return *this;
}

ObjectText& ObjectText::number(std::string_view member, std::int64_t value) {
  name(member);
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out_.append(digits, end);
  return *this;
}

ObjectText& ObjectText::boolean(std::string_view member, bool value) {
  name(member);
  out_.append(value ? "true" : "false");
  return *this;
}

ObjectText& ObjectText::json(std::string_view member, std::string_view value) {
  name(member);
  out_.append(value.empty() ? std::string_view("null") : value);
  return *this;
}

}  // namespace store::state
