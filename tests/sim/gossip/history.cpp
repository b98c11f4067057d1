// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/gossip/history.h"

#include "tests/sim/gossip/checkers.h"

namespace sim::gossip {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration kLook = 1s;
constexpr core::Duration kAsk = 500ms;
// Who lost sight of everybody is tried again every 30 s, and tables are compared every 30 s at the latest (60 s in a WAN).
constexpr core::Duration kAgreeLan = 3min, kAgreeWan = 6min;

}  // namespace

History::History(std::uint64_t seed, const Setup& setup)
    : world_(seed),
      options_(draw_options(world_.rng(), setup.servers)),
      trouble_(setup.trouble),
      planned_(plan_strikes(world_.rng().fork(), options_.faults.pause, kTrouble)),
      strikes_(setup.only ? pick(planned_, *setup.only) : planned_),
      hosts_(world_, options_),
      ledger_(world_, hosts_),
      attacker_(world_, hosts_),
      faults_(world_, hosts_) {
  world_.set_talking(setup.talk);
  world_.say(to_string(options_));
}

Outcome History::run() {
  const auto bound = options_.wan ? kAgreeWan : kAgreeLan;
  hosts_.start();
  attacker_.start();
  look_around();
  const bool met = hosts_.gossip().run_until([this] { return hosts_.all_run() && hosts_.gossip().converged(); }, bound);
  if (!met) world_.fail("members do not come together: " + check_agreement(hosts_));
  faults_.start(strikes_);
  world_.run_until(world_.now() + trouble_);
  faults_.heal();
  attacker_.calm();
  const auto healed = world_.now();
  if (!agree_within(bound)) world_.fail("after healing: " + unrest());
  const auto took = world_.now() - healed;
  check_quiet();
  world_.note(std::to_string(hosts_.gossip().bytes_sent()) + " " + std::to_string(ledger_.steps()));
  return {.broken = world_.broken(),
          .history = world_.history(),
          .steps = ledger_.steps(),
          .events = ledger_.events(),
          .faults = faults_.count(),
          .forgeries = attacker_.refused(),
          .took_to_agree = took};
}

void History::look_around() {
  for (Hosts::Member member = 0; member < hosts_.size(); ++member)
    if (hosts_.gossip().running(member)) ledger_.look_at(member);
  for (Hosts::Member member = 0; member < options_.bystanders; ++member)
    if (hosts_.gossip().running(member))
      if (const auto wrong = check_departures(hosts_, member); !wrong.empty()) world_.fail(wrong);
  const auto many = static_cast<std::int64_t>(1 + hosts_.size() / 50);
  world_.after(kLook * many, [this] { look_around(); });
}

std::string History::unrest() const {
  const auto wrong = check_agreement(hosts_);
  return wrong.empty() ? check_idle(hosts_) : wrong;
}

// Asks as members come to rest: an agreement while news is under way is none.
bool History::agree_within(core::Duration bound) {
  const auto until = world_.now() + bound;
  while (world_.broken().empty() && world_.now() < until) {
    world_.run_until(world_.now() + kAsk);
    if (unrest().empty()) return true;
  }
  return !world_.broken().empty();
}

void History::check_quiet() {
  if (!world_.broken().empty()) return;
  const auto events = ledger_.events();
  world_.run_until(world_.now() + options_.timing().event_window * 2);
  const auto told = ledger_.events() - events;
  world_.run_until(world_.now() + 10 * options_.timing().probe_timeout);
  for (const auto& wrong : {unrest(), check_told(hosts_, ledger_)})
    if (!wrong.empty()) world_.fail("at rest: " + wrong);
  if (ledger_.events() != events + told) world_.fail("at rest: members are told of " + std::to_string(ledger_.events() - events - told) + " changes");
}

}  // namespace sim::gossip
