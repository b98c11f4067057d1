// SPDX-License-Identifier: MPL-2.0
// raw_exec: the task's command as it is, on the host's own file system, as the agent's user or the
// task's. No limits; a control group only gathers its processes, where there is one to be had. Off
// unless the operator turns it on, because it gives every job author the agent's rights.
#pragma once

#include "agent/client/drivers/driver.h"
#include "agent/client/drivers/launcher.h"

namespace agent::client {

class RawExec final : public Driver {
 public:
  struct Options {
    bool enabled = false;
    bool no_cgroups = false;
  };
  RawExec(net::uv::Loop& loop, Launcher& launcher, Options options);

  std::string_view name() const override { return "raw_exec"; }
  core::model::DriverInfo fingerprint() override;
  bool has_own_root() const override { return false; }
  std::unique_ptr<RunningTask> start(TaskSpec spec, Tell tell) override;
  std::unique_ptr<RunningTask> attach(TaskSpec spec, const core::json::Raw& handle, Tell tell) override;

 private:
  std::string group_of(const TaskSpec& spec) const;

  net::uv::Loop& loop_;
  Launcher& launcher_;
  Options options_;
  bool gathers_ = false;  // this host lets us put processes into a control group
};

}  // namespace agent::client
