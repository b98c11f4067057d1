// SPDX-License-Identifier: MPL-2.0
#include "agent/server/scheduler_pool.h"

#include <utility>

#include "core/server/worker.h"

namespace agent::server {

SchedulerPool::SchedulerPool(net::uv::Loop& loop, unsigned workers, core::leader::GcConfig gc,
                             std::function<void(core::server::Scheduled)> on_scheduled)
    : loop_(loop), gc_(gc), on_scheduled_(std::move(on_scheduled)), worker_(loop, {.name = "scheduler", .threads = workers}) {}

void SchedulerPool::run(core::server::ScheduleBatch batch) {
  const auto submitted = worker_.submit(
      [batch = std::move(batch), gc = gc_, &loop = loop_]() -> core::Result<core::server::Scheduled> {
        return core::server::run(batch, gc, [&loop] { return loop.now().time_since_epoch(); });
      },
      lifetime_.guard([this](core::Result<core::server::Scheduled> done) { on_scheduled_(std::move(done).value()); }));
  ASSERT(submitted.ok());
}

}  // namespace agent::server
