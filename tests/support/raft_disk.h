// SPDX-License-Identifier: MPL-2.0
// What a Raft server has on disk, as a value: carries out saves, tears the last one at a crash, and
// gives back what a restart would find.
#pragma once

#include <vector>

#include "core/base/rng.h"
#include "core/raft/raft.h"

namespace test {

struct RaftDisk {
  core::raft::HardState hard;
  core::raft::SnapshotMeta snapshot;
  core::Index first{1};
  std::vector<core::raft::Entry> log;  // log[0] has index `first`

  core::Index last() const { return core::Index{first.value + log.size() - 1}; }
  // Null if the log does not have it.
  const core::raft::Entry* find(core::Index index) const;

  void carry_out(const core::raft::Save& save);
  // The process died on the way: a prefix of the save is there.
  void tear(const core::raft::Save& save, core::Rng& rng);
  // A complete snapshot from elsewhere, not yet the beginning of the log.
  void store(core::raft::SnapshotMeta meta) { snapshot = std::move(meta); }
  // The log as a restart leaves it: one that does not reach to the snapshot is of no use.
  void recover();
  // `applied` is what the state machine kept; REQUIRES: between snapshot.last.index and last().
  core::raft::Restored restored(core::Index applied, core::Rng& rng) const;
};

}  // namespace test
