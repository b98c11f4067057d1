// SPDX-License-Identifier: MPL-2.0
// From a server's directory to a running start: the log recovered, the state opened and made to agree
// with it. The state is derived: one that is missing, damaged or of another history is built anew from
// the newest snapshot and the log. The log is not: damage there is refused, naming file and offset.
#pragma once

#include <memory>
#include <string>

#include "core/base/log.h"
#include "core/raft/raft.h"
#include "store/env.h"
#include "store/log/raft_log.h"
#include "store/snapshot/snapshots.h"
#include "store/state/state_machine.h"

namespace agent::server {

struct Restored {
  std::unique_ptr<store::Lock> lock;  // of the directory, for as long as the server runs
  core::ServerId id;                  // drawn when the directory was new; stays with it
  bool fresh = false;                 // nothing was ever written here
  std::unique_ptr<store::log::RaftLog> log;
  std::unique_ptr<store::state::StateMachine> machine;
  std::unique_ptr<store::snapshot::Snapshots> snapshots;
  core::raft::Restored raft;
  std::string state_path;
};

// The id of the server whose directory this is. Errc::not_found, or corrupt if it is none.
core::Result<core::ServerId> read_id(store::Env& env, const std::string& directory);

// Errors: in_use (another agent has the directory), corrupt (see above), permission, no_space, io.
core::Result<Restored> restore(store::Env& env, const std::string& directory, std::size_t tail_bytes, core::Rng& rng,
                               const core::Logger& logger, store::log::LogOptions log_options = {});

}  // namespace agent::server
