// SPDX-License-Identifier: MPL-2.0
// Pieces of the small languages in constraints: lists, numbers, yes and no, patterns.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace core::sched {

// Without blanks at both ends.
std::string_view trim(std::string_view text);
// The pieces between separators; one empty piece for empty text.
std::vector<std::string_view> split(std::string_view text, char separator);
// A decimal number that is all of `text`.
std::optional<double> parse_number(std::string_view text);
// "1", "t", "true" and the like, as Go reads a boolean; nothing for other text.
std::optional<bool> parse_bool(std::string_view text);
// `pattern` matches all of `text`, its every '*' any run of characters.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace core::sched
