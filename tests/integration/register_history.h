// SPDX-License-Identifier: MPL-2.0
// What clients saw of registers that they wrote and read at the same time, and whether some order of the
// operations explains it: linearizability (Herlihy and Wing, 1990), each register for itself, decided by the
// search of Wing and Gong (1993) with remembered configurations (Lowe, 2017).
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace integration {

struct Operation {
  using Time = std::chrono::steady_clock::time_point;
  std::string key;
  bool write = false;
  std::uint64_t value = 0;  // written or read; 0: nothing was there
  Time called{};
  // When the answer came. A write without one may have happened at any time after the call, or never.
  std::optional<Time> returned;
};

// The first register whose operations no order explains; nothing when each has one. A read without an
// answer says nothing and is left out.
std::optional<std::string> contradiction(std::vector<Operation> operations);

// Operations of many threads.
class RegisterHistory {
 public:
  void add(Operation operation);
  std::vector<Operation> all() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Operation> operations_;
};

}  // namespace integration
