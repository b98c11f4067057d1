// SPDX-License-Identifier: MPL-2.0
#include "agent/server/scheduler_pool.h"

#include <utility>

#include "core/model/eval.h"
#include "core/server/worker.h"

namespace agent::server {
namespace {

// So much is scheduled in some 20 us. Two threads that wake each other take twice that and more.
constexpr std::size_t kOnLoopEvals = 4;
constexpr std::size_t kOnLoopNodes = 16;
constexpr std::size_t kOnLoopAllocs = 16;

bool is_small(const core::server::ScheduleBatch& batch) {
  if (batch.tasks.size() > kOnLoopEvals || batch.in_flight.size() > kOnLoopAllocs || batch.view->node_count() > kOnLoopNodes) return false;
  std::size_t allocs = 0;
  for (const auto& task : batch.tasks) {
    if (task.eval->type == core::model::core_job::kType) return false;
    allocs += batch.view->allocs_of(task.eval->job_key()).size();
    if (const auto job = batch.view->job(task.eval->job_key()))
      for (const auto& group : job->groups) allocs += static_cast<std::size_t>(group.count.value_or(1));
  }
  return allocs <= kOnLoopAllocs;
}

}  // namespace

SchedulerPool::SchedulerPool(net::uv::Loop& loop, unsigned workers, core::leader::GcConfig gc,
                             std::function<void(core::server::Scheduled)> on_scheduled)
    : loop_(loop), gc_(gc), on_scheduled_(std::move(on_scheduled)), begin_(loop, [this] { begin(); }), worker_(loop, {.name = "scheduler", .threads = workers}) {}

void SchedulerPool::run(core::server::ScheduleBatch batch) {
  batches_.push_back(std::move(batch));
  begin_.schedule();
}

void SchedulerPool::begin() {
  for (auto& batch : std::exchange(batches_, {})) {
    if (is_small(batch)) on_scheduled_(schedule(batch));
    else hand_over(std::move(batch));
  }
}

core::server::Scheduled SchedulerPool::schedule(const core::server::ScheduleBatch& batch) const {
  return core::server::run(batch, gc_, [this] { return loop_.now().time_since_epoch(); });
}

void SchedulerPool::hand_over(core::server::ScheduleBatch batch) {
  const auto submitted = worker_.submit(
      [this, batch = std::move(batch)]() -> core::Result<core::server::Scheduled> { return schedule(batch); },
      lifetime_.guard([this](core::Result<core::server::Scheduled> done) { on_scheduled_(std::move(done).value()); }));
  ASSERT(submitted.ok());
}

}  // namespace agent::server
