// SPDX-License-Identifier: MPL-2.0
// One look over all candidates of a group for one placement: who is forbidden by the job's other
// allocations, who has no room, and how good the rest are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/model/eval.h"
#include "core/sched/candidates.h"
#include "core/sched/distinct.h"
#include "core/sched/spread.h"

namespace core::sched {

class Scan {
 public:
  struct Around {  // what a look depends on; all must outlive the scan
    const Fleet& fleet;
    const Distinct& distinct;
    const Spreads& spreads;
  };
  // `candidates` are refreshed; `penalty` are hosts where the allocation failed before.
  Scan(Candidates& candidates, Around around, const std::vector<HostIndex>& penalty);

  // The first of the best, by the order of candidates; nothing if none will do.
  std::optional<std::size_t> best() const;
  // All that will do, best first.
  std::vector<std::size_t> ranking() const;
  // The candidate that is this host, if it will do.
  std::optional<std::size_t> on(HostIndex host) const;

  // The ports of a candidate that would do otherwise cannot be had.
  void reject(std::size_t candidate, const std::string& why);

  // What was seen, with the scores of the `kept` best; `chosen` is among them, and is also reported as
  // v0.1.x does.
  model::AllocMetric metrics(std::size_t kept, std::optional<std::size_t> chosen) const;

 private:
  void look(std::size_t i);
  Scores scores(std::size_t i) const;
  bool penalised(HostIndex host) const;
  std::vector<std::size_t> top(std::size_t kept) const;
  const std::vector<double>& values() const { return plain_ ? candidates_.means() : own_; }
  const Exhausted& exhausted() const { return plain_ ? candidates_.exhausted() : own_exhausted_; }

  Candidates& candidates_;
  Around around_;
  const std::vector<HostIndex>& penalty_;
  const bool plain_;  // nothing but what candidates remember matters
  std::vector<double> own_;
  Exhausted own_exhausted_;
  std::map<Distinct::Refusal, std::int64_t> refused_;
  std::vector<std::int64_t> refused_by_class_;
};

}  // namespace core::sched
