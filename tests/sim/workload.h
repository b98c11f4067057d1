// SPDX-License-Identifier: MPL-2.0
// Users who register and stop jobs, and clients that heartbeat and run what they are given. Keeps what
// it was told: an acknowledged write must show for ever after.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/server/types.h"
#include "tests/sim/world.h"

namespace sim {

class Workload {
 public:
  using AnswerDone = std::function<void(core::Result<core::server::Answer>)>;
  // Sends a command to whichever server the caller thinks leads; may never be answered.
  using Submit = std::function<void(core::server::Command, AnswerDone)>;
  // The newest state that a client may be shown; null while no server is up.
  using View = std::function<std::shared_ptr<const core::model::StateView>()>;

  Workload(World& world, std::size_t nodes, std::size_t jobs, Submit submit, View view);

  // Everybody goes on until stop(): then only clients do, so that what was begun can end.
  void start();
  void stop() { users_ = false; }

  // What the last acknowledged write said of a job.
  struct Known {
    core::Index index;
    bool stopped = false;
  };
  const std::map<core::JobId, Known>& jobs() const { return known_jobs_; }
  const std::map<core::NodeId, core::Index>& nodes() const { return known_nodes_; }
  std::uint64_t acknowledged() const { return acknowledged_; }

 private:
  void user();
  void client(std::size_t node);
  void register_job(std::size_t job);
  void stop_job(std::size_t job);
  void report(const core::model::Node& node, const core::model::StateView& view);
  core::model::Node node(std::size_t number) const;

  World& world_;
  std::size_t node_count_, job_count_;
  Submit submit_;
  View view_;
  bool users_ = true;
  std::uint64_t acknowledged_ = 0;
  std::map<core::JobId, Known> known_jobs_;
  std::map<core::NodeId, core::Index> known_nodes_;
  std::map<core::NodeId, core::Index> seen_;  // a client never acts on a state older than it has seen
};

}  // namespace sim
