// SPDX-License-Identifier: MPL-2.0
// From a server's directory to a log that can be appended to, or a refusal that names file and offset.
//
// What a crash may leave is mended without a word lost: a torn last batch (never acknowledged) is cut,
// half-made files and void segments are removed, a damaged hard state slot is rewritten from the other.
// Anything else is Errc::corrupt and nothing is changed. The caller holds the directory's lock.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/raft/raft.h"
#include "store/log/raft_log.h"

namespace store::log {

using core::raft::Configuration;
using core::raft::SnapshotMeta;

struct ConfigurationEntry {
  Index index;
  Configuration configuration;
};

struct Recovered {
  std::unique_ptr<RaftLog> log;
  std::vector<core::raft::TermRun> terms;          // of all entries in the log
  std::vector<ConfigurationEntry> configurations;  // all in the log, in order
  std::vector<std::string> mended;                 // a sentence for each thing put right
};

// Opens `directory`, or begins a log in it if it holds neither log nor hard state. `snapshot` is the
// newest valid one: a log that ends before it, or contradicts it, is begun anew behind it.
Result<Recovered> recover(Env& env, const std::string& directory, const std::optional<SnapshotMeta>& snapshot,
                          LogOptions options = {});

// What Raft starts with, with about the last `tail_bytes` of the log in memory, and all that is not applied.
// REQUIRES: `recovered` is as recover() with the same snapshot returned it; applied is not beyond the
// log's end nor before the snapshot.
Result<core::raft::Restored> restored(const Recovered& recovered, const std::optional<SnapshotMeta>& snapshot,
                                      Index applied, std::uint64_t tail_bytes);

}  // namespace store::log
