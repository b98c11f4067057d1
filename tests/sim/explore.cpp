// SPDX-License-Identifier: MPL-2.0
// Seeds: each draws its options, runs a history under faults, heals, and checks. Run twice, a seed must
// give the same bytes.
//   sim --seeds 200        explores seeds 1..200, ends with "N passed, N failed"
//   sim --seed 4711        replays one and says what broke
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "tests/sim/checkers.h"

namespace {

using namespace std::chrono_literals;

struct Outcome {
  std::string broken;
  core::Digest history;
  std::uint64_t acknowledged = 0;
  std::uint64_t crashes = 0;
};

class History {
 public:
  explicit History(std::uint64_t seed) : world_(seed) {
    const core::ServerId id{"11111111-1111-4111-8111-111111111111"};
    const core::raft::Configuration cluster{{{.id = id, .address = "a:1", .voter = true}}};
    const sim::Timings timings{.sync = std::chrono::milliseconds(1 + world_.rng().below(20)),
                               .apply = std::chrono::milliseconds(1 + world_.rng().below(20)),
                               .schedule = std::chrono::milliseconds(1 + world_.rng().below(20))};
    node_ = std::make_unique<sim::Node>(world_, id, cluster, timings, [this](const auto&, const auto&) {
      world_.fail("a lone server sent a message");
    });
    workload_ = std::make_unique<sim::Workload>(
        world_, 1 + world_.rng().below(5), 3 + world_.rng().below(10),
        [this](core::server::Command command, sim::Workload::AnswerDone done) { node_->submit(std::move(command), std::move(done)); },
        [this] { return node_->alive() ? node_->server().view() : nullptr; });
  }

  Outcome run() {
    start();
    workload_->start();
    faults_ = true;
    plan_fault();
    world_.run_until(world_.now() + 20s);
    heal();
    world_.run_until(world_.now() + 60s);
    finish();
    return {world_.broken(), world_.history(), workload_->acknowledged(), crashes_};
  }

 private:
  void start() {
    const auto started = node_->start();
    if (!started.ok()) return world_.fail("the server refuses to start: " + started.error().detail);
    watch();
  }

  // Checks what must hold at any moment, often.
  void watch() {
    world_.after(100ms, [this, life = node_->starts()] {
      if (!node_->alive() || node_->starts() != life) return;
      const auto& view = *node_->server().view();
      world_.note(std::to_string(view.index().value));
      if (auto breach = sim::check_placements(view); !breach.empty()) return world_.fail(breach);
      watch();
    });
  }

  void plan_fault() {
    world_.after(world_.rng().jitter(2s), [this] {
      if (!faults_) return;
      if (node_->alive()) {
        const auto how = test::kCrashes[world_.rng().below(std::size(test::kCrashes))];
        node_->crash_at_operation(1 + world_.rng().below(12), how);
        ++crashes_;
      }
      world_.after(world_.rng().jitter(1s), [this] { restart(); });
      plan_fault();
    });
  }

  void restart() {
    if (!node_->alive()) start();
  }

  void heal() {
    faults_ = false;
    workload_->stop();
    if (!node_->alive()) start();
    else node_->disk().set_hook({});
  }

  void finish() {
    if (!world_.broken().empty()) return;
    if (!node_->alive()) return world_.fail("the server is down after healing");
    const auto& view = *node_->server().view();
    for (const auto& breach : {sim::check_acknowledged(view, *workload_), sim::check_placements(view),
                               sim::check_converged(view), sim::check_replay(*node_)})
      if (!breach.empty()) return world_.fail(breach);
    if (workload_->acknowledged() == 0) world_.fail("nothing was ever acknowledged");
  }

  sim::World world_;
  std::unique_ptr<sim::Node> node_;
  std::unique_ptr<sim::Workload> workload_;
  bool faults_ = false;
  std::uint64_t crashes_ = 0;
};

std::string explore(std::uint64_t seed, bool talk) {
  const auto first = History(seed).run();
  if (talk) std::printf("seed %lu: %lu acknowledged, %lu crashes planned, history %s\n", seed, first.acknowledged, first.crashes, core::to_hex(first.history).c_str());
  if (!first.broken.empty()) return first.broken;
  const auto second = History(seed).run();
  return first.history == second.history ? "" : "two runs of the seed differ";
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t first = 1, last = 200;
  bool talk = false;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--seeds") == 0) last = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--seed") == 0) first = last = std::strtoull(argv[i + 1], nullptr, 10), talk = true;
  }
  std::uint64_t passed = 0, failed = 0;
  for (auto seed = first; seed <= last; ++seed) {
    const auto broken = explore(seed, talk);
    if (broken.empty()) {
      ++passed;
      continue;
    }
    ++failed;
    std::printf("seed %lu: %s\n  replay with: make sim SEED=%lu\n", seed, broken.c_str(), seed);
  }
  std::printf("%lu passed, %lu failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
