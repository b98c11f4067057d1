// SPDX-License-Identifier: MPL-2.0
// How long a leader's entries take to its own disk and until they are committed: one time for each batch
// that is saved together, whatever its size.
#pragma once

#include <cstdint>
#include <deque>

#include "agent/server/meters.h"
#include "core/raft/io.h"

namespace agent::server {

class RaftTimes {
 public:
  // `meters` outlive it.
  explicit RaftTimes(const Meters& meters) : meters_(meters) {}

  // A leader hands this to the disk.
  void handed_out(const core::raft::Save& save, core::Instant now);
  void saved(std::uint64_t number, core::Instant now);
  void committed(core::Index last, core::Instant now);
  // Somebody else leads: what becomes of the entries is no longer known here.
  void forget() { batches_.clear(); }

 private:
  struct Batch {
    std::uint64_t save = 0;
    core::Index last;
    core::Instant at;
    bool saved = false;
  };

  const Meters& meters_;
  std::deque<Batch> batches_;  // not committed yet; by number and by index
};

}  // namespace agent::server
