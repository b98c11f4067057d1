// SPDX-License-Identifier: MPL-2.0
// What a task writes to stdout or stderr, from a pipe into numbered files: <name>.0, <name>.1, ...
// A full file is followed by the next number, at the end of a line where there is one within 32 KiB;
// the oldest are removed. A disk that is full loses output, never holds up the task.
//
// The directory belongs to the task as much as to us: nothing but regular files that we made is
// written to, whatever the task puts there under the same name.
#pragma once

#include <cstdint>
#include <string>

#include "agent/client/executor/posix.h"

namespace agent::client {

class RotatingLog {
 public:
  struct Limits {
    std::uint64_t file_bytes = 10 << 20;
    std::uint32_t files = 10;
  };

  // Goes on with the newest file there is.
  RotatingLog(posix::Descriptor directory, std::string name, Limits limits);

  enum class State { open, ended };
  // Moves what the pipe holds, up to a megabyte, without waiting. ended: nobody can write to it any more.
  State drain(int pipe);

 private:
  void open_file();
  bool try_open(std::uint64_t index);
  void rotate();
  void purge();
  std::int64_t move_pages(int pipe, std::uint64_t room);
  std::int64_t copy(int pipe);
  void write(const char* bytes, std::size_t size);

  posix::Descriptor directory_;
  std::string name_;
  Limits limits_;
  posix::Descriptor file_{-1};
  std::uint64_t index_ = 0;
  std::uint64_t size_ = 0;
  bool can_splice_ = true;
};

}  // namespace agent::client
