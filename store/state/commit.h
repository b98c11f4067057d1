// SPDX-License-Identifier: MPL-2.0
// One transaction on its way into the file. StateMachine begins and ends it; in between it has the connection to
// itself, and may be written on a thread of its own while the state goes on.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "store/sqlite.h"
#include "store/state/writes.h"

namespace store::state {

class Commit {
 public:
  // `db` outlives this.
  Commit(Connection& db, Writes writes) : db_(db), index_(writes.position.index()), writes_(std::move(writes)) {}

  // Unless that was done. After an Error the file is as it was, and the same may be written again. What was
  // written is freed here, not by whoever ends the commit.
  void write();
  // Of the last write(); unset before it.
  const std::optional<core::Status>& outcome() const { return outcome_; }
  // Where the file stands behind it.
  Index index() const { return index_; }
  // Jobs that were written and had more than one version then.
  const std::vector<model::JobKey>& with_older_versions() const { return with_older_versions_; }

 private:
  core::Status carry_out();

  Connection& db_;
  Index index_;
  std::optional<Writes> writes_;  // until they are in the file
  std::vector<model::JobKey> with_older_versions_;
  std::optional<core::Status> outcome_;
};

}  // namespace store::state
