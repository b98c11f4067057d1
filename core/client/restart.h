// SPDX-License-Identifier: MPL-2.0
// The restart policy: after an exit or a failed start, is the task run again, when, and what is said.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/rng.h"
#include "core/client/io.h"
#include "core/model/task.h"

namespace core::client {

struct RestartRules {
  std::int64_t attempts = 0;
  Duration interval{};
  Duration delay{};
  bool mode_delay = false;   // out of attempts: wait for the next interval instead of giving up
  bool on_success = false;   // run again even after an exit that went well
};
// The task's own policy member by member, then the group's; batch work and one-shot lifecycle tasks
// are not run again after they went well.
RestartRules restart_rules(const model::Job& job, const model::TaskGroup& group, const model::Task& task);

struct Restart {
  Duration delay{};
  std::string reason;
};
struct GiveUp {  // the task has failed
  std::string reason;
};
struct Finished {  // the task has done its work
  std::string reason;
};
using Verdict = std::variant<Restart, GiveUp, Finished>;

class RestartTracker {
 public:
  explicit RestartTracker(RestartRules rules) : rules_(rules) {}
  // Takes up counting where a record left off.
  RestartTracker(RestartRules rules, std::int64_t attempts, WallTime window_start);

  void set_rules(RestartRules rules) { rules_ = rules; }
  Verdict on_exit(const ExitResult& result, Now now, Rng& rng);
  Verdict on_start_failed(bool recoverable, Now now, Rng& rng);

  const RestartRules& rules() const { return rules_; }
  std::int64_t attempts() const { return attempts_; }
  WallTime window_start() const { return window_start_; }

 private:
  void count(Now now);
  Verdict within_policy(Now now, Rng& rng) const;

  RestartRules rules_;
  std::int64_t attempts_ = 0;
  WallTime window_start_;  // wall time, because it outlives the process
};

}  // namespace core::client
