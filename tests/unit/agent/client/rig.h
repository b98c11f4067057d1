// SPDX-License-Identifier: MPL-2.0
// Drivers against real processes: a loop, a temporary node, tasks of one group, and what drivers told.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <iostream>
#include <memory>
#include <string>

#include "agent/client/drivers/launcher.h"
#include "agent/client/drivers/raw_exec.h"
#include "agent/client/executor/posix.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_loop.h"

namespace test {

namespace cc = core::client;
using namespace agent::client;
using namespace std::chrono_literals;

inline bool is_root() { return ::geteuid() == 0; }

class Rig {
 public:
  Rig() {
    for (const char* name : {"/alloc", "/alloc/logs", "/main", "/main/local", "/main/secrets", "/main/tmp"}) {
      ::mkdir((dir.path() + name).c_str(), 0777);
      ::chmod((dir.path() + name).c_str(), 0777);
    }
    ::chmod(dir.path().c_str(), 0755);
    task.name = "main";
    task.resources = core::model::Resources{};
  }

  TaskSpec spec(std::uint64_t run = 1) {
    auto job = std::make_shared<core::model::Job>();
    job->id = {"job"};
    core::model::TaskGroup group;
    group.name = "web";
    group.tasks = {task};
    job->groups = {group};
    auto alloc = std::make_shared<core::model::Allocation>();
    alloc->id = {alloc_id};
    alloc->name = "job.web[0]";
    alloc->task_group = "web";
    alloc->job = job;
    const auto* placed = &job->groups[0].tasks[0];
    const std::map<std::string, std::string> host_env{{"PATH", "/usr/bin:/bin"}};
    const bool inside = own_root;
    cc::TaskEnv env({*alloc, *placed, node, "global", inside ? "/alloc" : dir / "alloc", inside ? "/local" : dir / "main/local",
                     inside ? "/secrets" : dir / "main/secrets", &host_env});
    return {{alloc->id, "main"}, run, alloc, placed, *task.resources, std::move(env),
            {dir / "alloc", dir / "main", dir / "main/local", dir / "main/secrets", dir / "alloc/logs", dir / "control"}};
  }
  Tell tell() {
    return [this](cc::Input input) {
      told.push_back(std::move(input));
      t.stop();
    };
  }
  // Runs the loop until a T was told, and takes it; everything told before is dropped.
  template <class T>
  T await() {
    for (;;) {
      while (!told.empty()) {
        auto input = std::move(told.front());
        told.pop_front();
        if (auto* wanted = std::get_if<T>(&input)) return std::move(*wanted);
        if (auto* failed = std::get_if<cc::TaskStartFailed>(&input)) UNSCOPED_INFO(failed->error.detail);
      }
      t.run();
    }
  }
  void shell(const std::string& script) {
    core::json::Writer w;
    w.begin_array();
    w.string("-c");
    w.string(script);
    w.end_array();
    task.config = {{"command", {"\"/bin/sh\""}}, {"args", {w.take()}}};
  }
  std::string file(const std::string& name) const {
    const auto text = posix::read_file(dir / name);
    return text.ok() ? *text : "(" + text.error().detail + ")";
  }

  support::TestLoop t;
  TempDir dir;
  core::model::Task task;
  core::model::Node node;
  std::string alloc_id = "a-" + std::to_string(::getpid());
  bool own_root = false;
  Launcher launcher{t.loop, {}, core::Logger()};
  std::deque<cc::Input> told;
};

inline bool alive(int pid) { return pid > 0 && posix::start_ticks(pid) != 0; }

}  // namespace test
