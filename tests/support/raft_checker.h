// SPDX-License-Identifier: MPL-2.0
// The truths of figure 3 of the Raft paper, over a whole cluster and all of its history. The first
// one broken is kept as a sentence.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/raft_disk.h"

namespace test {

class RaftChecker {
 public:
  // Log Matching: one (term, index) is one entry after one history, on all servers, for ever.
  void appended(const core::raft::Entry& entry);
  // Election Safety and Leader Completeness. `log` is all the new leader has.
  void became_leader(core::Term term, const core::ServerId& id, const RaftDisk& log);
  // State Machine Safety: everybody applies the same entries in the same order.
  void committed(const core::ServerId& by, const core::raft::Entry& entry);
  void installed(const core::ServerId& by, const core::raft::SnapshotMeta& snapshot);
  // A linearizable read asked when `floor` was the newest committed index anyone had seen.
  void read(const core::ServerId& by, core::Index index, core::Index floor);
  void complain(std::string what);

  // history()[i] has index i+1.
  const std::vector<core::raft::Entry>& history() const { return history_; }
  core::Index newest() const { return core::Index{history_.size()}; }
  // Empty while all holds.
  const std::string& broken() const { return broken_; }

 private:
  std::map<core::raft::EntryId, core::Digest> digests_;
  std::map<core::Term, core::ServerId> leaders_;
  std::vector<core::raft::Entry> history_;
  std::string broken_;
};

}  // namespace test
