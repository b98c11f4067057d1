// SPDX-License-Identifier: MPL-2.0
// JSON objects as text, cut apart and put together without being parsed into values. Only for text that
// our own writer made: compact (no white space between tokens) and valid.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace store::state {

// The object less those of its members.
std::string without(std::string_view object, std::initializer_list<std::string_view> names);

// Appends `text` as a JSON string.
void append_quoted(std::string& out, std::string_view text);

// An object written member by member at the end of `out`, which must outlive it. Names are ours and
// need no escaping.
class ObjectText {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
  // Goes on where `stored`, an object, ends.
  ObjectText(std::string& out, std::string_view stored);

  ObjectText& text(std::string_view name, std::string_view value);
  ObjectText& number(std::string_view name, std::int64_t value);
  ObjectText& boolean(std::string_view name, bool value);
  // A value that is JSON already; empty for null.
  ObjectText& json(std::string_view name, std::string_view value);
  void close() { out_ += '}'; }

 private:
  void name(std::string_view text);

  std::string& out_;
};

}  // namespace store::state
