// SPDX-License-Identifier: MPL-2.0
// Header fields, kept as they travel ("Name: value\r\n" each) so that reading them copies each byte
// once and writing them is one copy. Names compare without case. A message has a dozen fields, so
// looking one up scans them.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/base/bytes.h"

namespace net::http {

// Equal but for the case of ASCII letters.
bool same_name(std::string_view a, std::string_view b);

class Headers {
 public:
  // Control characters in a value become spaces: a value never ends a header line. REQUIRES: a name
  // without colon, space or control characters.
  void add(std::string_view name, std::string_view value);
  // Replaces every field of that name.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  // The first field of that name; good until the headers change.
  std::optional<std::string_view> find(std::string_view name) const;
  // Whether a comma-separated field ("Connection: a, b") holds the word, in any case.
  bool has_token(std::string_view name, std::string_view token) const;
  void for_each(const std::function<void(std::string_view name, std::string_view value)>& visit) const;

  bool empty() const { return wire_.empty(); }
  core::ByteView wire() const { return wire_; }

 private:
  friend class FieldSink;
  core::Bytes wire_;
};

// Builds headers from the pieces a parser sees, in order: name, end, value, end.
class FieldSink {
 public:
  explicit FieldSink(Headers& into) : wire_(into.wire_) {}
  void name(std::string_view piece) { wire_.append(piece); }
  void name_ends() { wire_.append(": "); }
  void value(std::string_view piece);
  void value_ends() { wire_.append("\r\n"); }

 private:
  core::Bytes& wire_;
};

}  // namespace net::http
