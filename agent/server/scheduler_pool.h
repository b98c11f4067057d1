// SPDX-License-Identifier: MPL-2.0
// Runs core/server's scheduling batches on worker threads: values in, values back on the loop.
#pragma once

#include <functional>

#include "core/leader/gc.h"
#include "core/server/types.h"
#include "net/uv/lifetime.h"
#include "net/uv/worker.h"

namespace agent::server {

class SchedulerPool {
 public:
  SchedulerPool(net::uv::Loop& loop, unsigned workers, core::leader::GcConfig gc,
                std::function<void(core::server::Scheduled)> on_scheduled);

  // REQUIRES: at most `workers` batches at a time, as core/server hands them out.
  void run(core::server::ScheduleBatch batch);

 private:
  net::uv::Loop& loop_;
  core::leader::GcConfig gc_;
  std::function<void(core::server::Scheduled)> on_scheduled_;
  net::uv::Worker worker_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
