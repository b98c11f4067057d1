// SPDX-License-Identifier: MPL-2.0
// A small cluster that does what schedulers decide: plans are applied to a MemoryState as the state
// machine would, and clients do what the test says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/rng.h"
#include "core/sched/scheduler.h"
#include "tests/support/builders.h"
#include "tests/support/memory_state.h"

namespace test {

class World {
 public:
  explicit World(std::uint64_t seed = 1) : rng_(seed) {}

  MemoryState& state() { return state_; }
  core::WallTime now() const { return now_; }
  void pass(core::Duration time) { now_ = now_ + time; }

  core::model::NodePtr add(const NodeBuilder& node);
  // `count` nodes alike, numbered from `first`.
  void add_nodes(std::uint64_t count, std::uint64_t first = 1);
  // Registers the job as its next version.
  core::model::JobPtr add(JobBuilder job);
  core::AllocId add(const core::model::Allocation& alloc);

  // Schedules an evaluation of the job without applying what comes out.
  core::sched::Decision decide(const core::model::Job& job,
                               const char* trigger = core::model::trigger::kJobRegister);
  core::sched::Decision decide(const core::model::Evaluation& eval);
  void apply(const core::sched::Decision& decision);
  // Both at once.
  core::sched::Decision run(const core::model::Job& job, const char* trigger = core::model::trigger::kJobRegister);
  core::sched::Decision run(const core::model::Evaluation& eval);

  void set_node(const core::NodeId& node, core::model::NodeStatus status);
  void set_client(const core::AllocId& alloc, core::model::ClientStatus status);
  // Every pending allocation runs, every stopped one is complete.
  void settle();
  void mark_migrate(const core::AllocId& alloc);

  std::vector<core::model::AllocPtr> allocs(const core::model::Job& job) const;
  // Those that are to run and are not done, lost or failed.
  std::vector<core::model::AllocPtr> live(const core::model::Job& job) const;
  core::sched::Options options;

 private:
  core::Index next() { return {state_.index().value + 1}; }
  void change(const core::AllocId& id, const std::function<void(core::model::Allocation&)>& change);

  MemoryState state_;
  core::Rng rng_;
  core::WallTime now_{1'000'000'000'000'000'000};
};

// The names of live allocations, sorted, without "JOB.".
std::vector<std::string> names(const std::vector<core::model::AllocPtr>& allocs);

}  // namespace test
