// SPDX-License-Identifier: MPL-2.0
// What a user wants to run. JSON is the API's form (Job, TaskGroup); a job is stored once a version
// and shared, immutable, by everything that refers to it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.h"
#include "core/model/shape.h"
#include "core/model/task.h"

namespace core::model {

inline constexpr std::int64_t kPriorityMin = 1;
inline constexpr std::int64_t kPriorityMax = 100;
inline constexpr std::int64_t kPriorityDefault = 50;
inline constexpr std::int64_t kPriorityCore = 200;

enum class JobStatus { pending, running, dead };
constexpr std::array<std::string_view, 3> words(JobStatus) { return {"pending", "running", "dead"}; }

struct UpdateStrategy {
  Duration stagger{};             // between batches of a rolling update
  std::int64_t max_parallel = 0;  // 0: everything at once
  std::string health_check;
  Duration min_healthy_time{}, healthy_deadline{}, progress_deadline{};
  bool auto_revert = false, auto_promote = false;
  std::int64_t canary = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Stagger", self.stagger);
    visit("MaxParallel", self.max_parallel);
    visit("HealthCheck", self.health_check);
    visit("MinHealthyTime", self.min_healthy_time);
    visit("HealthyDeadline", self.healthy_deadline);
    visit("ProgressDeadline", self.progress_deadline);
    visit("AutoRevert", self.auto_revert);
    visit("AutoPromote", self.auto_promote);
    visit("Canary", self.canary);
  }
  friend bool operator==(const UpdateStrategy& a, const UpdateStrategy& b) { return same_fields(a, b); }
};

struct MigrateStrategy {
  std::int64_t max_parallel = 1;
  std::string health_check = "checks";
  Duration min_healthy_time = 10s, healthy_deadline = 5min;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("MaxParallel", self.max_parallel);
    visit("HealthCheck", self.health_check);
    visit("MinHealthyTime", self.min_healthy_time);
    visit("HealthyDeadline", self.healthy_deadline);
  }
  friend bool operator==(const MigrateStrategy& a, const MigrateStrategy& b) { return same_fields(a, b); }
};

// Members are unset until canonicalize() fills them by job type.
struct ReschedulePolicy {
  std::optional<std::int64_t> attempts;
  std::optional<Duration> interval, delay, max_delay;
  std::optional<std::string> delay_function;  // "constant", "exponential" or "fibonacci"
  std::optional<bool> unlimited;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Attempts", self.attempts);
    visit("Interval", self.interval);
    visit("Delay", self.delay);
    visit("DelayFunction", self.delay_function);
    visit("MaxDelay", self.max_delay);
    visit("Unlimited", self.unlimited);
  }
  friend bool operator==(const ReschedulePolicy& a, const ReschedulePolicy& b) { return same_fields(a, b); }
};

struct EphemeralDisk {
  bool sticky = false, migrate = false;
  std::int64_t size_mb = 300;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Sticky", self.sticky);
    visit("Migrate", self.migrate);
    visit("SizeMB", self.size_mb);
  }
  friend bool operator==(const EphemeralDisk& a, const EphemeralDisk& b) { return same_fields(a, b); }
};

struct TaskGroup {
  std::string name;
  std::optional<std::int64_t> count;  // always set after canonicalize()
  std::vector<Constraint> constraints;
  std::vector<Affinity> affinities;
  std::vector<Spread> spreads;
  std::vector<Task> tasks;
  std::map<std::string, std::string> meta;
  std::optional<UpdateStrategy> update;
  std::optional<MigrateStrategy> migrate;
  std::optional<RestartPolicy> restart_policy;        // always set after canonicalize()
  std::optional<ReschedulePolicy> reschedule_policy;  // set after canonicalize() but for system jobs
  std::optional<EphemeralDisk> ephemeral_disk;        // always set after canonicalize()
  std::vector<NetworkResource> networks;
  std::vector<Service> services;
  json::Raw consul, volumes, scaling;
  std::optional<Duration> shutdown_delay, stop_after_client_disconnect;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("Count", self.count);
    visit("Constraints", self.constraints);
    visit("Affinities", self.affinities);
    visit("Spreads", self.spreads);
    visit("Tasks", self.tasks);
    visit("Meta", self.meta);
    visit("Update", self.update);
    visit("Migrate", self.migrate);
    visit("RestartPolicy", self.restart_policy);
    visit("ReschedulePolicy", self.reschedule_policy);
    visit("EphemeralDisk", self.ephemeral_disk);
    visit("Networks", self.networks);
    visit("Services", self.services);
    visit("Consul", self.consul);
    visit("Volumes", self.volumes);
    visit("Scaling", self.scaling);
    visit("ShutdownDelay", self.shutdown_delay);
    visit("StopAfterClientDisconnect", self.stop_after_client_disconnect);
  }
  friend bool operator==(const TaskGroup& a, const TaskGroup& b) { return same_fields(a, b); }
};

