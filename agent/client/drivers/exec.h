// SPDX-License-Identifier: MPL-2.0
// exec: the task's command in a root of its own, as user nobody unless the task says otherwise, with
// its own process ids and IPC, few capabilities, and its share of cpu and memory. Needs root and the
// host's control groups; where they are missing the node says so and takes no exec tasks.
#pragma once

#include <map>

#include "agent/client/drivers/driver.h"
#include "agent/client/drivers/launcher.h"
#include "agent/client/executor/wire.h"

namespace agent::client {

class Exec final : public Driver {
 public:
  struct Options {
    // Host path -> path inside. Empty: what most commands need.
    std::map<std::string, std::string> chroot_env = {};
    // Users that tasks may not run as.
    std::vector<std::string> denied_users = {"root", "Administrator"};
    bool private_pids = true, private_ipc = true;
    std::vector<std::string> allowed_capabilities = {};  // empty: the default set
  };
  Exec(net::uv::Loop& loop, Launcher& launcher, Options options);

  std::string_view name() const override { return "exec"; }
  core::model::DriverInfo fingerprint() override;
  bool has_own_root() const override { return true; }
  std::unique_ptr<RunningTask> start(TaskSpec spec, Tell tell) override;
  std::unique_ptr<RunningTask> attach(TaskSpec spec, const core::json::Raw& handle, Tell tell) override;

 private:
  core::Result<Launch> isolated_launch(const TaskSpec& spec) const;
  core::Result<Isolation> isolation_of(const TaskSpec& spec) const;

  net::uv::Loop& loop_;
  Launcher& launcher_;
  Options options_;
};

}  // namespace agent::client
