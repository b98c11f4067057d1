// SPDX-License-Identifier: MPL-2.0
// One placement of a task group on a node: what was decided (desired) and what came of it (client).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.h"
#include "core/model/eval.h"
#include "core/model/job.h"
#include "core/model/kept.h"
#include "core/model/shape.h"

namespace core::model {

enum class DesiredStatus { run, stop, evict };
constexpr std::array<std::string_view, 3> words(DesiredStatus) { return {"run", "stop", "evict"}; }
enum class ClientStatus { pending, running, complete, failed, lost };
constexpr std::array<std::string_view, 5> words(ClientStatus) {
  return {"pending", "running", "complete", "failed", "lost"};
}
enum class TaskStatus { pending, running, dead };
constexpr std::array<std::string_view, 3> words(TaskStatus) { return {"pending", "running", "dead"}; }

namespace desired {  // Allocation.DesiredDescription
inline constexpr const char* kNotNeeded = "alloc not needed due to job update";
inline constexpr const char* kMigrating = "alloc is being migrated";
inline constexpr const char* kUpdating = "alloc is being updated due to job update";
inline constexpr const char* kLost = "alloc is lost since its node is down";
inline constexpr const char* kRescheduled = "alloc was rescheduled because it failed";
}  // namespace desired

// One thing that happened to a task. Details hold numbers as text (exit_code, signal, ...).
struct TaskEvent {
  std::string type;
  WallTime time;
  std::string display_message;
  std::map<std::string, std::string> details;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Type", self.type);
    visit("Time", self.time);
    visit("DisplayMessage", self.display_message);
    visit("Details", self.details);
  }
};
inline constexpr std::size_t kTaskEventsKept = 10;

struct TaskState {
  TaskStatus state = TaskStatus::pending;
  bool failed = false;
  std::uint64_t restarts = 0;
  Timestamp last_restart, started_at, finished_at;
  std::vector<TaskEvent> events;  // oldest first, newest kTaskEventsKept
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("State", self.state);
    visit("Failed", self.failed);
    visit("Restarts", self.restarts);
    visit("LastRestart", self.last_restart);
    visit("StartedAt", self.started_at);
    visit("FinishedAt", self.finished_at);
    visit("Events", self.events);
  }
  bool successful() const { return state == TaskStatus::dead && !failed; }
};

struct DesiredTransition {
  std::optional<bool> migrate, reschedule, force_reschedule;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Migrate", self.migrate);
    visit("Reschedule", self.reschedule);
    visit("ForceReschedule", self.force_reschedule);
  }
};

struct RescheduleEvent {
  WallTime time;
  AllocId previous_alloc;
  NodeId previous_node;
  Duration delay{};
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("RescheduleTime", self.time);
    visit("PrevAllocID", self.previous_alloc);
    visit("PrevNodeID", self.previous_node);
    visit("Delay", self.delay);
  }
};
struct RescheduleTracker {
  std::vector<RescheduleEvent> events;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("Events", self.events); }
};

struct Allocation {
  AllocId id;
  std::string ns = "default";
  EvalId eval_id;
  std::string name;  // "<job id>.<group>[<index>]"
  NodeId node_id;
  std::string node_name;
  JobId job_id;
  JobPtr job;  // the version placed; not in the field list
  std::uint64_t job_version = 0;
  std::string task_group;
  std::map<std::string, Resources> task_resources;  // with concrete ports
  Resources shared;                                 // the group's disk and networks
  Kept<AllocMetric> metrics;
  DesiredStatus desired_status = DesiredStatus::run;
  std::string desired_description;
  DesiredTransition desired_transition;
  ClientStatus client_status = ClientStatus::pending;
  std::string client_description;
  std::map<std::string, TaskState> task_states;
  AllocId previous_allocation, next_allocation;
  std::optional<RescheduleTracker> reschedule_tracker;
  EvalId followup_eval;
  Index create_index, modify_index, alloc_modify_index;  // alloc_modify_index: last server-side write
  WallTime create_time, modify_time;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Namespace", self.ns);
    visit("EvalID", self.eval_id);
    visit("Name", self.name);
    visit("NodeID", self.node_id);
    visit("NodeName", self.node_name);
    visit("JobID", self.job_id);
    visit("JobVersion", self.job_version);
    visit("TaskGroup", self.task_group);
    visit("TaskResources", self.task_resources);
    visit("SharedResources", self.shared);
    visit("Metrics", self.metrics);
    visit("DesiredStatus", self.desired_status);
    visit("DesiredDescription", self.desired_description);
    visit("DesiredTransition", self.desired_transition);
    visit("ClientStatus", self.client_status);
    visit("ClientDescription", self.client_description);
    visit("TaskStates", self.task_states);
    visit("PreviousAllocation", self.previous_allocation);
    visit("NextAllocation", self.next_allocation);
    visit("RescheduleTracker", self.reschedule_tracker);
    visit("FollowupEvalID", self.followup_eval);
    visit("CreateIndex", self.create_index);
    visit("ModifyIndex", self.modify_index);
    visit("AllocModifyIndex", self.alloc_modify_index);
    visit("CreateTime", self.create_time);
    visit("ModifyTime", self.modify_time);
  }
  bool server_terminal() const { return desired_status != DesiredStatus::run; }
  bool client_terminal() const {
    return client_status == ClientStatus::complete || client_status == ClientStatus::failed ||
           client_status == ClientStatus::lost;
  }
  bool terminal() const { return server_terminal() || client_terminal(); }
  JobKey job_key() const { return {ns, job_id}; }
};
using AllocPtr = std::shared_ptr<const Allocation>;

// Resources an allocation takes of its node: all tasks and the group's share.
Amount amount(const Allocation& alloc);
// The index in "<job>.<group>[<index>]"; nothing when the name has none.
std::optional<std::uint64_t> name_index(std::string_view alloc_name);
std::string alloc_name(const JobId& job, std::string_view group, std::uint64_t index);
// The API's Allocation (zero-valued members left out, Job spliced in from `job_json` if not empty) and
// its list stub, as JSON text. Old and new resource forms are both there.
std::string alloc_to_api(const Allocation& alloc, std::string_view job_json, Shape shape = Shape::current);
// `with_resources` adds AllocatedResources, as ?resources=true asks.
std::string alloc_stub_to_api(const Allocation& alloc, std::string_view job_type, bool with_resources = false);
// What a person reads for the event: its own message if it has one, else one by type and details.
std::string display_message(const TaskEvent& event);

}  // namespace core::model
