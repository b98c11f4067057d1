// SPDX-License-Identifier: MPL-2.0
// Signals by the names that job files use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agent::client {

// "SIGINT", "INT", in any case, or a number; nothing for what is no signal.
std::optional<int> signal_number(std::string_view name);
// "SIGABRT,SIGALRM,...": those that a task can be sent.
std::string signal_names();

}  // namespace agent::client
