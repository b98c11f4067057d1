// SPDX-License-Identifier: MPL-2.0
// A child process: started from an argument vector (no shell), told apart by exit status or signal.
// Destroying a Process neither kills the child nor waits for it any more.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "net/uv/handle.h"
#include "net/uv/loop.h"

namespace net::uv {

struct ProcessExit {
  std::int64_t status = 0;  // what it returned; 0 if a signal ended it
  int signal = 0;           // 0 if it returned

  friend bool operator==(const ProcessExit&, const ProcessExit&) = default;
};

struct ProcessOptions {
  std::string file;                             // looked up in PATH when it has no slash
  std::vector<std::string> args;                // argv, with argv[0]
  std::optional<std::vector<std::string>> env = {};  // "KEY=value"; ours when not given
  std::string cwd = {};                              // ours when empty
  std::optional<std::uint32_t> uid = {};
  std::optional<std::uint32_t> gid = {};
  std::vector<int> stdio = {};  // our descriptor for the child's 0, 1, 2, ...; -1 is /dev/null
  bool detached = false;   // a session of its own: it outlives us and our terminal
};

class Process {
 public:
  struct State;

  // Errc::not_found, permission, invalid (working directory), io. `on_exit` is called once.
  static core::Result<Process> spawn(Loop& loop, const ProcessOptions& options, std::function<void(ProcessExit)> on_exit);
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  int pid() const;
  // Errc::not_found once it has exited.
  core::Status kill(int signal);

 private:
  explicit Process(Owned<State> state);
  Owned<State> state_;
};

}  // namespace net::uv
