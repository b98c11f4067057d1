// SPDX-License-Identifier: MPL-2.0
// The state machine on its own thread: committed entries in, what they changed back on the loop, in
// order. Entries that are committed while a batch is being applied go together in the next one, which
// is one SQLite transaction.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/log.h"
#include "core/server/types.h"
#include "net/uv/lifetime.h"
#include "net/uv/worker.h"
#include "store/state/state_machine.h"

namespace agent::server {

class StateHost {
 public:
  struct Callbacks {
    std::function<void(core::server::Applied)> on_applied;
    std::function<void(const core::Error&)> on_failed;  // state and log may differ: end the process
  };

  StateHost(net::uv::Loop& loop, store::state::StateMachine machine, Callbacks callbacks);

  void apply(std::vector<core::raft::Entry> entries);
 private:
  void start();

  Callbacks callbacks_;
  std::shared_ptr<store::state::StateMachine> machine_;  // shared with the job under way on the worker
  std::vector<core::raft::Entry> queued_;
  bool busy_ = false;
  net::uv::Worker worker_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
