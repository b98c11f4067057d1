// SPDX-License-Identifier: MPL-2.0
// What the HTTP API asks of the node on this very agent: its allocations, their files, what their
// tasks use, and what people may do to them. On the loop; nothing here waits for a disk.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "agent/client/alloc_dir.h"
#include "agent/client/drivers/driver.h"
#include "core/client/io.h"
#include "core/model/alloc.h"

namespace agent::client {

class LocalNode {
 public:
  virtual ~LocalNode() = default;

  virtual const core::model::Node& node() const = 0;
  // Null when the allocation is not here, or no longer.
  virtual core::model::AllocPtr alloc(const core::AllocId& id) const = 0;
  // States of its tasks as this node knows them, newer than what servers say.
  virtual std::map<std::string, core::model::TaskState> task_states(const core::AllocId& id) const = 0;
  virtual AllocDir directory(const core::AllocId& id) const = 0;
  // Of its tasks that run now.
  virtual std::map<std::string, TaskUse> use(const core::AllocId& id) const = 0;
  // Where the directories of allocations are.
  virtual const std::string& alloc_root() const = 0;
  // RestartAsked, SignalAsked, CollectAsked.
  virtual void ask(core::client::Input wish) = 0;
};

}  // namespace agent::client
