// SPDX-License-Identifier: MPL-2.0
// Defaults, by job type, and the rewriting of what v0.1.x job files spell differently. A rolling
// update is applied only where the user asked for one (max_parallel > 0): a job without an update
// block changes all at once.
#include <array>
#include <utility>

#include "core/model/job.h"

namespace core::model {
namespace {

using Renames = std::array<std::pair<std::string_view, std::string_view>, 8>;

// What v0.1.x fingerprinted under another name.
constexpr Renames kAttributeNames = {{
    {"arch", "cpu.arch"},
    {"hostname", "unique.hostname"},
    {"network.ip-address", "unique.network.ip-address"},
    {"storage.volume", "unique.storage.volume"},
    {"storage.bytestotal", "unique.storage.bytestotal"},
    {"storage.bytesfree", "unique.storage.bytesfree"},
    {"consul.name", "unique.consul.name"},
    {"platform.aws.instance-id", "unique.platform.aws.instance-id"},
}};

std::string modern_attribute(std::string_view name) {
  for (const auto& [old_name, new_name] : kAttributeNames)
    if (name == old_name) return std::string(new_name);
  return std::string(name);
}

// "$attr.x" and "${attr.x}" both become "${attr.x}" with today's name of x; anything else stays.
std::string modern_target(const std::string& target) {
  std::string_view inner = target;
  if (!inner.starts_with('$')) return target;
  if (inner.starts_with("${") && inner.ends_with('}')) inner = inner.substr(2, inner.size() - 3);
  else if (inner.starts_with("${")) return target;
  else inner.remove_prefix(1);
  constexpr std::string_view kAttr = "attr.", kMeta = "meta.";
  if (inner.starts_with(kAttr)) return "${attr." + modern_attribute(inner.substr(kAttr.size())) + "}";
  if (inner.starts_with(kMeta)) return "${" + std::string(inner) + "}";
  if (inner == "node.id" || inner == "node.unique.id") return "${node.unique.id}";
  if (inner == "node.name" || inner == "node.unique.name") return "${node.unique.name}";
  if (inner == "node.datacenter") return "${node.datacenter}";
  return target;
}

template <class Rule>  // Constraint or Affinity
void canonicalize_rules(std::vector<Rule>& rules) {
  for (auto& rule : rules) {
    rule.ltarget = modern_target(rule.ltarget);
    rule.rtarget = modern_target(rule.rtarget);
    if (rule.operand.empty()) rule.operand = "=";
  }
}

template <class T>
void default_to(std::optional<T>& member, T value) {
  if (!member) member = std::move(value);
}
template <class T>
void default_to(T& member, T value) {
  if (member == T{}) member = std::move(value);
}

void canonicalize_restart(RestartPolicy& policy, bool batch) {
  default_to(policy.attempts, std::int64_t{batch ? 3 : 2});
  default_to(policy.interval, Duration(batch ? 24h : 30min));
  default_to(policy.delay, Duration(15s));
  default_to(policy.mode, std::string("fail"));
}

// A task's own policy says what differs from its group's.
void inherit_restart(std::optional<RestartPolicy>& policy, const RestartPolicy& group) {
  if (!policy) policy.emplace();
  default_to(policy->attempts, *group.attempts);
  default_to(policy->interval, *group.interval);
  default_to(policy->delay, *group.delay);
  default_to(policy->mode, *group.mode);
}

void canonicalize_reschedule(ReschedulePolicy& policy, bool batch) {
  // Attempts without a word on `unlimited` mean a limit.
  default_to(policy.unlimited, !batch && policy.attempts.value_or(0) == 0);
  default_to(policy.attempts, std::int64_t{batch ? 1 : 0});
  default_to(policy.interval, Duration(batch ? 24h : 0h));
  default_to(policy.delay, Duration(batch ? 5s : 30s));
  default_to(policy.delay_function, std::string(batch ? "constant" : "exponential"));
  default_to(policy.max_delay, Duration(batch ? 0h : 1h));
}

void canonicalize_update(UpdateStrategy& update) {
  default_to(update.stagger, Duration(30s));
  default_to(update.health_check, std::string("checks"));
  default_to(update.min_healthy_time, Duration(10s));
  default_to(update.healthy_deadline, Duration(5min));
  default_to(update.progress_deadline, Duration(10min));
}

// The group's keys over the job's; nothing if neither says anything.
std::optional<UpdateStrategy> merged_update(const UpdateStrategy& job, const std::optional<UpdateStrategy>& group) {
  UpdateStrategy out = group.value_or(UpdateStrategy{});
  default_to(out.stagger, job.stagger);
  default_to(out.max_parallel, job.max_parallel);
  default_to(out.health_check, job.health_check);
  default_to(out.min_healthy_time, job.min_healthy_time);
  default_to(out.healthy_deadline, job.healthy_deadline);
  default_to(out.progress_deadline, job.progress_deadline);
  default_to(out.auto_revert, job.auto_revert);
  default_to(out.auto_promote, job.auto_promote);
  default_to(out.canary, job.canary);
  if (out == UpdateStrategy{}) return std::nullopt;
  canonicalize_update(out);
  return out;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

// `task` is empty for a group's service.
void canonicalize_services(std::vector<Service>& services, const Job& job, const std::string& group,
                           const std::string& task) {
  const auto base = job.name + "-" + group + (task.empty() ? "" : "-" + task);
  for (auto& service : services) {
    default_to(service.name, base);
    service.name = replaced(std::move(service.name), "${JOB}", job.name);
    service.name = replaced(std::move(service.name), "${GROUP}", group);
    service.name = replaced(std::move(service.name), "${TASK}", task);
    service.name = replaced(std::move(service.name), "${BASE}", base);
    default_to(service.address_mode, std::string("auto"));
    for (auto& check : service.checks) default_to(check.name, "service: \"" + service.name + "\" check");
  }
}

// v0.1.x asks for disk by task; it is the group's now.
void canonicalize_resources(Task& task, EphemeralDisk& disk) {
  if (!task.resources) task.resources.emplace();
  auto& resources = *task.resources;
  if (resources.cores == 0) default_to(resources.cpu, std::int64_t{100});
  default_to(resources.memory_mb, std::int64_t{300});
  disk.size_mb += std::exchange(resources.disk_mb, 0);
}

void canonicalize_task(Task& task, TaskGroup& group, const Job& job) {
  canonicalize_rules(task.constraints);
  canonicalize_rules(task.affinities);
  canonicalize_resources(task, *group.ephemeral_disk);
  inherit_restart(task.restart_policy, *group.restart_policy);
  default_to(task.log_config, LogConfig{});
  canonicalize_services(task.services, job, group.name, task.name);
}

std::int64_t default_count(const json::Raw& scaling) {
  if (scaling.text.empty()) return 1;
  const auto document = json::parse(scaling.text);
  if (!document.ok() || document->root().kind() != json::Kind::object) return 1;
  const auto minimum = document->root().find("Min");
  if (!minimum.present || minimum.value.kind() != json::Kind::number) return 1;
  const auto count = minimum.value.int64();
  return count.ok() ? *count : 1;
}

void canonicalize_group(TaskGroup& group, const Job& job) {
  const bool batch = job.type == "batch", service = job.type == "service";
  default_to(group.count, default_count(group.scaling));
  canonicalize_rules(group.constraints);
  canonicalize_rules(group.affinities);
  group.update = merged_update(job.update, group.update);
  if (service) default_to(group.migrate, MigrateStrategy{});
  if (!group.restart_policy) group.restart_policy.emplace();
  canonicalize_restart(*group.restart_policy, batch);
  if (!group.reschedule_policy && (service || batch)) group.reschedule_policy.emplace();
  if (group.reschedule_policy) canonicalize_reschedule(*group.reschedule_policy, batch);
  default_to(group.ephemeral_disk, EphemeralDisk{});
  default_to(group.consul.text, std::string(R"({"Namespace":""})"));
  canonicalize_services(group.services, job, group.name, "");
  for (auto& task : group.tasks) canonicalize_task(task, group, job);
}

}  // namespace

void canonicalize(Job& job, std::string_view region) {
  default_to(job.region, std::string(region));
  default_to(job.ns, std::string("default"));
  default_to(job.type, std::string("service"));
  default_to(job.name, job.id.text);
  job.consul_token.clear();
  job.vault_token.clear();
  canonicalize_rules(job.constraints);
  canonicalize_rules(job.affinities);
  for (auto& group : job.groups) canonicalize_group(group, job);
  // The groups have it all now; the job keeps what v0.1.x knows.
  UpdateStrategy kept;
  kept.stagger = job.update.stagger;
  kept.max_parallel = job.update.max_parallel;
  if (kept.max_parallel != 0) default_to(kept.stagger, Duration(30s));
  job.update = kept;
}

}  // namespace core::model
