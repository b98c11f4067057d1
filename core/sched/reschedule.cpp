// SPDX-License-Identifier: MPL-2.0
#include "core/sched/reschedule.h"

#include <algorithm>
#include <string_view>

namespace core::sched {
namespace {

using model::RescheduleEvent;

// An unlimited policy looks back no further than this.
constexpr std::size_t kEventsKept = 5;

const std::vector<RescheduleEvent>& events(const model::Allocation& alloc) {
  static const std::vector<RescheduleEvent> kNone;
  return alloc.reschedule_tracker ? alloc.reschedule_tracker->events : kNone;
}

bool limited(const model::ReschedulePolicy& policy) {
  return !policy.unlimited.value_or(false) && policy.attempts.value_or(0) > 0;
}

Duration grown(const std::vector<RescheduleEvent>& past, const model::ReschedulePolicy& policy) {
  const auto base = policy.delay.value_or(Duration{});
  const auto last = past.back().delay;
  const std::string_view function = policy.delay_function ? std::string_view(*policy.delay_function) : "constant";
  if (function == "exponential") return last * 2;
  if (function != "fibonacci" || past.size() < 2) return base;
  const auto before = past[past.size() - 2].delay;
  // After the ceiling the series starts again, and its first two members do not add up to the ceiling.
  const bool restarted = policy.max_delay && before == *policy.max_delay && last == base;
  return restarted ? last : last + before;
}

}  // namespace

const model::ReschedulePolicy* reschedule_policy(const model::Allocation& alloc) {
  if (!alloc.job) return nullptr;
  const auto* group = alloc.job->group(alloc.task_group);
  return group && group->reschedule_policy ? &*group->reschedule_policy : nullptr;
}

WallTime failed_at(const model::Allocation& alloc) {
  WallTime last;
  for (const auto& [task, state] : alloc.task_states) last = std::max(last, state.finished_at.at);
  return last.set() ? last : alloc.modify_time;
}

Duration next_delay(const model::Allocation& alloc, const model::ReschedulePolicy& policy) {
  const auto base = policy.delay.value_or(Duration{});
  const auto& past = events(alloc);
  if (past.empty()) return base;
  const auto delay = grown(past, policy);
  const auto ceiling = policy.max_delay.value_or(Duration{});
  if (ceiling <= Duration{} || delay <= ceiling) return delay;
  return failed_at(alloc) - past.back().time > ceiling ? base : ceiling;
}

std::optional<WallTime> next_reschedule(const model::Allocation& alloc) {
  const auto* policy = reschedule_policy(alloc);
  if (!policy || alloc.server_terminal() || alloc.client_status != model::ClientStatus::failed) return std::nullopt;
  const auto failed = failed_at(alloc);
  const auto delay = next_delay(alloc, *policy);
  if (policy->unlimited.value_or(false)) return failed + delay;
  if (!limited(*policy)) return std::nullopt;
  const auto interval = policy->interval.value_or(Duration{});
  const auto recent = std::count_if(events(alloc).begin(), events(alloc).end(),
                                    [&](const RescheduleEvent& event) { return failed - event.time < interval; });
  if (recent >= *policy->attempts || (recent > 0 && delay >= interval)) return std::nullopt;
  return failed + delay;
}

model::RescheduleTracker next_tracker(const model::Allocation& alloc, WallTime now) {
  model::RescheduleTracker out;
  const auto& past = events(alloc);
  Duration delay{};
  if (const auto* policy = reschedule_policy(alloc)) {
    delay = next_delay(alloc, *policy);
    const auto interval = policy->interval.value_or(Duration{});
    if (limited(*policy))
      std::copy_if(past.begin(), past.end(), std::back_inserter(out.events),
                   [&](const RescheduleEvent& event) { return now - event.time <= interval; });
    else
      out.events.assign(past.end() - static_cast<std::ptrdiff_t>(std::min(past.size(), kEventsKept)), past.end());
  }
  out.events.push_back({.time = now, .previous_alloc = alloc.id, .previous_node = alloc.node_id, .delay = delay});
  return out;
}

std::vector<NodeId> failed_nodes(const model::Allocation& alloc) {
  std::vector<NodeId> out;
  if (alloc.client_status == model::ClientStatus::failed) out.push_back(alloc.node_id);
  for (const auto& event : events(alloc)) out.push_back(event.previous_node);
  return out;
}

}  // namespace core::sched
