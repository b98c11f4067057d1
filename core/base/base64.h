// SPDX-License-Identifier: MPL-2.0
// Bytes as text in the standard base64 alphabet, padded: how JSON carries them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace core {

std::string to_base64(std::string_view bytes);
// Nothing for text that is not base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace core
