// SPDX-License-Identifier: MPL-2.0
// What can be done about damage that recovery refuses: fetch the lost entries from another server and
// put them back, or, when nobody has them, give up what follows.
//
// A hole knows the digest before it and what must follow it, so what is put into it is proven to be what
// was lost. Used while the log is not open, or by the thread that has it open; the caller holds the
// directory's lock.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/log/format.h"

namespace store::log {

struct Hole {
  std::string path;          // of the segment
  std::uint64_t offset = 0;  // where entry `first` begins in it
  std::uint64_t bytes = 0;   // that its records take; 0: not known
  Index first;
  Index last;
  Digest previous;               // of the entry before `first`
  std::optional<Digest> digest;  // of `last`, where something says it
  // The record behind the hole. It is proof of `last` by continuing the chain. If its payload is damaged
  // too it cannot: then it belongs to what is to be fetched, and its own digest is the proof.
  struct Witness {
    Index index;
    Digest digest;
    std::uint64_t offset = 0;
  };
  std::optional<Witness> witness;

  // Entries up to this one may be needed to fill it.
  Index wanted() const { return witness ? witness->index : last; }
  std::string describe() const;  // "<path>: offset 4096: entries 7 to 9"
};

// The first hole in the log in `directory`/log, or nothing. A segment without a readable header, or
// one that is missing, leaves no place to put entries: Errc::corrupt.
Result<std::optional<Hole>> find_hole(Env& env, const std::string& directory);

// Puts the entries from hole.first to hole.last, or to hole.wanted(), into the hole, durably.
// Errc::corrupt if they are not the ones that were lost: then nothing was changed. Recovery may be tried
// again afterwards; there may be another hole.
Status fill_hole(Env& env, const std::string& directory, const Hole& hole, std::span<const Entry> entries);

struct Salvaged {
  Index kept_up_to;                  // the last entry that is left; 0: none
  std::string copies;                // directory that holds the files as they were; empty: nothing was wrong
  std::vector<std::string> reasons;  // what was wrong
};
// Gives up the log from its first damage on, after copying all of it to `directory`/salvaged-<n>. What
// was acknowledged may be lost for good: only for an operator who has no other copy. A log that does
// not begin where `snapshot`, the newest valid one, ends or earlier is given up whole. Term and vote
// are not touched.
Result<Salvaged> salvage(Env& env, const std::string& directory,
                         const std::optional<core::raft::SnapshotMeta>& snapshot);

}  // namespace store::log
