// SPDX-License-Identifier: MPL-2.0
// The rules for a whole job and its groups. Tasks: task_validate.cpp; constraints and their kin:
// rules_validate.cpp; what is understood but not run here: unsupported.cpp.
#include "core/base/limits.h"
#include "core/model/job.h"
#include "core/model/validation.h"

namespace core::model {

std::string multi_error(const std::vector<std::string>& errors) {
  std::string out = std::to_string(errors.size()) + (errors.size() == 1 ? " error" : " errors") + " occurred:\n";
  for (const auto& error : errors) out += "\t* " + error + "\n";
  return out + "\n";
}

void Faults::add_nested(const std::string& where, const Faults& inner) {
  if (!inner.list.empty()) add(where + " validation failed: " + multi_error(inner.list));
}

namespace {

void check_identity(const Job& job, Faults& faults) {
  if (job.region.empty()) faults.add("Missing job region");
  if (job.id.empty()) faults.add("Missing job ID");
  if (job.id.text.find(' ') != std::string::npos) faults.add("Job ID contains a space");
  if (job.id.text.find('\0') != std::string::npos) faults.add("Job ID contains a null character");
  if (job.id.text.size() > limits::kIdBytesMax)
    faults.add("Job ID is longer than " + std::to_string(limits::kIdBytesMax) + " bytes");
  if (job.name.empty()) faults.add("Missing job name");
  if (job.name.find('\0') != std::string::npos) faults.add("Job Name contains a null character");
  if (job.ns.empty()) faults.add("Job must be in a namespace");
}

void check_type(const Job& job, Faults& faults) {
  if (job.type.empty()) faults.add("Missing job type");
  else if (job.type == "_core") faults.add("job type cannot be core");
  else if (job.type != "service" && job.type != "batch" && job.type != "system")
    faults.add("Invalid job type: \"" + job.type + "\"");
  if (job.priority < kPriorityMin || job.priority > kPriorityMax)
    faults.add("Job priority must be between [" + std::to_string(kPriorityMin) + ", " +
               std::to_string(kPriorityMax) + "]");
  if (job.datacenters.empty()) faults.add("Missing job datacenters");
  for (const auto& datacenter : job.datacenters)
    if (datacenter.empty()) faults.add("Job datacenter must be non-empty string");
}

void check_rules_of_job(const Job& job, Faults& faults) {
  check_constraints(job.constraints, faults);
  if (job.type == "system") {
    if (!job.affinities.empty()) faults.add("System jobs may not have an affinity stanza");
    if (!job.spreads.empty()) faults.add("System jobs may not have a spread stanza");
    return;
  }
  check_affinities(job.affinities, faults);
  check_spreads(job.spreads, faults);
}

// Names are 1-based positions in Nomad's texts. `what` is "Job task group" or "Task".
template <class Item>
void check_names(const std::vector<Item>& items, const std::string& what, const std::string& noun, Faults& faults) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto number = std::to_string(i + 1);
    if (items[i].name.empty()) {
      faults.add(what + " " + number + " missing name");
      continue;
    }
    const auto [first, fresh] = seen.emplace(items[i].name, i + 1);
    if (!fresh)
      faults.add(what + " " + number + " redefines '" + items[i].name + "' from " + noun + " " +
                 std::to_string(first->second));
  }
}

void check_update(const UpdateStrategy& u, Faults& faults) {
  if (u.health_check != "checks" && u.health_check != "task_states" && u.health_check != "manual")
    faults.add("Invalid health check given: \"" + u.health_check + "\"");
  if (u.max_parallel < 0)
    faults.add("Max parallel can not be less than zero: " + std::to_string(u.max_parallel) + " < 0");
  if (u.canary < 0) faults.add("Canary count can not be less than zero: " + std::to_string(u.canary) + " < 0");
  if (u.canary == 0 && u.auto_promote) faults.add("Auto Promote requires a Canary count greater than zero");
  if (u.min_healthy_time < Duration::zero())
    faults.add("Minimum healthy time may not be less than zero: " + format_duration(u.min_healthy_time));
  if (u.healthy_deadline <= Duration::zero())
    faults.add("Healthy deadline must be greater than zero: " + format_duration(u.healthy_deadline));
  if (u.progress_deadline < Duration::zero())
    faults.add("Progress deadline must be zero or greater: " + format_duration(u.progress_deadline));
  if (u.min_healthy_time >= u.healthy_deadline)
    faults.add("Minimum healthy time must be less than healthy deadline: " + format_duration(u.min_healthy_time) +
               " > " + format_duration(u.healthy_deadline));
  if (u.progress_deadline != Duration::zero() && u.healthy_deadline >= u.progress_deadline)
    faults.add("Healthy deadline must be less than progress deadline: " + format_duration(u.healthy_deadline) +
               " > " + format_duration(u.progress_deadline));
  if (u.stagger <= Duration::zero())
    faults.add("Stagger must be greater than zero: " + format_duration(u.stagger));
}

