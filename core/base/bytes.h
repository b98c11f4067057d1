// SPDX-License-Identifier: MPL-2.0
// Owned and borrowed bytes. Bytes are kept in std::string because libuv, SQLite and RapidJSON all
// speak char; a ByteView never outlives the buffer it looks into.
#pragma once

#include <string>
#include <string_view>

namespace core {

using Bytes = std::string;
using ByteView = std::string_view;

}  // namespace core
