// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/raw_exec.h"

#include <unistd.h>

#include "agent/client/drivers/processes.h"
#include "agent/client/drivers/supervised.h"
#include "agent/client/executor/cgroup.h"

namespace agent::client {

using core::Errc;
using core::Error;

RawExec::RawExec(net::uv::Loop& loop, Launcher& launcher, Options options)
    : loop_(loop),
      launcher_(launcher),
      options_(options),
      gathers_(!options.no_cgroups && ::geteuid() == 0 && find_cgroup_tree().can_gather()) {}

core::model::DriverInfo RawExec::fingerprint() {
  core::model::DriverInfo info;
  info.detected = info.healthy = options_.enabled;
  info.health_description = options_.enabled ? "Healthy" : "disabled";
  if (options_.enabled) info.attributes["driver.raw_exec"] = "1";
  return info;
}

std::string RawExec::group_of(const TaskSpec& spec) const { return gathers_ ? cgroup_name(spec.id) : std::string(); }

std::unique_ptr<RunningTask> RawExec::start(TaskSpec spec, Tell tell) {
  if (!options_.enabled) return refuse(loop_, spec, Error{Errc::unsupported, "raw_exec is disabled"}, false, std::move(tell));
  const TaskConfig config(*spec.task, spec.env);
  auto known = config.only({"command", "args"});
  auto launch = known.ok() ? launch_of(spec, name()) : core::Result<Launch>(known.error());
  if (!launch.ok()) return refuse(loop_, spec, launch.error(), true, std::move(tell));
  launch->cgroup = group_of(spec);
  return Supervised::start(loop_, launcher_, spec.id, std::move(*launch), std::move(tell));
}

std::unique_ptr<RunningTask> RawExec::attach(TaskSpec spec, const core::json::Raw& handle, Tell tell) {
  return Supervised::attach(loop_, spec.id, spec.run, spec.dirs.control, group_of(spec), handle, std::move(tell));
}

}  // namespace agent::client