void check_migrate(const MigrateStrategy& m, const std::string& type, Faults& faults) {
  if (type != "service") return faults.add("Job type \"" + type + "\" does not allow migrate block");
  if (m.max_parallel < 0)
    faults.add("MaxParallel must be >= 0 but found " + std::to_string(m.max_parallel));
  if (m.health_check != "checks" && m.health_check != "task_states")
    faults.add("Invalid HealthCheck: \"" + m.health_check + "\"");
  if (m.min_healthy_time < Duration::zero())
    faults.add("MinHealthyTime is " + format_duration(m.min_healthy_time) + " but must be >= 0");
  if (m.healthy_deadline < Duration::zero())
    faults.add("HealthyDeadline is " + format_duration(m.healthy_deadline) + " but must be >= 0");
  if (m.min_healthy_time > m.healthy_deadline) faults.add("MinHealthyTime must be less than HealthyDeadline");
}

void check_count(const TaskGroup& group, const std::string& type, Faults& faults) {
  const auto count = group.count.value_or(0);
  if (count < 0) faults.add("Task group count can't be negative");
  if (count > limits::kGroupCountMax)
    faults.add("Task group count can't be over " + std::to_string(limits::kGroupCountMax));
  if (type == "system" && count > 1)
    faults.add("Job task group " + group.name + " has count " + std::to_string(count) +
               ". Count cannot exceed 1 with system scheduler");
}

void check_policies(const TaskGroup& group, const std::string& type, Faults& faults) {
  if (group.restart_policy) check_restart(*group.restart_policy, faults);
  else faults.add("Task Group " + group.name + " should have a restart policy");
  if (type == "system") {
    if (group.reschedule_policy) faults.add("System jobs should not have a reschedule policy");
  } else if (group.reschedule_policy) {
    check_reschedule(*group.reschedule_policy, faults);
  }
  if (group.update) check_update(*group.update, faults);
  if (group.migrate) check_migrate(*group.migrate, type, faults);
  if (group.ephemeral_disk && group.ephemeral_disk->size_mb < kDiskMbMin)
    faults.add("minimum DiskMB value is " + std::to_string(kDiskMbMin) + "; got " +
               std::to_string(group.ephemeral_disk->size_mb));
  if (group.shutdown_delay && *group.shutdown_delay < Duration::zero())
    faults.add("ShutdownDelay must be a positive value");
}

void check_group(const TaskGroup& group, const Job& job, Faults& faults) {
  if (group.name.find('\0') != std::string::npos) faults.add("Task group name contains null character");
  if (group.tasks.empty()) faults.add("Missing tasks for task group");
  check_count(group, job.type, faults);
  check_constraints(group.constraints, faults);
  if (job.type == "system") {
    if (!group.affinities.empty()) faults.add("System jobs may not have an affinity stanza");
    if (!group.spreads.empty()) faults.add("System jobs may not have a spread stanza");
  } else {
    check_affinities(group.affinities, faults);
    check_spreads(group.spreads, faults);
  }
  check_policies(group, job.type, faults);
  check_ports(group, faults);
  check_names(group.tasks, "Task", "task", faults);
  std::size_t leaders = 0;
  for (const auto& task : group.tasks) leaders += task.leader ? 1 : 0;
  if (leaders > 1) faults.add("Only one task may be marked as leader");
  for (const auto& task : group.tasks) {
    Faults inner;
    check_task(task, group, inner);
    faults.add_nested("Task " + task.name, inner);
  }
}

}  // namespace

std::vector<std::string> validate(const Job& job) {
  Faults faults;
  check_identity(job, faults);
  check_type(job, faults);
  check_rules_of_job(job, faults);
  if (job.groups.empty()) faults.add("Missing job task groups");
  check_names(job.groups, "Job task group", "group", faults);
  for (const auto& group : job.groups) {
    Faults inner;
    check_group(group, job, inner);
    faults.add_nested("Task group " + group.name, inner);
  }
  check_supported(job, faults);
  return std::move(faults.list);
}

}  // namespace core::model
