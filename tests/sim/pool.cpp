// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/pool.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <utility>

#include "core/base/assert.h"

namespace sim {
namespace {

std::string read_all(int file) {
  std::string all(static_cast<std::size_t>(lseek(file, 0, SEEK_END)), '\0');
  const auto got = pread(file, all.data(), all.size(), 0);
  ASSERT(got == static_cast<ssize_t>(all.size()));
  return all;
}

// The line that says why a process ended: an assertion's if there is one, else the last.
std::string last_words(const std::string& said) {
  std::string words;
  for (std::size_t begin = 0; begin < said.size();) {
    const auto end = std::min(said.find('\n', begin), said.size());
    auto line = said.substr(begin, end - begin);
    begin = end + 1;
    for (const auto* kind : {": assertion failed: ", ": panic: ", ": reached the unreachable: "})
      if (line.find(kind) != std::string::npos) return line;
    if (!line.empty()) words = std::move(line);
  }
  return words.empty() ? "the process died" : "the process died: " + words;
}

// A process that does one job. It writes what went wrong into one file in memory, stderr into another.
class Child {
 public:
  Child(const Job& job, std::uint64_t number) : number_(number), wrong_(memfd_create("wrong", 0)), stderr_(memfd_create("stderr", 0)) {
    ASSERT(wrong_ >= 0 && stderr_ >= 0);
    std::fflush(stdout);
    pid_ = fork();
    ASSERT(pid_ >= 0);
    if (pid_ == 0) work(job);
  }
  Child(Child&& other) noexcept : number_(other.number_), pid_(other.pid_), wrong_(std::exchange(other.wrong_, -1)), stderr_(std::exchange(other.stderr_, -1)) {}
  ~Child() {
    if (wrong_ >= 0) close(wrong_);
    if (stderr_ >= 0) close(stderr_);
  }

  std::uint64_t number() const { return number_; }
  pid_t pid() const { return pid_; }
  std::string said() const { return read_all(stderr_); }
  std::string outcome(int status) const {
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? read_all(wrong_) : last_words(said());
  }

 private:
  [[noreturn]] void work(const Job& job) {
    dup2(stderr_, STDERR_FILENO);
    const auto wrong = job(number_);
    const auto written = write(wrong_, wrong.data(), wrong.size());
    ASSERT(written == static_cast<ssize_t>(wrong.size()));
    std::fflush(stdout);
    _exit(0);
  }

  std::uint64_t number_;
  pid_t pid_ = 0;
  int wrong_, stderr_;
};

}  // namespace

Tally run_jobs(const Jobs& jobs, const Job& job, const std::function<void(std::uint64_t, const std::string&)>& report) {
  Tally tally;
  std::map<pid_t, Child> running;
  auto next = jobs.first;
  const auto start_next = [&] {
    if (next > jobs.last || tally.failed >= jobs.failures_max) return;
    Child child(job, next++);
    running.emplace(child.pid(), std::move(child));
  };
  for (unsigned i = 0; i < jobs.processes; ++i) start_next();
  while (!running.empty()) {
    int status = 0;
    const auto ended = running.extract(waitpid(-1, &status, 0));
    if (!ended) continue;
    const auto& child = ended.mapped();
    const auto wrong = child.outcome(status);
    std::fputs(child.said().c_str(), stderr);
    if (wrong.empty()) ++tally.passed;
    else ++tally.failed, report(child.number(), wrong);
    start_next();
    if ((tally.passed + tally.failed) % 50 == 0)
      std::fprintf(stderr, "%lu of %lu, %lu failed\n", tally.passed + tally.failed, jobs.last - jobs.first + 1, tally.failed);
  }
  return tally;
}

std::string run_in_child(const Job& job, std::uint64_t number) {
  const Child child(job, number);
  int status = 0;
  const auto ended = waitpid(child.pid(), &status, 0);
  ASSERT(ended == child.pid());
  return child.outcome(status);
}

}  // namespace sim
