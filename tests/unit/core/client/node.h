// SPDX-License-Identifier: MPL-2.0
// A node under test: feeds inputs, keeps what came out until it is taken, and remembers records as a
// disk would, so that a second agent can be started from them.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/client/client.h"

namespace test {

using namespace core::client;
using core::AllocId;
using core::Duration;
using core::Index;
using core::Instant;
using namespace std::chrono_literals;

inline core::model::Task make_task(const std::string& name) {
  core::model::Task task;
  task.name = name;
  task.driver = "mock_driver";
  task.resources = core::model::Resources{};
  return task;
}

inline core::model::RestartPolicy policy(std::int64_t attempts, Duration interval, Duration delay, const char* mode) {
  return {attempts, interval, delay, mode};
}

// A job of one group "web"; tasks and policies to be changed before place().
struct Spec {
  core::model::Job job;
  Spec() {
    job.id = {"shop"};
    job.name = "shop";
    core::model::TaskGroup group;
    group.name = "web";
    group.tasks = {make_task("main")};
    group.restart_policy = policy(2, 30min, 15s, "fail");
    job.groups = {group};
  }
  core::model::TaskGroup& group() { return job.groups[0]; }
  core::model::Task& task(std::size_t i = 0) { return job.groups[0].tasks[i]; }
};

inline std::shared_ptr<core::model::Allocation> place(const Spec& spec, const std::string& id = "a1", std::uint64_t index = 10) {
  auto alloc = std::make_shared<core::model::Allocation>();
  alloc->id = {id};
  alloc->name = "shop.web[0]";
  alloc->job_id = spec.job.id;
  alloc->job = std::make_shared<core::model::Job>(spec.job);
  alloc->task_group = "web";
  alloc->alloc_modify_index = Index{index};
  return alloc;
}

class Node {
 public:
  explicit Node(Restored restored = {}, Config config = {})
      : client(config, restored, core::Rng(7), core::Logger(), now), disk(std::move(restored)) {}

  void feed(const Input& input) {
    auto out = client.step(input, now);
    for (auto& request : out.send) sent.push_back(std::move(request));
    for (auto& record : out.save.records) remember(record);
    for (auto& action : out.save.then) actions.push_back(std::move(action));
  }
  void pass(Duration time) {
    now.at += time;
    now.wall = now.wall + time;
  }
  // Lets time pass, waking the node at each of its deadlines on the way.
  void run(Duration time) {
    const auto end = now.at + time;
    for (auto next = client.next_deadline(); next && *next <= end; next = client.next_deadline()) {
      if (*next > now.at) pass(*next - now.at);
      feed(Woke{});
    }
    pass(end - now.at);
  }
  // Registered, beating, watching.
  void join() {
    feed(Woke{});
    feed(Registered{10s, "c1"});
    feed(HeartbeatAnswered{10s});
    sent.clear();
  }
  // The servers assign this, and the node has fetched it.
  void assign(const std::vector<core::model::AllocPtr>& allocs, std::uint64_t index) {
    Assigned list{Index{index}, {}};
    for (const auto& alloc : allocs) list.allocs[alloc->id] = alloc->alloc_modify_index;
    feed(list);
    if (take<Fetch>()) feed(Fetched{allocs});
  }

  // The oldest output of that kind, taken out; nothing if there is none.
  template <class T>
  std::optional<T> take() {
    std::optional<T> found;
    if constexpr (is_one_of<T>(static_cast<Request*>(nullptr))) found = take_from<T>(sent);
    if constexpr (is_one_of<T>(static_cast<Action*>(nullptr))) {
      if (!found) found = take_from<T>(actions);
    }
    return found;
  }
  template <class T>
  std::vector<T> take_all() {
    std::vector<T> all;
    while (auto one = take<T>()) all.push_back(std::move(*one));
    return all;
  }

  const core::model::TaskState& state(const std::string& task = "main", const std::string& alloc = "a1") const {
    return client.alloc({alloc})->task(task)->state();
  }
  std::vector<std::string> events(const std::string& task = "main", const std::string& alloc = "a1") const {
    std::vector<std::string> types;
    for (const auto& event : state(task, alloc).events) types.push_back(event.type);
    return types;
  }
  std::string last_text(const std::string& task = "main") const { return state(task).events.back().display_message; }

  // Prepared, started: the task runs.
  void start(const std::string& task = "main") {
    if (auto prepare = take<PrepareAlloc>()) feed(AllocPrepared{prepare->alloc->id, core::ok_status()});
    for (auto& order : take_all<StartTask>()) {
      if (order.task.task == task) feed(TaskStarted{order.task, order.run, {R"({"Pid":1})"}});
      else actions.push_back(order);
    }
  }
  void exit(int code, const std::string& task = "main", const std::string& alloc = "a1") {
    const auto record = client.alloc({alloc})->task(task)->record();
    feed(TaskExited{{{alloc}, task}, record.run, ExitResult{code, 0, false, ""}});
  }

  core::client::Now now{Instant(100s), core::WallTime{1'700'000'000'000'000'000}};
  Client client;
  std::deque<Request> sent;
  std::deque<Action> actions;
  Restored disk;

 private:
  template <class T, class... Ts>
  static constexpr bool is_one_of(const std::variant<Ts...>*) {
    return (std::is_same_v<T, Ts> || ...);
  }
  template <class T, class Queue>
  static std::optional<T> take_from(Queue& queue) {
    for (auto it = queue.begin(); it != queue.end(); ++it) {
      if (!std::holds_alternative<T>(*it)) continue;
      auto found = std::get<T>(std::move(*it));
      queue.erase(it);
      return found;
    }
    return std::nullopt;
  }
  RestoredAlloc& on_disk(const AllocId& id) {
    for (auto& item : disk.allocs)
      if (item.alloc->id == id) return item;
    return disk.allocs.emplace_back();
  }
  void remember(const Record& record) {
    if (const auto* alloc = std::get_if<AllocSaved>(&record)) on_disk(alloc->alloc->id).alloc = alloc->alloc;
    if (const auto* task = std::get_if<TaskSaved>(&record)) on_disk(task->task.alloc).tasks[task->task.task] = task->record;
    if (const auto* gone = std::get_if<AllocForgotten>(&record))
      std::erase_if(disk.allocs, [&](const auto& item) { return item.alloc->id == gone->alloc; });
    if (const auto* seen = std::get_if<SeenSaved>(&record)) disk.seen = *seen;
  }
};

}  // namespace test
