// SPDX-License-Identifier: MPL-2.0
// Trouble that is aimed: whoever leads is struck, and soon after whoever leads then. Most of what can go wrong
// with terms goes wrong where two servers think that they lead, where a leader has written what nobody else has,
// or where a server votes and forgets.
#include <algorithm>

#include "tests/sim/faults.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kStrikesMost = 4;
// Between two of them: about as long as an election takes, or a little more.
constexpr core::Duration kBetween = 1500ms;
constexpr core::Duration kApartMost = 3s, kPauseMost = 8s;
// Operators look this often whether there is another leader, and no more than so often.
constexpr core::Duration kLook = 5ms;
constexpr int kLooks = 400;

}  // namespace

void Faults::hunt(core::Rng& rng) {
  core::Duration at{};
  for (auto left = 1 + rng.below(kStrikesMost); left > 0; --left) {
    world_.after(at, [this, seed = rng.next()] {
      if (on_) strike_leader(core::Rng(seed));
    });
    at += rng.jitter(kBetween);
  }
}

void Faults::strike_leader(core::Rng rng) {
  auto* const leader = cluster_.leader();
  if (leader == nullptr) return;
  const auto kind = rng.below(options_.power ? 8 : 5);
  if (kind <= 2) return cut_off(*leader, rng);
  if (kind == 3) return pause(*leader, rng);
  if (kind == 4) return hand_over(*leader, rng);
  if (kind <= 6) return contest(*leader, rng);
  leader->cut_power(draw_crash(rng));
  start_again(*leader, rng);
}

// From all others, or all but one, both ways or one way; they notice at once, or when they hear no more of it.
// Its clients may be on its side.
void Faults::cut_off(Node& leader, core::Rng& rng) {
  const auto& nodes = cluster_.nodes();
  const auto* companion = rng.chance(400) ? nodes[rng.below(nodes.size())].get() : nullptr;
  const auto ways = rng.below(4);
  const bool noticed = rng.chance(600);
  if (options_.members && rng.chance(500)) hurry_operators(leader, rng);
  for (const auto& other : nodes) {
    if (other.get() == companion || other.get() == &leader) continue;
    if (ways != 0) cluster_.network().cut(leader.id(), other->id());
    if (ways != 1) cluster_.network().cut(other->id(), leader.id());
  }
  if (noticed) cluster_.break_connections(leader);
  world_.after(rng.jitter(kApartMost), [this] { cluster_.network().heal(); });
}

void Faults::pause(Node& node, core::Rng& rng) {
  node.pause();
  world_.after(rng.jitter(kPauseMost), [&node] { node.resume(); });
}

// The one that takes over may be elected before the old one hears of it, and well within its lease.
void Faults::hand_over(Node& leader, core::Rng& rng) {
  cluster_.move_leadership(leader);
  world_.after(rng.jitter(20ms), [this, &leader] {
    if (!on_) return;
    for (const auto& other : cluster_.nodes())
      if (other.get() != &leader) cluster_.network().cut(other->id(), leader.id());
  });
  world_.after(20ms + rng.jitter(kApartMost), [this] { cluster_.network().heal(); });
}

// The leader starts anew and the others stand all at once, in two halves that only the voter reaches both of. The
// power goes as the leader writes, or as the voter votes, and is back before the vote is over.
void Faults::contest(Node& leader, core::Rng& rng) {
  const auto& nodes = cluster_.nodes();
  auto& voter = rng.chance(700) ? leader : *nodes[rng.below(nodes.size())];
  std::vector<core::ServerId> others;
  for (const auto& node : nodes)
    if (node.get() != &voter) others.push_back(node->id());
  cluster_.network().part(others, rng);
  world_.after(rng.jitter(kApartMost), [this] { cluster_.network().heal(); });
  start_once_down(leader, kLooks);
  if (rng.chance(500)) {
    const auto how = rng.chance(500) ? test::Crash::lost : draw_crash(rng);
    return leader.cut_power_at(1 + rng.below(3), how);
  }
  leader.cut_power(draw_crash(rng));
  cluster_.break_connections(leader);
  world_.after(2 * kLook, [this, &voter, how = rng.chance(500) ? test::Crash::lost : draw_crash(rng)] {
    if (!on_) return;
    voter.cut_power_at_vote(how);
    start_once_down(voter, kLooks);
  });
}

void Faults::start_once_down(Node& node, int tries) {
  world_.after(kLook, [this, &node, tries] {
    if (!on_) return;
    if (!node.server_up()) cluster_.start(node);
    else if (tries > 0) start_once_down(node, tries - 1);
  });
}

// Some changes at once on the side of the old leader, which may be alone, and one more as soon as there is
// another leader.
void Faults::hurry_operators(Node& leader, core::Rng& rng) {
  for (auto left = 1 + rng.below(3); left > 0; --left)
    world_.after(rng.jitter(50ms), [this, &leader] {
      if (on_) cluster_.change_members(leader);
    });
  if (rng.chance(500)) ask_successor(leader, kLooks);
}

void Faults::ask_successor(Node& of, int tries) {
  world_.after(kLook, [this, &of, tries] {
    auto* const now = on_ ? cluster_.leader() : nullptr;
    if (now != nullptr && now != &of) cluster_.change_members(*now);
    else if (on_ && tries > 0) ask_successor(of, tries - 1);
  });
}

}  // namespace sim
