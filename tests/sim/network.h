// SPDX-License-Identifier: MPL-2.0
// Messages between servers: late, out of order, twice, or never. Links are cut one way at a time, so
// that every shape of partition can be made of them. Now and then a bit of what they carry turns over.
#pragma once

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "core/raft/io.h"
#include "tests/sim/options.h"
#include "tests/sim/world.h"

namespace sim {

class Network {
 public:
  using Deliver = std::function<void(const core::ServerId& to, const core::raft::Received& message)>;
  Network(World& world, NetworkOptions options, Deliver deliver);

  void send(const core::ServerId& from, const core::raft::Envelope& envelope);

  // What `from` sends no longer reaches `to`.
  void cut(const core::ServerId& from, const core::ServerId& to) { cut_.emplace(from, to); }
  // Draws a partition of these servers: one alone, two halves, or a bridge between two halves, each
  // both ways or only one.
  void fall_apart(std::vector<core::ServerId> servers, core::Rng& rng);
  void heal() { cut_.clear(); }
  // From now on nothing is lost or doubled any more.
  void calm() { options_.lost_per_mille = options_.doubled_per_mille = options_.damaged_per_mille = 0; }

 private:
  core::raft::Message damaged(core::raft::Message message);

  World& world_;
  NetworkOptions options_;
  Deliver deliver_;
  core::Rng rng_;
  std::set<std::pair<core::ServerId, core::ServerId>> cut_;
};

}  // namespace sim
