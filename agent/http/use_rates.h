// SPDX-License-Identifier: MPL-2.0
// Processor time per second from counters, for those who ask for a task's use now and then. The first
// answer is the mean since the task started; later ones since the last, if that is not too fresh.
#pragma once

#include <cstdint>
#include <map>

#include "core/base/time.h"
#include "core/client/records.h"

namespace agent::http {

class UseRates {
 public:
  struct Counters {
    std::uint64_t user_ns = 0, system_ns = 0;
  };
  // Of one processor; above 1 when several are used.
  struct Rates {
    double user = 0, system = 0;
  };
  // `age`: how long the task has run.
  Rates of(const core::client::TaskId& task, Counters counters, core::Duration age, core::Instant now);
  std::size_t size() const { return samples_.size(); }

 private:
  struct Sample {
    core::Instant at;
    Counters counters;
    Rates rates;
  };
  void forget_old(core::Instant now);

  std::map<core::client::TaskId, Sample> samples_;
};

}  // namespace agent::http
