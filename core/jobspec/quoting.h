// SPDX-License-Identifier: MPL-2.0
// Text as it is written to text as it is meant: escapes in quoted strings, indentation of heredocs.
#pragma once

#include <string>
#include <string_view>

namespace core::jobspec {

// Resolves the escape whose backslash is rest[0]; returns how many characters it takes. An escape that
// is none stays as it is written, as in the first job files, where regular expressions need no doubled
// backslash. `json` adds JSON's own escapes.
std::size_t append_escape(std::string& out, std::string_view rest, bool json);
// All escapes of a string's inside.
std::string unescape(std::string_view raw, bool json);
// Likewise for HCL1, where an interpolation is kept exactly as written, escapes in it included.
std::string unescape_around_interpolations(std::string_view raw);

// The smallest indentation of the lines that hold anything.
std::size_t common_indent(std::string_view lines);
std::string without_indent(std::string_view lines, std::size_t indent);

}  // namespace core::jobspec
