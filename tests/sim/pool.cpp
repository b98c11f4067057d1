// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/pool.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <optional>

#include "core/base/assert.h"

namespace sim {
namespace {

// What a child writes to the pipe when its job is done; small enough that children do not mix.
struct Message {
  pid_t child = 0;
  char wrong[500] = {};
};
static_assert(sizeof(Message) <= 512);

void tell(int pipe, const Message& message) {
  const auto written = write(pipe, &message, sizeof message);
  ASSERT(written == sizeof message);
}

class Pool {
 public:
  Pool(const Jobs& jobs, const std::function<std::string(std::uint64_t)>& job)
      : next_(jobs.first), last_(jobs.last), processes_(jobs.processes), failures_max_(jobs.failures_max), job_(job) {
    const int made = pipe(pipe_);
    ASSERT(made == 0);
  }

  Tally run(const std::function<void(std::uint64_t, const std::string&)>& report) {
    const auto all = last_ - next_ + 1;
    for (unsigned i = 0; i < processes_; ++i) start_next();
    while (!running_.empty()) {
      const auto [job, wrong] = wait_for_one();
      if (!wrong) continue;
      if (wrong->empty()) ++tally_.passed;
      else ++tally_.failed, report(job, *wrong);
      if (tally_.failed < failures_max_) start_next();
      if ((tally_.passed + tally_.failed) % 50 == 0)
        std::fprintf(stderr, "%lu of %lu, %lu failed\n", tally_.passed + tally_.failed, all, tally_.failed);
    }
    return tally_;
  }

 private:
  // One process a job: cheap beside a history, and nothing of one can leak into the next.
  void start_next() {
    if (next_ > last_) return;
    const auto job = next_++;
    std::fflush(stdout);
    const auto child = fork();
    ASSERT(child >= 0);
    if (child != 0) {
      running_[child] = job;
      return;
    }
    Message message{.child = getpid()};
    std::strncpy(message.wrong, job_(job).c_str(), sizeof message.wrong - 1);
    tell(pipe_[1], message);
    std::fflush(stdout);
    _exit(0);
  }

  std::pair<std::uint64_t, std::optional<std::string>> wait_for_one() {
    int status = 0;
    const auto child = waitpid(-1, &status, 0);
    const auto it = running_.find(child);
    if (it == running_.end()) return {0, std::nullopt};
    const auto job = it->second;
    running_.erase(it);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return {job, "the process died, see above"};
    return {job, take(child)};
  }

  std::string take(pid_t child) {
    while (!told_.contains(child)) {
      Message message;
      const auto got = read(pipe_[0], &message, sizeof message);
      ASSERT(got == sizeof message);
      told_[message.child] = message.wrong;
    }
    return std::move(told_.extract(child).mapped());
  }

  std::uint64_t next_, last_;
  unsigned processes_;
  std::uint64_t failures_max_;
  const std::function<std::string(std::uint64_t)>& job_;
  int pipe_[2] = {};
  std::map<pid_t, std::uint64_t> running_;
  std::map<pid_t, std::string> told_;
  Tally tally_;
};

}  // namespace

Tally run_jobs(const Jobs& jobs, const std::function<std::string(std::uint64_t)>& job,
               const std::function<void(std::uint64_t, const std::string&)>& report) {
  return Pool(jobs, job).run(report);
}

}  // namespace sim
