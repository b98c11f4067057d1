// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/exec.h"

#include <unistd.h>

#include <algorithm>

#include "agent/client/drivers/capabilities.h"
#include "agent/client/drivers/processes.h"
#include "agent/client/drivers/supervised.h"
#include "agent/client/drivers/users.h"
#include "agent/client/executor/cgroup.h"

namespace agent::client {
namespace {

using core::Errc;
using core::Error;
using core::Result;

constexpr const char* kChroot[] = {"/bin", "/etc", "/lib", "/lib32", "/lib64", "/run/resolvconf", "/run/systemd/resolve", "/sbin", "/usr"};
constexpr const char* kUser = "nobody";

// "private" or "host".
Result<bool> is_private(const TaskConfig& config, const std::string& key, bool fallback) {
  TRY(const auto mode, config.text(key, fallback ? "private" : "host"));
  if (mode == "private" || mode == "host") return mode == "private";
  return Error{Errc::invalid, key + " must be \"private\" or \"host\", got \"" + mode + "\""};
}

CgroupLimits limits_of(const core::model::Resources& resources) {
  CgroupLimits limits;
  const auto bytes = [](std::int64_t mb) { return static_cast<std::uint64_t>(std::max<std::int64_t>(mb, 0)) << 20; };
  limits.cpu_shares = static_cast<std::uint64_t>(std::max<std::int64_t>(resources.cpu, 0));
  limits.memory_bytes = bytes(std::max(resources.memory_mb, resources.memory_max_mb));
  if (resources.memory_max_mb > resources.memory_mb) limits.memory_soft_bytes = bytes(resources.memory_mb);
  return limits;
}

}  // namespace

Exec::Exec(net::uv::Loop& loop, Launcher& launcher, Options options) : loop_(loop), launcher_(launcher), options_(std::move(options)) {
  if (options_.chroot_env.empty())
    for (const char* path : kChroot) options_.chroot_env[path] = path;
}

core::model::DriverInfo Exec::fingerprint() {
  core::model::DriverInfo info;
  if (::geteuid() != 0) {
    info.health_description = "Driver must run as root";
  } else if (const auto tree = find_cgroup_tree(); !tree.can_limit() || !tree.can_gather()) {
    info.health_description = tree.mount_point().empty() ? "Failed to discover cgroup mount point" : "Cgroup mount point unavailable";
  } else {
    info.detected = info.healthy = true;
    info.health_description = "Healthy";
    info.attributes["driver.exec"] = "1";
  }
  return info;
}

Result<Isolation> Exec::isolation_of(const TaskSpec& spec) const {
  const TaskConfig config(*spec.task, spec.env);
  Isolation isolation;
  isolation.root = spec.dirs.task;
  for (const auto& [from, to] : options_.chroot_env) isolation.binds.push_back({from, to, true});
  isolation.binds.push_back({spec.dirs.shared, "/alloc", false});
  TRY(isolation.private_pids, is_private(config, "pid_mode", options_.private_pids));
  TRY(isolation.private_ipc, is_private(config, "ipc_mode", options_.private_ipc));
  TRY(const auto add, config.words("cap_add"));
  TRY(const auto drop, config.words("cap_drop"));
  TRY(isolation.capabilities, capability_set(options_.allowed_capabilities, add, drop));
  return isolation;
}

Result<Launch> Exec::isolated_launch(const TaskSpec& spec) const {
  const TaskConfig config(*spec.task, spec.env);
  TRY(config.only({"command", "args", "pid_mode", "ipc_mode", "cap_add", "cap_drop"}));
  const auto user = spec.env.replace(spec.task->user);
  if (std::find(options_.denied_users.begin(), options_.denied_users.end(), user) != options_.denied_users.end())
    return Error{Errc::denied, "running as user \"" + user + "\" is disallowed"};
  TRY(auto launch, launch_of(spec, name()));
  if (!launch.user) {
    TRY(launch.user, find_user(kUser));
  }
  TRY(launch.isolation, isolation_of(spec));
  launch.task_dir = "/";
  launch.cgroup = cgroup_name(spec.id);
  launch.limits = limits_of(spec.resources);
  return launch;
}

std::unique_ptr<RunningTask> Exec::start(TaskSpec spec, Tell tell) {
  if (const auto info = fingerprint(); !info.detected)
    return refuse(loop_, spec, Error{Errc::unsupported, info.health_description}, false, std::move(tell));
  auto launch = isolated_launch(spec);
  if (!launch.ok()) return refuse(loop_, spec, launch.error(), true, std::move(tell));
  return Supervised::start(loop_, launcher_, spec.id, std::move(*launch), std::move(tell));
}

std::unique_ptr<RunningTask> Exec::attach(TaskSpec spec, const core::json::Raw& handle, Tell tell) {
  return Supervised::attach(loop_, spec.id, spec.run, spec.dirs.control, cgroup_name(spec.id), handle, std::move(tell));
}

}  // namespace agent::client
