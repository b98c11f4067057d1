// SPDX-License-Identifier: MPL-2.0
// Allocations as the API shows them: resources in the old form (Resources, TaskResources,
// SharedResources) and in the new one (AllocatedResources).
#include "core/model/alloc.h"

namespace core::model {
namespace {

using core::encode;

void append(std::vector<NetworkResource>& to, const std::vector<NetworkResource>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

// The sum that clients of the old form read.
Resources total(const Allocation& alloc) {
  Resources out = alloc.shared;
  for (const auto& [task, resources] : alloc.task_resources) {
    out.cpu += resources.cpu;
    out.memory_mb += resources.memory_mb;
    out.memory_max_mb += resources.memory_max_mb;
    out.disk_mb += resources.disk_mb;
    out.iops += resources.iops;
    append(out.networks, resources.networks);
  }
  return out;
}

void write_task(json::Writer& w, const Resources& r) {
  w.begin_object();
  w.key("Cpu");
  w.begin_object();
  w.key("CpuShares");
  w.int64(r.cpu);
  w.key("ReservedCores");
  w.null();
  w.end_object();
  w.key("Memory");
  w.begin_object();
  w.key("MemoryMB");
  w.int64(r.memory_mb);
  w.key("MemoryMaxMB");
  w.int64(r.memory_max_mb);
  w.end_object();
  w.key("Networks");
  encode(w, r.networks);
  w.key("Devices");
  w.null();
  w.end_object();
}

void write_port(json::Writer& w, const Port& port, const std::string& ip) {
  w.begin_object();
  w.key("Label");
  w.string(port.label);
  w.key("Value");
  w.int64(port.value);
  w.key("To");
  w.int64(port.to);
  w.key("HostIP");
  w.string(ip);
  w.end_object();
}

void write_ports(json::Writer& w, const std::vector<NetworkResource>& networks) {
  if (networks.empty()) return w.null();
  w.begin_array();
  for (const auto& network : networks) {
    for (const auto& port : network.reserved_ports) write_port(w, port, network.ip);
    for (const auto& port : network.dynamic_ports) write_port(w, port, network.ip);
  }
  w.end_array();
}

void write_lifecycles(json::Writer& w, const Allocation& alloc) {
  const auto* group = alloc.job ? alloc.job->group(alloc.task_group) : nullptr;
  w.begin_object();
  for (const auto& [name, resources] : alloc.task_resources) {
    w.key(name);
    std::optional<Lifecycle> lifecycle;
    for (const auto& task : group ? group->tasks : std::vector<Task>())
      if (task.name == name) lifecycle = task.lifecycle;
    encode(w, lifecycle);
  }
  w.end_object();
}

void write_allocated(json::Writer& w, const Allocation& alloc) {
  w.begin_object();
  w.key("Tasks");
  w.begin_object();
  for (const auto& [name, resources] : alloc.task_resources) {
    w.key(name);
    write_task(w, resources);
  }
  w.end_object();
  w.key("TaskLifecycles");
  write_lifecycles(w, alloc);
  w.key("Shared");
  w.begin_object();
  w.key("DiskMB");
  w.int64(alloc.shared.disk_mb);
  w.key("Networks");
  encode(w, alloc.shared.networks);
  w.key("Ports");
  write_ports(w, alloc.shared.networks);
  w.end_object();
  w.end_object();
}

std::map<std::string, TaskState> with_messages(std::map<std::string, TaskState> states) {
  for (auto& [task, state] : states)
    for (auto& event : state.events)
      if (event.display_message.empty()) event.display_message = display_message(event);
  return states;
}

}  // namespace

std::string alloc_to_api(const Allocation& alloc, std::string_view job_json, Shape shape) {
  json::Writer w;
  w.begin_object();
  Allocation::fields(alloc, [&](std::string_view name, const auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    // v0.1.2 reads Metrics without looking whether it is there.
    if (core::detail::is_zero(member) && name != "Metrics") return;
    w.key(name);
    if constexpr (std::is_same_v<Member, std::map<std::string, TaskState>>) encode(w, with_messages(member));
    else encode(w, member);
  });
  w.key("Resources");
  encode(w, total(alloc));
  w.key("AllocatedResources");
  write_allocated(w, alloc);
  if (!job_json.empty()) {
    w.key("Job");
    w.raw(job_json);
  }
  w.end_object();
  return shape == Shape::current ? w.take() : to_v0_1_2(w.view()).value();
}

std::string alloc_stub_to_api(const Allocation& alloc, std::string_view job_type, bool with_resources) {
  json::Writer w;
  const auto member = [&](const char* name, const auto& value) {
    w.key(name);
    encode(w, value);
  };
  w.begin_object();
  member("ID", alloc.id);
  member("EvalID", alloc.eval_id);
  member("Name", alloc.name);
  member("Namespace", alloc.ns);
  member("NodeID", alloc.node_id);
  member("NodeName", alloc.node_name);
  member("JobID", alloc.job_id);
  member("JobType", std::string(job_type));
  member("JobVersion", alloc.job_version);
  member("TaskGroup", alloc.task_group);
  member("DesiredStatus", alloc.desired_status);
  member("DesiredDescription", alloc.desired_description);
  member("DesiredTransition", alloc.desired_transition);
  member("ClientStatus", alloc.client_status);
  member("ClientDescription", alloc.client_description);
  member("TaskStates", with_messages(alloc.task_states));
  w.key("DeploymentStatus");
  w.null();
  member("FollowupEvalID", alloc.followup_eval);
  member("NextAllocation", alloc.next_allocation);
  member("RescheduleTracker", alloc.reschedule_tracker);
  w.key("PreemptedAllocations");
  w.null();
  member("PreemptedByAllocation", std::string());
  member("CreateIndex", alloc.create_index);
  member("ModifyIndex", alloc.modify_index);
  member("CreateTime", alloc.create_time);
  member("ModifyTime", alloc.modify_time);
  if (with_resources) {
    w.key("AllocatedResources");
    write_allocated(w, alloc);
  }
  w.end_object();
  return w.take();
}

}  // namespace core::model
