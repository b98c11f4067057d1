// SPDX-License-Identifier: MPL-2.0
// The variables that tell a task its addresses: its own, its group's and its siblings' ports.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/model/alloc.h"

namespace core::client {

void add_ports(const model::Allocation& alloc, const model::Task& task, std::map<std::string, std::string>& env);
// Letters, digits, "_" and "." stay; all else becomes "_", and so does a leading digit.
std::string clean_name(std::string_view name);

}  // namespace core::client
