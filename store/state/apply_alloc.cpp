// SPDX-License-Identifier: MPL-2.0
// Allocations after they were placed: what clients report, and what servers want to become of them.
#include "store/state/apply.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;

// Every message is there for people to read, and only the newest events are kept.
void complete_events(std::map<std::string, model::TaskState>& states) {
  for (auto& [task, state] : states) {
    auto& events = state.events;
    if (events.size() > model::kTaskEventsKept)
      events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(model::kTaskEventsKept));
    for (auto& event : events)
      if (event.display_message.empty()) event.display_message = model::display_message(event);
  }
}

void merge(std::optional<bool>& into, const std::optional<bool>& from) {
  if (from) into = from;
}

}  // namespace

Status apply(model::AllocsUpdatedByClient event, Draft& draft, Applied& applied) {
  for (auto& update : event.allocs) {
    const auto stored = draft.alloc(update.id);
    if (!stored) continue;  // collected meanwhile
    complete_events(update.task_states);
    auto alloc = *stored;
    alloc.client_status = update.client_status;
    alloc.client_description = std::move(update.client_description);
    alloc.task_states = std::move(update.task_states);
    draft.put(std::move(alloc), stored, Extent::changing, false);
  }
  put_evals(std::move(event.evals), draft, applied);
  return core::ok_status();
}

Status apply(model::AllocTransitionsSet event, Draft& draft, Applied& applied) {
  bool found = event.allocs.empty();
  for (const auto& [id, wanted] : event.allocs) {
    const auto stored = draft.alloc(id);
    if (!stored) continue;
    found = true;
    auto alloc = *stored;
    merge(alloc.desired_transition.migrate, wanted.migrate);
    merge(alloc.desired_transition.reschedule, wanted.reschedule);
    merge(alloc.desired_transition.force_reschedule, wanted.force_reschedule);
      draft.put(std::move(alloc), stored, Extent::changing);
  }
  if (!found) return Error{Errc::not_found, "alloc not found"};
  put_evals(std::move(event.evals), draft, applied);
  return core::ok_status();
}

}  // namespace store::state
