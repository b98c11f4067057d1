// SPDX-License-Identifier: MPL-2.0
// Whole numbers in text: all of it is digits (with a minus where the type has one) and fits, or nothing.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace core {

template <std::integral T>
std::optional<T> parse_integer(std::string_view text) {
  T value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace core
