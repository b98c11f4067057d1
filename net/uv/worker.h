// SPDX-License-Identifier: MPL-2.0
// A named thread (or a few) with a bounded queue: values in, results back on the loop. The only file
// with a thread in it; jobs and the loop share nothing but what is passed.
//
// With one thread jobs run and answer in the order they were submitted; with more they start in that
// order. Destruction waits until every job has run, and drops the answers not yet delivered.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/base/result.h"
#include "net/uv/done.h"
#include "net/uv/loop.h"

namespace net::uv {

class Worker {
 public:
  struct State;
  struct Options {
    std::string name = {};         // shown by ps -T; at most 15 bytes of it
    std::size_t queue_max = 1024;  // jobs submitted and not yet answered
    unsigned threads = 1;
  };
  // One piece of work: run() on a thread, then answer() on the loop.
  class Job {
   public:
    virtual ~Job() = default;
    virtual void run() = 0;
    virtual void answer() = 0;
  };

  Worker(Loop& loop, Options options);
  Worker(Worker&&) noexcept;
  Worker& operator=(Worker&&) = delete;
  ~Worker();

  // `work` returns a Result<T>; it runs on the worker and must own what it uses. Errc::busy when the
  // queue is full: then neither `work` nor `done` is called.
  template <class Work, class T = typename std::invoke_result_t<Work&>::Value>
  core::Status submit(Work work, std::type_identity_t<Done<T>> done) {
    return submit_job(std::make_unique<TypedJob<Work, T>>(std::move(work), std::move(done)));
  }
  // Jobs submitted and not yet answered.
  std::size_t pending() const;

 private:
  template <class Work, class T>
  class TypedJob final : public Job {
   public:
    TypedJob(Work work, Done<T> done) : work_(std::move(work)), done_(std::move(done)) {}
    void run() override {
      result_.emplace((*work_)());
      work_.reset();  // what it owned is freed on the worker
    }
    void answer() override {
      if (done_) done_(std::move(*result_));
    }

   private:
    std::optional<Work> work_;
    Done<T> done_;
    std::optional<core::Result<T>> result_;
  };

  core::Status submit_job(std::unique_ptr<Job> job);

  std::unique_ptr<State> state_;
};

}  // namespace net::uv
