// SPDX-License-Identifier: MPL-2.0
// A task's output, read as one text although it is kept in numbered files of which the oldest go.
// Offsets count from the oldest byte that is still there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/client/alloc_dir.h"

namespace agent::client {

struct LogPiece {
  core::Bytes bytes;
  std::string file;             // "alloc/logs/web.stdout.3"
  std::uint64_t offset = 0;     // in that file, behind the bytes
  bool end = false;             // nothing more is there now
};

// Where a reader stands. Survives the removal of its file: it goes on with the oldest one left.
struct LogPosition {
  std::uint64_t index = 0;   // of the file
  std::uint64_t offset = 0;  // in it
};

class TaskLog {
 public:
  // `type`: "stdout" or "stderr".
  TaskLog(const AllocDir& dir, std::string task, std::string type);

  // `offset` bytes behind the start, or before the end. Errc::not_found: there is no such log (yet).
  core::Result<LogPosition> from_start(std::uint64_t offset) const;
  core::Result<LogPosition> from_end(std::uint64_t offset) const;
  // What follows `position`, which moves behind it: at most `size_max` bytes of one file. An empty
  // piece with `end` set: nothing yet.
  core::Result<LogPiece> read(LogPosition& position, std::size_t size_max) const;

 private:
  struct File {
    std::uint64_t index = 0;
    std::uint64_t size = 0;
  };
  core::Result<std::vector<File>> files() const;
  std::string path_of(std::uint64_t index) const;

  const AllocDir& dir_;
  std::string prefix_;  // "web.stdout."
};

}  // namespace agent::client
