// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/faults.h"

#include <iterator>

namespace sim {
namespace {

using namespace std::chrono_literals;
using Kind = test::FaultyDisk::Operation::Kind;

constexpr core::Duration kDownMost = 1s, kFullMost = 3s, kApartMost = 5s, kPauseMost = 8s;
constexpr Kind kFailing[] = {Kind::read, Kind::write, Kind::sync, Kind::sync_directory, Kind::rename, Kind::remove, Kind::open, Kind::resize};

}  // namespace

Faults::Faults(World& world, Cluster& cluster, FaultOptions options) : world_(world), cluster_(cluster), options_(options) {}

void Faults::start() {
  on_ = true;
  world_.after(world_.rng().jitter(options_.pause), [this] { strike(); });
}

void Faults::strike() {
  if (!on_) return;
  auto& rng = world_.rng();
  const auto& nodes = cluster_.nodes();
  if (options_.partitions && rng.chance(300)) {
    std::vector<core::ServerId> servers;
    for (const auto& node : nodes) servers.push_back(node->id());
    cluster_.network().fall_apart(std::move(servers));
    world_.after(rng.jitter(kApartMost), [this] { cluster_.network().heal(); });
    ++count_;
  } else if (options_.partitions && rng.chance(300)) {
    if (const auto* leader = cluster_.leader()) cluster_.break_connections(*leader);
    ++count_;
  } else if (options_.members && rng.chance(300)) {
    if (rng.chance(300)) cluster_.move_leadership();
    else cluster_.change_members();
    ++count_;
  } else {
    strike(*nodes[rng.below(nodes.size())]);
  }
  world_.after(rng.jitter(options_.pause), [this] { strike(); });
}

void Faults::strike(Node& node) {
  auto& rng = world_.rng();
  ++count_;
  if (options_.pauses && rng.chance(300)) {
    // The leader more often than others: it is the one that may not notice.
    auto* leader = rng.chance(500) ? cluster_.leader() : nullptr;
    auto& paused = leader != nullptr ? *leader : node;
    paused.pause();
    world_.after(rng.jitter(kPauseMost), [&paused] { paused.resume(); });
  } else if (options_.errors && rng.chance(400)) {
    const auto kind = kFailing[rng.below(std::size(kFailing))];
    node.fail_disk(kind, rng.below(kind == Kind::read ? 100 : 10));
  } else if (options_.full && rng.chance(200)) {
    node.set_full(true);
    world_.after(rng.jitter(kFullMost), [&node] { node.set_full(false); });
  } else if (options_.clock && rng.chance(300)) {
    node.set_clock(std::chrono::milliseconds(rng.between(-3'600'000, 3'600'000)));
  } else if (options_.power) {
    const auto how = test::kCrashes[rng.below(std::size(test::kCrashes))];
    node.cut_power_at(1 + rng.below(rng.chance(100) ? 100 : 12), how);
  }
  // Whatever became of it, somebody looks after a while.
  world_.after(rng.jitter(kDownMost), [this, &node] {
    if (on_) cluster_.start(node);
  });
}

}  // namespace sim