struct Job {
  JobId id;
  std::string name;
  std::string region;
  std::string ns = "default";  // Namespace
  std::string parent_id;
  std::string type = "service";  // "service", "batch" or "system"
  std::int64_t priority = kPriorityDefault;
  bool all_at_once = false;
  std::vector<std::string> datacenters;
  std::vector<Constraint> constraints;
  std::vector<Affinity> affinities;
  std::vector<Spread> spreads;
  std::vector<TaskGroup> groups;
  UpdateStrategy update;
  json::Raw multiregion, periodic, parameterized, payload;
  bool dispatched = false;
  std::map<std::string, std::string> meta;
  std::string consul_token, vault_token, nomad_token_id;  // tokens are blanked before storing
  bool stop = false;
  JobStatus status = JobStatus::pending;
  std::string status_description;
  bool stable = false;
  std::uint64_t version = 0;
  WallTime submit_time;
  Index create_index, modify_index, job_modify_index;  // job_modify_index: last change of the spec
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    spec_fields(self, visit);
    visit("Stop", self.stop);
    visit("Status", self.status);
    visit("StatusDescription", self.status_description);
    visit("Stable", self.stable);
    visit("Version", self.version);
    visit("SubmitTime", self.submit_time);
    visit("CreateIndex", self.create_index);
    visit("ModifyIndex", self.modify_index);
    visit("JobModifyIndex", self.job_modify_index);
  }
  // What the user wrote; equal specs are the same version.
  template <class Self, class Visit>
  static void spec_fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Name", self.name);
    visit("Region", self.region);
    visit("Namespace", self.ns);
    visit("ParentID", self.parent_id);
    visit("Type", self.type);
    visit("Priority", self.priority);
    visit("AllAtOnce", self.all_at_once);
    visit("Datacenters", self.datacenters);
    visit("Constraints", self.constraints);
    visit("Affinities", self.affinities);
    visit("Spreads", self.spreads);
    visit("TaskGroups", self.groups);
    visit("Update", self.update);
    visit("Multiregion", self.multiregion);
    visit("Periodic", self.periodic);
    visit("ParameterizedJob", self.parameterized);
    visit("Dispatched", self.dispatched);
    visit("Payload", self.payload);
    visit("Meta", self.meta);
    visit("ConsulToken", self.consul_token);
    visit("VaultToken", self.vault_token);
    visit("NomadTokenID", self.nomad_token_id);
  }
  const TaskGroup* group(std::string_view group_name) const;
};
using JobPtr = std::shared_ptr<const Job>;

// A job's key in every table: (namespace, id).
struct JobKey {
  std::string ns;
  JobId id;
  friend auto operator<=>(const JobKey&, const JobKey&) = default;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Namespace", self.ns);
    visit("JobID", self.id);
  }
};
inline JobKey key(const Job& job) { return {job.ns, job.id}; }

// Fills defaults as a Nomad 1.1.0 server does, by job type (http-api.md 3.1-3.3), names an unnamed job
// after its id, and rewrites what v0.1.x files spell differently: "$attr.x" targets, constraints with
// Hard=false, task DiskMB (moved to the group's disk). `region` is the serving region.
void canonicalize(Job& job, std::string_view region);
// Every rule the job breaks, in Nomad's words; empty if it may be registered. REQUIRES: canonicalize()d.
std::vector<std::string> validate(const Job& job);
// "N error(s) occurred:" and a line for each, as Nomad prints several errors.
std::string multi_error(const std::vector<std::string>& errors);
// Reads a job as the API sends it, v0.1.2 shapes included.
Result<Job> job_from_api(json::Value value);
// The API's Job object as JSON text. Tokens are always "".
std::string job_to_api(const Job& job, Shape shape = Shape::current);
// Same spec: registering it again makes no new version.
bool same_spec(const Job& a, const Job& b);

}  // namespace core::model
