// SPDX-License-Identifier: MPL-2.0
#include "core/client/restart.h"

#include <algorithm>

namespace core::client {
namespace {

constexpr const char* kNoRestarts = "Policy allows no restarts";
constexpr const char* kUnrecoverable = "Error was unrecoverable";
constexpr const char* kSuccess = "Restart unnecessary as task terminated successfully";
constexpr const char* kWithinPolicy = "Restart within policy";
constexpr const char* kDelayed = "Exceeded allowed attempts, applying a delay";

template <class T>
T first_set(const std::optional<T>& a, const std::optional<T>& b, T fallback) {
  return a ? *a : b ? *b : fallback;
}

bool restarts_on_success(const model::Job& job, const model::Task& task) {
  if (task.lifecycle && task.lifecycle->hook == "poststop") return false;
  if (task.lifecycle && !task.lifecycle->hook.empty()) return task.lifecycle->sidecar;
  return job.type != "batch" && job.type != "sysbatch";
}

}  // namespace

RestartRules restart_rules(const model::Job& job, const model::TaskGroup& group, const model::Task& task) {
  const auto own = task.restart_policy.value_or(model::RestartPolicy{});
  const auto shared = group.restart_policy.value_or(model::RestartPolicy{});
  return {.attempts = first_set<std::int64_t>(own.attempts, shared.attempts, 0),
          .interval = first_set<Duration>(own.interval, shared.interval, 0s),
          .delay = first_set<Duration>(own.delay, shared.delay, 0s),
          .mode_delay = first_set<std::string>(own.mode, shared.mode, "fail") == "delay",
          .on_success = restarts_on_success(job, task)};
}

RestartTracker::RestartTracker(RestartRules rules, std::int64_t attempts, WallTime window_start)
    : rules_(rules), attempts_(attempts), window_start_(window_start) {}

void RestartTracker::count(Now now) {
  // A window that begins in the future is a clock that was set back: it says nothing any more.
  const bool over = !window_start_.set() || now.wall - window_start_ > rules_.interval || now.wall < window_start_;
  if (over) {
    attempts_ = 0;
    window_start_ = now.wall;
  }
  ++attempts_;
}

Verdict RestartTracker::within_policy(Now now, Rng& rng) const {
  if (attempts_ <= rules_.attempts) return Restart{rules_.delay + rng.jitter(rules_.delay / 4), kWithinPolicy};
  if (rules_.mode_delay)
    return Restart{std::max<Duration>(0s, rules_.interval - (now.wall - window_start_)), kDelayed};
  return GiveUp{"Exceeded allowed attempts " + std::to_string(rules_.attempts) + " in interval " +
                format_duration(rules_.interval) + " and mode is \"fail\""};
}

Verdict RestartTracker::on_exit(const ExitResult& result, Now now, Rng& rng) {
  const bool done = result.successful() && !rules_.on_success;
  if (rules_.attempts == 0) {
    if (done) return Finished{kSuccess};
    return GiveUp{kNoRestarts};
  }
  count(now);
  if (done) return Finished{kSuccess};
  return within_policy(now, rng);
}

Verdict RestartTracker::on_start_failed(bool recoverable, Now now, Rng& rng) {
  if (rules_.attempts == 0) return GiveUp{kNoRestarts};
  count(now);
  if (!recoverable) return GiveUp{kUnrecoverable};
  return within_policy(now, rng);
}

}  // namespace core::client
