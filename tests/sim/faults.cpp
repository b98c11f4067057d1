// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/faults.h"

#include <algorithm>
#include <iterator>

namespace sim {
namespace {

using namespace std::chrono_literals;
using Kind = test::FaultyDisk::Operation::Kind;

constexpr core::Duration kDownMost = 1s, kDownLongMost = 6s, kFullMost = 3s, kApartMost = 5s;
constexpr Kind kFailing[] = {Kind::read, Kind::write, Kind::sync, Kind::sync_directory, Kind::rename, Kind::remove, Kind::open, Kind::resize};

}  // namespace

test::Crash draw_crash(core::Rng& rng) { return test::kCrashes[rng.below(std::size(test::kCrashes))]; }

Faults::Faults(World& world, Cluster& cluster, const FaultOptions& options) : world_(world), cluster_(cluster), options_(options) {}

void Faults::start(const std::vector<Strike>& strikes) {
  for (const auto& one : strikes)
    world_.after(one.at - world_.now(), [this, seed = one.seed] {
      if (on_) strike(core::Rng(seed));
    });
}

void Faults::strike(core::Rng rng) {
  const auto& nodes = cluster_.nodes();
  ++count_;
  if (options_.hunts && rng.chance(300)) {
    hunt(rng);
  } else if (options_.partitions && rng.chance(300)) {
    fall_apart(rng);
  } else if (options_.blackouts && rng.chance(200)) {
    black_out(rng);
  } else if (options_.partitions && rng.chance(300)) {
    if (const auto* leader = cluster_.leader()) cluster_.break_connections(*leader);
  } else if (options_.members && rng.chance(300)) {
    run_operators(rng);
  } else {
    strike(*nodes[rng.below(nodes.size())], rng);
  }
}

void Faults::run_operators(core::Rng& rng) {
  auto* const leader = cluster_.leader();
  if (leader == nullptr) return;
  if (rng.chance(300)) cluster_.move_leadership(*leader);
  else cluster_.change_members(*leader);
}

void Faults::fall_apart(core::Rng& rng) {
  std::vector<core::ServerId> servers;
  for (const auto& node : cluster_.nodes()) servers.push_back(node->id());
  cluster_.network().fall_apart(std::move(servers), rng);
  world_.after(rng.jitter(kApartMost), [this] { cluster_.network().heal(); });
}

// The power goes everywhere at once; each disk loses its own.
void Faults::black_out(core::Rng& rng) {
  for (const auto& node : cluster_.nodes()) {
    const auto how = draw_crash(rng);
    if (node->alive()) node->cut_power(how);
    start_again(*node, rng);
  }
}

void Faults::start_again(Node& node, core::Rng& rng) {
  const bool long_enough_to_need_a_snapshot = rng.chance(150);
  const auto pause = rng.jitter(long_enough_to_need_a_snapshot ? kDownLongMost : kDownMost);
  world_.after(pause, [this, &node, rots = options_.rot && rng.chance(500)] {
    if (!on_) return;
    if (rots) rot(node);
    cluster_.start(node);
  });
}

void Faults::strike(Node& node, core::Rng& rng) {
  if (options_.pauses && rng.chance(300)) {
    // The leader more often than others: it is the one that may not notice.
    auto* leader = rng.chance(500) ? cluster_.leader() : nullptr;
    pause(leader != nullptr ? *leader : node, rng);
  } else if (options_.errors && rng.chance(400)) {
    const auto kind = kFailing[rng.below(std::size(kFailing))];
    node.fail_disk(kind, rng.below(kind == Kind::read ? 100 : 10));
  } else if (options_.full && rng.chance(200)) {
    node.set_full(true);
    world_.after(rng.jitter(kFullMost), [&node] { node.set_full(false); });
  } else if (options_.clock && rng.chance(300)) {
    node.set_clock(std::chrono::milliseconds(rng.between(-3'600'000, 3'600'000)));
  } else if (options_.power) {
    const auto how = draw_crash(rng);
    node.cut_power_at(1 + rng.below(rng.chance(100) ? 100 : 12), how);
  }
  start_again(node, rng);  // whatever became of it, somebody looks after a while
}

// As long as what rots is sound on another server, be all the rest of them rotten.
void Faults::rot(Node& node) {
  if (node.server_up() || node.rotten()) return;
  const auto& nodes = cluster_.nodes();
  auto needed = node.committed_up_to();
  for (const auto& one : nodes)
    if (one->rotten()) needed = std::max(needed, one->committed_up_to());
  const auto keeps = [&](const auto& one) { return one.get() != &node && !one->rotten() && one->committed_up_to() >= needed; };
  if (std::any_of(nodes.begin(), nodes.end(), keeps)) node.rot();
}

}  // namespace sim
