// SPDX-License-Identifier: MPL-2.0
#include "core/metrics/filter.h"

#include "core/base/assert.h"

namespace core::metrics {

Filter::Filter(const std::vector<std::string>& rules, bool otherwise) : otherwise_(otherwise) {
  for (const auto& rule : rules) {
    ASSERT(!rule.empty() && (rule[0] == '+' || rule[0] == '-'));
    const auto entry = rules_.emplace(rule.substr(1), true).first;
    if (rule[0] == '-') entry->second = false;
  }
}

bool Filter::allows(std::string_view name) const {
  std::size_t longest = 0;
  bool verdict = otherwise_;
  for (const auto& [prefix, allowed] : rules_) {
    if (!name.starts_with(prefix) || prefix.size() < longest) continue;
    longest = prefix.size();
    verdict = allowed;
  }
  return verdict;
}

}  // namespace core::metrics
