// SPDX-License-Identifier: MPL-2.0
// SQLite's files on a store::Env: while a mount lives, every database of this process whose path begins
// with its directory is kept there, with its write-ahead log, and so shares the disk's faults. Locks and
// the shared memory of the log's index are the mount's own: a process that died is a mount that is gone.
//
// SQLite's idea of time is a fixed day and its random numbers begin anew with each mount, so that the
// same calls write the same bytes. While there are mounts, paths under none of them cannot be opened;
// ":memory:" works.
#pragma once

#include <memory>
#include <string>

#include "store/env.h"

namespace sim {

class SqliteMount {
 public:
  // Of mounts with one directory the newest counts. `env` outlives this.
  SqliteMount(const std::string& directory, store::Env& env);
  SqliteMount(const SqliteMount&) = delete;
  SqliteMount& operator=(const SqliteMount&) = delete;
  // REQUIRES: no connection opened through it is open.
  ~SqliteMount();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace sim
