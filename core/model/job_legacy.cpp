// SPDX-License-Identifier: MPL-2.0
// Jobs as API clients send them, both generations: constraints with Hard=false, which v0.1.2 never
// enforced, are dropped; Migrate and Reschedule at job level are merged into the groups; what only
// servers write (status, indexes) is not read. Ports in old form are read by resources.cpp.
#include "core/model/job.h"

namespace core::model {
namespace {

using core::decode;
using json::Kind;
using json::Value;

// Decodes one member after the other from `object`, until the first error.
class MemberReader {
 public:
  explicit MemberReader(Value object) : object_(object) {}

  template <class T>
  void operator()(const char* name, T& member) {
    if (!status_.ok()) return;
    const auto found = object_.find(name, hint_);
    hint_ = found.next_hint;
    if (!found.present || found.value.is_null()) return;
    status_ = decode(found.value, member);
    if (!status_.ok()) status_ = within(name, std::move(status_).error());
  }
  Status status() && { return std::move(status_); }

 private:
  Value object_;
  std::size_t hint_ = 0;
  Status status_ = Unit{};
};

// The elements of a member that is an array of objects; none if it is anything else.
std::vector<Value> objects_of(Value object, std::string_view name) {
  std::vector<Value> out;
  const auto found = object.find(name);
  if (!found.present || found.value.kind() != Kind::array) return out;
  for (std::size_t i = 0; i < found.value.size(); ++i) out.push_back(found.value.element(i));
  return out;
}

bool is_soft(Value constraint) {
  if (constraint.kind() != Kind::object) return false;
  const auto hard = constraint.find("Hard");
  return hard.present && hard.value.kind() == Kind::boolean && !hard.value.boolean();
}

void drop_soft(Value owner, std::vector<Constraint>& constraints) {
  const auto sent = objects_of(owner, "Constraints");
  ASSERT(sent.size() == constraints.size());
  std::vector<Constraint> kept;
  for (std::size_t i = 0; i < sent.size(); ++i)
    if (!is_soft(sent[i])) kept.push_back(std::move(constraints[i]));
  constraints = std::move(kept);
}

// `groups` and their tasks were decoded from `job` a moment ago: element for element the same lists.
void drop_soft_everywhere(Value job, Job& out) {
  drop_soft(job, out.constraints);
  const auto groups = objects_of(job, "TaskGroups");
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (groups[g].kind() != Kind::object) continue;
    drop_soft(groups[g], out.groups[g].constraints);
    const auto tasks = objects_of(groups[g], "Tasks");
    for (std::size_t t = 0; t < tasks.size(); ++t)
      if (tasks[t].kind() == Kind::object) drop_soft(tasks[t], out.groups[g].tasks[t].constraints);
  }
}

template <class T>
void fill(std::optional<T>& member, const std::optional<T>& from) {
  if (!member) member = from;
}

Status inherit(Value job, Job& out) {
  std::optional<MigrateStrategy> migrate;
  std::optional<ReschedulePolicy> reschedule;
  MemberReader read(job);
  read("Migrate", migrate);
  read("Reschedule", reschedule);
  TRY(std::move(read).status());
  for (auto& group : out.groups) {
    fill(group.migrate, migrate);
    if (!reschedule) continue;
    if (!group.reschedule_policy) group.reschedule_policy.emplace();
    auto& policy = *group.reschedule_policy;
    fill(policy.attempts, reschedule->attempts);
    fill(policy.interval, reschedule->interval);
    fill(policy.delay, reschedule->delay);
    fill(policy.max_delay, reschedule->max_delay);
    fill(policy.delay_function, reschedule->delay_function);
    fill(policy.unlimited, reschedule->unlimited);
  }
  return Unit{};
}

}  // namespace

Result<Job> job_from_api(Value value) {
  if (value.kind() != Kind::object) return core::detail::mismatch("an object", value);
  Job job;
  MemberReader read(value);
  Job::spec_fields(job, read);
  read("Stop", job.stop);
  read("Version", job.version);
  read("JobModifyIndex", job.job_modify_index);
  TRY(std::move(read).status());
  drop_soft_everywhere(value, job);
  TRY(inherit(value, job));
  return job;
}

}  // namespace core::model
