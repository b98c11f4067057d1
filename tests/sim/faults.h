// SPDX-License-Identifier: MPL-2.0
// What goes wrong: power cuts at a change on disk or everywhere at once, calls to the disk that fail, full
// disks, clocks that jump, networks that fall apart, processes that stand still, operators who change the
// servers. Which of them, and how often, the history's options say; when, strikes.h.
#pragma once

#include <vector>

#include "tests/sim/cluster.h"
#include "tests/sim/strikes.h"

namespace sim {

// How the power goes.
test::Crash draw_crash(core::Rng& rng);

class Faults {
 public:
  Faults(World& world, Cluster& cluster, const FaultOptions& options);

  // REQUIRES: none of them lies in the past.
  void start(const std::vector<Strike>& strikes);
  void stop() { on_ = false; }
  std::uint64_t count() const { return count_; }

 private:
  void strike(core::Rng rng);
  void strike(Node& node, core::Rng& rng);
  void fall_apart(core::Rng& rng);
  void black_out(core::Rng& rng);
  void run_operators(core::Rng& rng);
  void start_again(Node& node, core::Rng& rng);
  void rot(Node& node);

  // hunts.cpp: whoever leads is struck, and soon after whoever leads then.
  void hunt(core::Rng& rng);
  void strike_leader(core::Rng rng);
  void cut_off(Node& leader, core::Rng& rng);
  void pause(Node& node, core::Rng& rng);
  void hand_over(Node& leader, core::Rng& rng);
  void contest(Node& leader, core::Rng& rng);
  void hurry_operators(Node& leader, core::Rng& rng);
  void ask_successor(Node& of, int tries);
  void start_once_down(Node& node, int tries);

  World& world_;
  Cluster& cluster_;
  FaultOptions options_;
  bool on_ = true;
  std::uint64_t count_ = 0;
};

}  // namespace sim
