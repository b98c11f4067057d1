// SPDX-License-Identifier: MPL-2.0
#include "net/uv/worker.h"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "net/uv/native.h"

namespace net::uv {
namespace {

// Wakes the loop from a worker. Lives as a handle does, and points back while the worker lives.
struct WakeUp {
  uv_async_t handle{};
  bool detached = false;
  Worker::State* worker = nullptr;
};

}  // namespace

struct Worker::State {
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<std::unique_ptr<Job>> queue;      // guarded by mutex
  std::vector<std::unique_ptr<Job>> finished;  // guarded by mutex
  bool stopping = false;                       // guarded by mutex

  std::size_t queue_max = 0;
  std::size_t pending = 0;  // the loop's alone
  std::vector<std::thread> threads;
  Owned<WakeUp> wake_up;

  State(Loop& loop, const Options& options);
  ~State();
  void work();
  void deliver();
};

Worker::State::State(Loop& loop, const Options& options) : queue_max(options.queue_max), wake_up(new WakeUp) {
  ASSERT(options.threads > 0);
  ASSERT(uv_async_init(&loop.state().loop, &wake_up->handle, [](uv_async_t* h) {
           auto& self = *static_cast<WakeUp*>(h->data);
           if (!self.detached) self.worker->deliver();
         }) == 0);
  wake_up->handle.data = wake_up.get();
  wake_up->worker = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(&wake_up->handle));  // an idle worker does not keep the loop alive
  for (unsigned i = 0; i < options.threads; ++i) {
    threads.emplace_back([this] { work(); });
    pthread_setname_np(threads.back().native_handle(), options.name.substr(0, 15).c_str());
  }
}

Worker::State::~State() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
  }
  ready.notify_all();
  for (auto& thread : threads) thread.join();
  ASSERT(queue.empty());
}

void Worker::State::work() {
  std::unique_lock lock(mutex);
  while (true) {
    ready.wait(lock, [this] { return stopping || !queue.empty(); });
    if (queue.empty()) return;
    auto job = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    job->run();
    lock.lock();
    finished.push_back(std::move(job));
    // One wake-up serves all that finish before the loop looks.
    if (finished.size() == 1) uv_async_send(&wake_up->handle);
  }
}

void Worker::State::deliver() {
  std::vector<std::unique_ptr<Job>> batch;
  {
    const std::lock_guard lock(mutex);
    batch.swap(finished);
  }
  // An answer may destroy the worker; the handle's block outlives this turn and tells.
  const WakeUp& alive = *wake_up;
  for (auto& job : batch) {
    if (--pending == 0) uv_unref(reinterpret_cast<uv_handle_t*>(&wake_up->handle));
    job->answer();
    if (alive.detached) return;
    job.reset();
  }
}

Worker::Worker(Loop& loop, Options options) : state_(new State(loop, options)) {}
Worker::Worker(Worker&&) noexcept = default;
Worker::~Worker() = default;

core::Status Worker::submit_job(std::unique_ptr<Job> job) {
  if (state_->pending >= state_->queue_max) return core::Error{core::Errc::busy, "worker queue is full"};
  if (state_->pending++ == 0) uv_ref(reinterpret_cast<uv_handle_t*>(&state_->wake_up->handle));
  {
    const std::lock_guard lock(state_->mutex);
    state_->queue.push_back(std::move(job));
  }
  state_->ready.notify_one();
  return core::ok_status();
}

std::size_t Worker::pending() const { return state_->pending; }

}  // namespace net::uv
