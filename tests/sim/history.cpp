// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/history.h"

#include "tests/sim/checkers.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration kTrouble = 20s;
// Evaluations that gave up are tried again after a minute; all else needs a fraction of it.
constexpr core::Duration kCalm = 75s;

}  // namespace

History::History(std::uint64_t seed, std::size_t servers, bool talk)
    : world_(seed),
      options_(draw_options(world_.rng(), servers)),
      ledger_(world_),
      cluster_(world_, ledger_, options_),
      workload_(world_, ledger_, cluster_, options_),
      faults_(world_, cluster_, options_.faults) {
  world_.set_talking(talk);
  world_.say(to_string(options_));
}

Outcome History::run() {
  cluster_.start();
  workload_.start();
  faults_.start();
  world_.run_until(world_.now() + kTrouble);
  faults_.stop();
  cluster_.heal();
  workload_.calm();
  ledger_.on_calm();
  world_.run_until(world_.now() + kCalm);
  check_end();
  return {world_.broken(), world_.history(), ledger_.acknowledged(), ledger_.reads(), ledger_.entries().size(), faults_.count()};
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
