// SPDX-License-Identifier: MPL-2.0
// Users who register and stop jobs and drain nodes, readers who ask any server for a state that is
// current, and clients that heartbeat, run what they are given,
// fall silent for a while and register again. Keeps what it was told: an acknowledged write must show
// for ever after.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "tests/sim/cluster.h"

namespace sim {

class Workload {
 public:
  Workload(World& world, Ledger& ledger, Cluster& cluster, const Options& options);

  // Everybody goes on until calm(): then only clients do, all of them, so that what was begun can end.
  void start();
  void calm() { users_ = false; }

  // What the last acknowledged write said of a job, and of how many.
  struct Known {
    core::Index index;
    bool stopped = false;
  };
  const std::map<core::JobId, Known>& jobs() const { return known_jobs_; }
  const std::set<core::NodeId>& nodes() const { return known_nodes_; }

 private:
  using Told = std::function<void(const core::server::Answer&)>;
  struct Asked;
  // Once: what a client reports, it reports again, newer.
  void submit(core::server::Command command, Told told);
  // Under one request id until there is an answer, or too much time has passed.
  void insist(core::server::Command command, Told told);
  void ask(const std::shared_ptr<Asked>& asked);
  Node* somebody();
  void user();
  void reader();
  void register_job(std::size_t job);
  void stop_job(std::size_t job);
  void drain(std::size_t node);
  void bring_back(const core::NodeId& node);
  void client(std::size_t node);
  void beat(std::size_t node);
  void report(const core::model::Node& node, const core::model::StateView& view);

  World& world_;
  Ledger& ledger_;
  Cluster& cluster_;
  Options options_;
  core::Rng rng_;
  bool users_ = true;
  std::uint64_t requests_ = 0;
  std::map<core::JobId, Known> known_jobs_;
  std::set<core::NodeId> known_nodes_;
  std::map<core::NodeId, core::Index> seen_;  // a client never acts on a state older than it has seen
};

}  // namespace sim
