// SPDX-License-Identifier: MPL-2.0
// What goes wrong: power cuts at a change on disk, calls to it that fail, full disks, clocks that jump,
// networks that fall apart, processes that stand still, operators who change the servers. Which of them, and how often, the history's options say. In a cluster at
// most a minority of disks lies or loses at once: an error then is never an excuse for losing a write.
#pragma once

#include "tests/sim/cluster.h"

namespace sim {

class Faults {
 public:
  Faults(World& world, Cluster& cluster, FaultOptions options);

  // Strikes again and again until it is told to stop.
  void start();
  void stop() { on_ = false; }
  std::uint64_t count() const { return count_; }

 private:
  void strike();
  void strike(Node& node);

  World& world_;
  Cluster& cluster_;
  FaultOptions options_;
  bool on_ = false;
  std::uint64_t count_ = 0;
};

}  // namespace sim
