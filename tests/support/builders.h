// SPDX-License-Identifier: MPL-2.0
// Builders with sensible values; a test says only what it is about:
//   const auto job = JobBuilder("web").group("api", 3).task("server", 500, 256).share();
//   const auto node = NodeBuilder(1).resources(4000, 8192).share();
//   const auto alloc = AllocBuilder(job, node, 0).client(ClientStatus::running).share();
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/model/alloc.h"
#include "core/model/eval.h"
#include "core/model/job.h"
#include "core/model/node.h"
#include "core/model/plan.h"

namespace test {

// "00000000-0000-4000-8000-0000000000NN": sorts by n.
std::string uuid(std::uint64_t n);

template <class Self, class T>
class Builder {
 public:
  // Anything the named setters do not say.
  template <class Change>
  Self& with(Change&& change) {
    change(value_);
    return static_cast<Self&>(*this);
  }

 protected:
  T value_;
};

// A service job in dc1, canonical when built. Without a group(): one group "web" of one task "server".
class JobBuilder : public Builder<JobBuilder, core::model::Job> {
 public:
  explicit JobBuilder(std::string id = "example");
  JobBuilder& type(std::string type);
  JobBuilder& priority(std::int64_t priority);
  JobBuilder& version(std::uint64_t version);
  JobBuilder& index(std::uint64_t create, std::uint64_t modify);  // modify is also the job_modify_index
  JobBuilder& stopped();
  JobBuilder& constraint(std::string ltarget, std::string operand, std::string rtarget);
  JobBuilder& update(std::int64_t max_parallel, core::Duration stagger);
  JobBuilder& group(std::string name, std::int64_t count = 1);
  // To the last group, which is made if there is none.
  JobBuilder& count(std::int64_t count);
  JobBuilder& task(std::string name, std::int64_t cpu = 100, std::int64_t memory_mb = 64);
  JobBuilder& port(std::string label);                              // dynamic, group network
  JobBuilder& static_port(std::string label, std::int64_t number);  // group network

  core::model::Job build() const;
  core::model::JobPtr share() const { return std::make_shared<const core::model::Job>(build()); }

 private:
  core::model::TaskGroup& last_group();
  core::model::NetworkResource& network();
};

// A ready node in dc1: 4000 MHz, 8192 MB, 100 GB, drivers exec and raw_exec, address 192.168.0.100.
class NodeBuilder : public Builder<NodeBuilder, core::model::Node> {
 public:
  explicit NodeBuilder(std::uint64_t n = 1);
  NodeBuilder& id(std::string id);
  NodeBuilder& datacenter(std::string datacenter);
  NodeBuilder& node_class(std::string node_class);
  NodeBuilder& resources(std::int64_t cpu, std::int64_t memory_mb, std::int64_t disk_mb = 100'000);
  NodeBuilder& reserved(std::int64_t cpu, std::int64_t memory_mb, std::int64_t disk_mb = 0);
  NodeBuilder& driver(std::string name, bool healthy = true);
  NodeBuilder& attribute(std::string key, std::string value);
  NodeBuilder& meta(std::string key, std::string value);
  NodeBuilder& status(core::model::NodeStatus status);
  NodeBuilder& ineligible();
  NodeBuilder& draining(core::Duration deadline = std::chrono::hours(1));
  NodeBuilder& index(std::uint64_t create, std::uint64_t modify);

  core::model::Node build() const;  // with its computed class
  core::model::NodePtr share() const { return std::make_shared<const core::model::Node>(build()); }
};

// An allocation of the job's first group on the node: desired run, client pending.
class AllocBuilder : public Builder<AllocBuilder, core::model::Allocation> {
 public:
  AllocBuilder(core::model::JobPtr job, const core::model::NodePtr& node, std::uint64_t name_index = 0);
  AllocBuilder& id(std::string id);
  AllocBuilder& group(const std::string& name);
  AllocBuilder& eval(const core::EvalId& eval);
  AllocBuilder& desired(core::model::DesiredStatus status);
  AllocBuilder& client(core::model::ClientStatus status);
  AllocBuilder& migrate();
  AllocBuilder& index(std::uint64_t create, std::uint64_t modify);

  core::model::Allocation build() const { return value_; }
  core::model::AllocPtr share() const { return std::make_shared<const core::model::Allocation>(value_); }

 private:
  std::uint64_t name_index_;
};

// A pending evaluation of the job, triggered by its registration.
class EvalBuilder : public Builder<EvalBuilder, core::model::Evaluation> {
 public:
  EvalBuilder(std::uint64_t n, const core::model::Job& job);
  explicit EvalBuilder(std::uint64_t n, std::string job_id = "example");
  EvalBuilder& priority(std::int64_t priority);
  EvalBuilder& type(std::string type);
  EvalBuilder& trigger(std::string triggered_by);
  EvalBuilder& status(core::model::EvalStatus status);
  EvalBuilder& node(const core::NodeId& node);
  EvalBuilder& index(std::uint64_t create, std::uint64_t modify);

  core::model::Evaluation build() const { return value_; }
  core::model::EvalPtr share() const { return std::make_shared<const core::model::Evaluation>(value_); }
};

// A plan that places and stops the given allocations as they are.
core::model::Plan plan_of(const core::model::Evaluation& eval, const core::model::Job& job,
                          const std::vector<core::model::AllocPtr>& place,
                          const std::vector<core::model::AllocPtr>& stop = {});

}  // namespace test
