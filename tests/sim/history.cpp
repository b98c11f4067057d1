// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/history.h"

#include <algorithm>
#include <utility>

#include "tests/sim/checkers.h"

namespace sim {

History::History(std::uint64_t seed, const Setup& setup)
    : world_(seed),
      options_(draw_options(world_.rng(), setup.servers)),
      trouble_(setup.trouble),
      planned_(plan_strikes(world_.rng().fork(), options_.faults.pause, kTrouble)),
      strikes_(setup.only ? pick(planned_, *setup.only) : planned_),
      ledger_(world_),
      cluster_(world_, ledger_, options_),
      workload_(world_, ledger_, cluster_, options_),
      faults_(world_, cluster_, options_.faults) {
  world_.set_talking(setup.talk);
  world_.say(to_string(options_));
}

Outcome History::run() {
  cluster_.start();
  workload_.start();
  faults_.start(strikes_);
  world_.run_until(core::Instant{trouble_});
  faults_.stop();
  cluster_.heal();
  workload_.calm();
  ledger_.on_calm();
  world_.run_until(world_.now() + kCalm);
  wait_for_the_slow();
  check_end();
  return {.broken = world_.broken(),
          .history = world_.history(),
          .acknowledged = ledger_.acknowledged(),
          .reads = ledger_.reads(),
          .entries = ledger_.entries().size(),
          .faults = faults_.count()};
}

// Where an append carries one entry, each read from the disk, one that missed thousands needs minutes. Nothing is written
// any more: as long as it gets on, it will arrive.
void History::wait_for_the_slow() {
  constexpr core::Duration kRound = std::chrono::seconds(5);
  constexpr int kRounds = 60;
  auto least = least_applied();
  for (int i = 0; i < kRounds && world_.broken().empty() && least && *least < ledger_.entries().size(); ++i) {
    world_.run_until(world_.now() + kRound);
    const auto before = std::exchange(least, least_applied());
    if (least <= before) return;  // it is stuck, or down
  }
}

// Nothing while a server is down.
std::optional<std::uint64_t> History::least_applied() const {
  std::optional<std::uint64_t> least;
  for (const auto& node : cluster_.nodes()) {
    if (!node->alive()) return std::nullopt;
    const auto applied = node->machine().applied().index.value;
    least = std::min(least.value_or(applied), applied);
  }
  return least;
}

void History::check_end() {
  if (!world_.broken().empty()) return;
  for (const auto& node : cluster_.nodes())
    if (!node->alive()) return world_.fail(node->name() + " is down after healing");
  const auto* leader = cluster_.leader();
  if (!leader) return world_.fail("nobody leads after healing");
  const auto& view = *leader->server().view();
  for (const auto& breach : {check_acknowledged(view, workload_), check_placements(view), check_converged(view),
                             check_replay(cluster_, ledger_)})
    if (!breach.empty()) return world_.fail(breach);
  if (ledger_.acknowledged() == 0) world_.fail("nothing was ever acknowledged");
}

}  // namespace sim
