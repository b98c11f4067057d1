// SPDX-License-Identifier: MPL-2.0
// mock_driver: tasks that are nothing but a script of what they do and when. It lets a cluster be
// planned, loaded and rehearsed at a size that no machine could run for real.
#pragma once

#include "agent/client/drivers/driver.h"
#include "net/uv/loop.h"

namespace agent::client {

class Mock final : public Driver {
 public:
  struct Options {
    bool enabled = false;
  };
  Mock(net::uv::Loop& loop, Options options) : loop_(loop), options_(options) {}

  std::string_view name() const override { return "mock_driver"; }
  core::model::DriverInfo fingerprint() override;
  bool has_own_root() const override { return false; }
  std::unique_ptr<RunningTask> start(TaskSpec spec, Tell tell) override;
  // The handle says when the task began: it goes on as if it had never been let go of.
  std::unique_ptr<RunningTask> attach(TaskSpec spec, const core::json::Raw& handle, Tell tell) override;

 private:
  net::uv::Loop& loop_;
  Options options_;
};

}  // namespace agent::client
