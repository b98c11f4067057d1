// SPDX-License-Identifier: MPL-2.0
#include "core/sched/distinct.h"

#include <optional>

#include "core/sched/text.h"

namespace core::sched {

Distinct::Distinct(Peers& peers, const model::Job& job, Peers::GroupIndex group) : peers_(peers), group_(group) {
  add(job.constraints, true);
  add(job.groups[group].constraints, false);
}

void Distinct::add(const std::vector<model::Constraint>& constraints, bool whole_job) {
  for (const auto& constraint : constraints) {
    if (constraint.operand == "distinct_hosts") {
      if (parse_bool(constraint.rtarget).value_or(true))
        rules_.push_back({.whole_job = whole_job, .target = {}, .property = 0, .allowed = 0});
    } else if (constraint.operand == "distinct_property") {
      const auto allowed = parse_number(constraint.rtarget).value_or(1);
      rules_.push_back({.whole_job = whole_job, .target = constraint.ltarget,
                        .property = peers_.track(constraint.ltarget, whole_job ? std::nullopt : std::optional(group_)),
                        .allowed = allowed >= 1 ? static_cast<std::int64_t>(allowed) : 1});
    }
  }
}

Distinct::Refusal Distinct::refuses(HostIndex host) const {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const auto& rule = rules_[i];
    const auto index = static_cast<std::int32_t>(i);
    if (rule.allowed == 0) {
      if ((rule.whole_job ? peers_.on(host) : peers_.on(host, group_)) > 0) return {index};
      continue;
    }
    const auto& property = peers_.property(rule.property);
    const auto value = property.at(host);
    if (value == PropertyCounts::kMissing || property.count(value) >= rule.allowed) return {index, value};
  }
  return {};
}

std::string Distinct::reason(Refusal refusal) const {
  const auto& rule = rules_[static_cast<std::size_t>(refusal.rule)];
  if (rule.allowed == 0) return "distinct_hosts";
  if (refusal.value == PropertyCounts::kMissing) return "missing property \"" + rule.target + "\"";
  const auto& property = peers_.property(rule.property);
  return "distinct_property: " + rule.target + "=" + property.values()[static_cast<std::size_t>(refusal.value)] +
         " used by " + std::to_string(property.count(refusal.value)) + " allocs";
}

}  // namespace core::sched
