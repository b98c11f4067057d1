// SPDX-License-Identifier: MPL-2.0
// Runs core/server's scheduling batches on worker threads: values in, values back on the loop. They begin at
// the end of the turn: what is answered in it leaves first.
//
// A few evaluations of a few allocations over a few nodes are scheduled on the loop itself: waking a thread and
// being woken by it takes longer.
#pragma once

#include <functional>
#include <vector>

#include "core/leader/gc.h"
#include "core/server/types.h"
#include "net/uv/lifetime.h"
#include "net/uv/loop.h"
#include "net/uv/worker.h"

namespace agent::server {

class SchedulerPool {
 public:
  SchedulerPool(net::uv::Loop& loop, unsigned workers, core::leader::GcConfig gc,
                std::function<void(core::server::Scheduled)> on_scheduled);

  // REQUIRES: at most `workers` batches at a time, as core/server hands them out.
  void run(core::server::ScheduleBatch batch);

 private:
  void begin();
  core::server::Scheduled schedule(const core::server::ScheduleBatch& batch) const;
  void hand_over(core::server::ScheduleBatch batch);

  net::uv::Loop& loop_;
  core::leader::GcConfig gc_;
  std::function<void(core::server::Scheduled)> on_scheduled_;
  std::vector<core::server::ScheduleBatch> batches_;  // of this turn
  net::uv::Deferred begin_;
  net::uv::Worker worker_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
