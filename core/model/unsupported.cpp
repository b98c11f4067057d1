// SPDX-License-Identifier: MPL-2.0
// What a job may say in Nomad but nothing here would act on. Such a job is refused with the reason,
// rather than run without what its author asked for.
#include "core/model/validation.h"

namespace core::model {
namespace {

bool given(const json::Raw& raw) { return !raw.text.empty() && raw.text != "null"; }
bool given_list(const json::Raw& raw) { return given(raw) && raw.text != "[]" && raw.text != "{}"; }

void refuse(bool used, const std::string& what, Faults& faults) {
  if (used) faults.add(what + " not supported by this release");
}

void check_networks(const std::vector<NetworkResource>& networks, Faults& faults) {
  for (const auto& network : networks)
    refuse(!network.mode.empty() && network.mode != "host", "network mode \"" + network.mode + "\" is", faults);
}

void check_update(const UpdateStrategy& update, Faults& faults) {
  refuse(update.canary > 0, "update canaries are", faults);
  refuse(update.auto_revert, "update auto_revert is", faults);
  refuse(update.health_check == "manual", "update health_check \"manual\" is", faults);
}

void check_task_supported(const Task& task, Faults& faults) {
  refuse(given(task.vault), "vault is", faults);
  refuse(given_list(task.templates), "templates are", faults);
  refuse(given_list(task.artifacts), "artifacts are", faults);
  refuse(given_list(task.volume_mounts), "volume mounts are", faults);
  refuse(given(task.csi_plugin_config), "CSI plugin tasks are", faults);
  refuse(task.lifecycle.has_value(), "lifecycle hooks are", faults);
  if (!task.resources) return;
  refuse(given_list(task.resources->devices), "devices are", faults);
  refuse(task.resources->cores > 0, "reserved cores are", faults);
  check_networks(task.resources->networks, faults);
}

void check_group_supported(const TaskGroup& group, Faults& faults) {
  refuse(given_list(group.volumes), "group volumes are", faults);
  refuse(group.stop_after_client_disconnect.has_value(), "stop_after_client_disconnect is", faults);
  check_networks(group.networks, faults);
  if (group.update) check_update(*group.update, faults);
  for (const auto& task : group.tasks) {
    Faults inner;
    check_task_supported(task, inner);
    for (auto& fault : inner.list) faults.add("Task " + task.name + ": " + fault);
  }
}

}  // namespace

void check_supported(const Job& job, Faults& faults) {
  refuse(job.type == "system", "job type \"system\" is", faults);
  refuse(given(job.periodic), "periodic jobs are", faults);
  refuse(given(job.parameterized), "parameterized jobs are", faults);
  refuse(given(job.multiregion), "multiregion jobs are", faults);
  for (const auto& group : job.groups) {
    Faults inner;
    check_group_supported(group, inner);
    for (auto& fault : inner.list) faults.add("Task group " + group.name + ": " + fault);
  }
}

}  // namespace core::model
