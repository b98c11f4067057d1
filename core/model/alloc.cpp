// SPDX-License-Identifier: MPL-2.0
#include "core/model/alloc.h"

#include "core/base/integer.h"


namespace core::model {

Amount amount(const Allocation& alloc) {
  auto out = amount(alloc.shared);
  for (const auto& [task, resources] : alloc.task_resources) out += amount(resources);
  return out;
}

std::optional<std::uint64_t> name_index(std::string_view alloc_name) {
  const auto open = alloc_name.rfind('[');
  if (open == std::string_view::npos || !alloc_name.ends_with(']')) return std::nullopt;
  const auto digits = alloc_name.substr(open + 1, alloc_name.size() - open - 2);
  return parse_integer<std::uint64_t>(digits);
}

std::string alloc_name(const JobId& job, std::string_view group, std::uint64_t index) {
  return job.text + "." + std::string(group) + "[" + std::to_string(index) + "]";
}

}  // namespace core::model
