// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/crash_points.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "tests/sim/workload.h"

namespace sim {
namespace {

using namespace std::chrono_literals;
using test::FaultyDisk;

constexpr core::Duration kLength = 1500ms;

// Each recovery in so many suffers a power cut of its own.
constexpr std::uint32_t kTwicePerMille = 200;

// What the state must be after each entry, by a replay that goes on as entries come to light.
class Replay {
 public:
  explicit Replay(std::string* wrong) : wrong_(wrong) {
    auto opened = store::state::StateMachine::open(":memory:");
    if (opened.ok()) machine_ = std::make_unique<store::state::StateMachine>(std::move(*opened));
    else *wrong_ = opened.error().detail;
  }
  // REQUIRES: entries follow one another from the first on, over all calls; known ones are passed over.
  void learn(const std::vector<core::raft::Entry>& entries) {
    for (const auto& entry : entries) {
      if (entry.id.index <= machine_->applied().index) continue;
      if (!machine_->apply({&entry, 1}).ok()) *wrong_ = "replay failed";
      const auto digest = machine_->digest();
      if (digest.ok()) states_.push_back(*digest);
    }
  }
  core::Index last() const { return machine_->applied().index; }
  // REQUIRES: learned.
  const core::Digest& state_at(core::Index index) const { return states_[index.value - 1]; }

 private:
  std::unique_ptr<store::state::StateMachine> machine_;
  std::vector<core::Digest> states_;
  std::string* wrong_;
};

class Everywhere {
 public:
  explicit Everywhere(std::uint64_t seed)
      : seed_(seed), world_(seed), options_(short_history(world_.rng())), ledger_(world_), cluster_(world_, ledger_, options_),
        workload_(world_, ledger_, cluster_, options_), rng_(world_.rng().fork()), replay_(&wrong_) {}

  std::string run() {
    auto& node = *cluster_.nodes()[0];
    directory_ = node.name();
    node.on_change([this, &node](const FaultyDisk::Operation& operation) { crash_before(node, operation); });
    cluster_.start();
    workload_.start();
    world_.run_until(world_.now() + kLength);
    node.on_change({});
    std::printf("history %lu: %lu crash points x %zu variants, %lu recoveries, %lu entries\n", seed_, points_,
                std::size(test::kCrashes), recoveries_, ledger_.entries().size());
    return wrong_.empty() ? world_.broken() : wrong_;
  }

 private:
  static Options short_history(core::Rng& rng) {
    auto options = draw_options(rng, 1);
    options.user_pause = std::chrono::milliseconds(60);
    options.segment_bytes = 16 * 1024;
    options.snapshot_every = 8 + rng.below(20);
    options.trailing = rng.below(20);
    return options;
  }

  void crash_before(const Node& node, const FaultyDisk::Operation& operation) {
    if (!wrong_.empty()) return;
    ++points_;
    for (const auto how : test::kCrashes) {
      const auto seed = rng_.next();
      auto left = after(node, how, seed);
      auto why = recover(*left, node.id());
      if (why.empty() && rng_.chance(kTwicePerMille)) why = crash_in_recovery(*after(node, how, seed), left->operations(), node.id());
      if (why.empty()) continue;
      wrong_ = "power cut before change " + std::to_string(operation.number) + " (" + operation.path + "), variant " +
               std::to_string(static_cast<int>(how)) + ": " + why;
      return world_.fail(wrong_);
    }
  }

  static std::unique_ptr<FaultyDisk> after(const Node& node, test::Crash how, std::uint64_t seed) {
    core::Rng rng(seed);
    return node.disk().after_crash(how, rng);
  }

  std::string crash_in_recovery(FaultyDisk& disk, std::uint64_t changes, const core::ServerId& id) {
    if (changes == 0) return "";
    const auto at = 1 + rng_.below(changes);
    disk.set_hook([at](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
      if (operation.number < at) return std::nullopt;
      return core::Error{core::Errc::io, "the power is gone"};
    });
    std::unique_ptr<FaultyDisk> left;
    {
      const SqliteMount mount(directory_, disk);
      core::Rng draws(1);
      const auto cut_short = agent::server::restore(disk, directory_, kTailBytes, draws, {}, {.segment_bytes = options_.segment_bytes});
      left = disk.after_crash(test::kCrashes[rng_.below(std::size(test::kCrashes))], rng_);
    }
    const auto why = recover(*left, id);
    return why.empty() ? "" : "and again at change " + std::to_string(at) + " of the recovery: " + why;
  }

  std::string recover(FaultyDisk& disk, const core::ServerId& id) {
    ++recoveries_;
    const SqliteMount mount(directory_, disk);
    core::Rng draws(1);
    auto restored = agent::server::restore(disk, directory_, kTailBytes, draws, {}, {.segment_bytes = options_.segment_bytes});
    if (!restored.ok()) return restored.error().detail;
    if (!id.empty() && restored->id != id) return "the server's id is another";
    return check(*restored);
  }

  std::string check(agent::server::Restored& restored) {
    auto& log = *restored.log;
    const auto last = log.last().index;
    if (last.value < ledger_.entries().size()) return "committed entries are lost";
    if (last.value == 0) return "";
    std::vector<core::raft::Entry> entries;
    for (auto from = log.first(); from <= last;) {
      auto some = log.read(from, last, SIZE_MAX);
      if (!some.ok()) return some.error().detail;
      entries.insert(entries.end(), some->begin(), some->end());
      from = entries.back().id.index.next();
    }
    for (const auto& entry : entries)
      if (entry.id.index.value <= ledger_.entries().size() && entry.digest != ledger_.entries()[entry.id.index.value - 1].digest)
        return "entry " + std::to_string(entry.id.index.value) + " is another";
    replay_.learn(ledger_.entries());
    replay_.learn(entries);
    return check_state(*restored.machine, entries, last);
  }

  // As it was found, and once it has caught up with its log.
  std::string check_state(store::state::StateMachine& machine, const std::vector<core::raft::Entry>& log, core::Index last) {
    const auto found = machine.applied().index;
    if (found > last) return "the state is ahead of the log";
    if (found.value > 0 && !is_right(machine)) return "the state at entry " + std::to_string(found.value) + " is not what its log says";
    if (found == last) return "";
    const auto behind = std::find_if(log.begin(), log.end(), [&](const auto& entry) { return entry.id.index > found; });
    if (behind == log.end() || behind->id.index != found.next()) return "the log does not continue the state";
    if (const auto applied = machine.apply(std::span(&*behind, static_cast<std::size_t>(log.end() - behind))); !applied.ok())
      return "the log cannot be applied: " + applied.error().detail;
    return is_right(machine) ? "" : "the state after the log is not what a replay gives";
  }

  bool is_right(store::state::StateMachine& machine) const {
    const auto digest = machine.digest();
    return digest.ok() && *digest == replay_.state_at(machine.applied().index);
  }

  std::uint64_t seed_;
  World world_;
  Options options_;
  Ledger ledger_;
  Cluster cluster_;
  Workload workload_;
  core::Rng rng_;
  std::string directory_;
  std::string wrong_;
  Replay replay_;
  std::uint64_t points_ = 0, recoveries_ = 0;
};

}  // namespace

std::string crash_everywhere(std::uint64_t seed) { return Everywhere(seed).run(); }

}  // namespace sim
