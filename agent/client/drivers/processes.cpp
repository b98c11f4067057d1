// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/processes.h"

#include <unistd.h>

#include "agent/client/drivers/users.h"
#include "net/uv/loop.h"

namespace agent::client {
namespace {

using core::Errc;
using core::Error;

class NotRunning final : public RunningTask {
 public:
  NotRunning(net::uv::Loop& loop, core::client::Input answer, Tell tell)
      : later_(loop, [answer = std::move(answer), tell = std::move(tell)] {
          const auto say = tell;
          say(answer);
        }) {
    later_.schedule();
  }
  void kill(int, core::Duration) override {}
  core::Status signal(int) override { return Error{Errc::not_found, "task is not running"}; }
  core::Result<TaskUse> use() const override { return Error{Errc::not_found, "task is not running"}; }

 private:
  net::uv::Deferred later_;
};

}  // namespace

core::Result<Launch> launch_of(const TaskSpec& spec, std::string_view driver) {
  const TaskConfig config(*spec.task, spec.env);
  Launch launch;
  launch.run = spec.run;
  launch.control_dir = spec.dirs.control;
  TRY(launch.command, config.text("command"));
  if (launch.command.empty()) return Error{Errc::invalid, "missing command for " + std::string(driver) + " driver"};
  TRY(launch.args, config.words("args"));
  for (const auto& [name, value] : spec.env.variables()) launch.env.push_back(name + "=" + value);
  launch.task_dir = spec.dirs.task;
  launch.logs_dir = spec.dirs.logs;
  launch.log_name = spec.task->name;
  const auto logs = spec.task->log_config.value_or(core::model::LogConfig{});
  launch.log_files_max = static_cast<std::uint32_t>(std::max<std::int64_t>(logs.max_files, 1));
  launch.log_file_bytes_max = static_cast<std::uint64_t>(std::max<std::int64_t>(logs.max_file_size_mb, 1)) << 20;
  const auto user = spec.env.replace(spec.task->user);
  if (!user.empty()) {
    TRY(launch.user, find_user(user));
    if (launch.user->uid == ::geteuid() && ::geteuid() != 0) launch.user.reset();  // it is us already
  }
  return launch;
}

std::string cgroup_name(const core::client::TaskId& id) {
  auto name = id.alloc.text + "." + id.task;
  for (auto& c : name)
    if (c == '/' || c == ' ' || c == '\n') c = '_';
  return name;
}

std::unique_ptr<RunningTask> not_running(net::uv::Loop& loop, core::client::Input answer, Tell tell) {
  return std::make_unique<NotRunning>(loop, std::move(answer), std::move(tell));
}

std::unique_ptr<RunningTask> refuse(net::uv::Loop& loop, const TaskSpec& spec, Error error, bool invalid, Tell tell) {
  return not_running(loop, core::client::TaskStartFailed{spec.id, spec.run, std::move(error), invalid, false}, std::move(tell));
}

}  // namespace agent::client
