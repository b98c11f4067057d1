// SPDX-License-Identifier: MPL-2.0
// Term and vote on disk: two checksummed slots in one file, written in turn, the newer one counts.
//
// A crash can tear only the slot being written; the other still holds what was promised last. Once a
// write is durable its text is put into the other slot as well, unsynced: from then on rot of either
// slot is noticed and mended, and can never bring an older vote back. docs/formats/hard_state.md.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/raft/types.h"
#include "store/env.h"

namespace store::log {

using core::raft::HardState;

class HardStateFile {
 public:
  // Reads `directory`/hard_state, mends a damaged slot, and makes durable what it read. Nothing if
  // there is no such file. Errc::corrupt if neither slot can be read.
  static Result<std::optional<HardStateFile>> open(Env& env, const std::string& directory);
  // Makes the file, durably, holding a HardState{}. REQUIRES: it does not exist.
  static Result<HardStateFile> create(Env& env, const std::string& directory);

  // Durable on return; one sync. After a failure the object must not be used to write again.
  // REQUIRES: the term does not fall, and within a term a vote once given stays.
  Status write(const HardState& state);
  const HardState& state() const { return state_; }
  // What was wrong with the file when it was opened; empty if nothing.
  const std::string& mended() const { return mended_; }

 private:
  explicit HardStateFile(std::unique_ptr<File> file) : file_(std::move(file)) {}

  std::unique_ptr<File> file_;
  HardState state_;
  std::uint64_t sequence_ = 0;
  std::string mended_;
};

}  // namespace store::log
