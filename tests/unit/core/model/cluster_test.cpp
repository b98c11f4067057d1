// SPDX-License-Identifier: MPL-2.0
#include "core/model/cluster.h"

#include <catch2/catch.hpp>

#include "core/base/rng.h"
#include "tests/support/builders.h"
#include "tests/support/memory_state.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::model;
using test::AllocBuilder;
using test::EvalBuilder;
using test::JobBuilder;
using test::MemoryState;
using test::NodeBuilder;

namespace {

constexpr std::uint64_t kNodes = 12, kJobs = 8, kEvals = 40, kAllocs = 60;

// Everything that a view answers about a small cluster.
struct Answers {
  std::vector<const void*> objects;
  std::vector<Amount> used;
  Index index;
  std::size_t nodes = 0;
  friend bool operator==(const Answers&, const Answers&) = default;
};

Answers ask(const StateView& view) {
  Answers out;
  const auto add = [&](const auto& item) { out.objects.push_back(item.get()); };
  const auto add_all = [&](const auto& items) {
    for (const auto& item : items) add(item);
    out.objects.push_back(nullptr);
  };
  view.each_node(add);
  view.each_job(add);
  view.each_eval(add);
  for (std::uint64_t n = 0; n < kNodes; ++n) {
    const NodeId id{test::uuid(n)};
    add(view.node(id));
    add_all(view.allocs_on(id));
    out.used.push_back(view.used_on(id));
  }
  view.each_node_use([&](const NodePtr& node, const Amount& used) {
    add(node);
    out.used.push_back(used);
  });
  for (std::uint64_t j = 0; j < kJobs; ++j) {
    const JobKey key{j % 2 ? "default" : "other", {"job" + std::to_string(j / 2)}};
    add(view.job(key));
    add_all(view.allocs_of(key));
    add_all(view.evals_of(key));
  }
  for (std::uint64_t e = 0; e < kEvals; ++e) {
    add(view.eval({test::uuid(e)}));
    add_all(view.allocs_of(EvalId{test::uuid(e)}));
  }
  for (std::uint64_t a = 0; a < kAllocs; ++a) add(view.alloc({test::uuid(a)}));
  out.index = view.index();
  out.nodes = view.node_count();
  return out;
}

class RandomChanges {
 public:
  explicit RandomChanges(std::uint64_t seed) : rng_(seed) {}

  std::vector<Change> batch() {
    std::vector<Change> out;
    for (auto left = rng_.below(6); left-- > 0;) {
      if (rng_.chance(700)) index_ = index_.next();
      out.push_back({index_, fact()});
    }
    return out;
  }

 private:
  JobPtr any_job() {
    const auto j = rng_.below(kJobs);
    return JobBuilder("job" + std::to_string(j / 2))
        .with([&](Job& job) { job.ns = j % 2 ? "default" : "other"; })
        .task("t", static_cast<std::int64_t>(rng_.between(1, 500)))
        .index(1, index_.value)
        .share();
  }
  NodePtr any_node() { return NodeBuilder(rng_.below(kNodes)).index(1, index_.value).share(); }
  EvalPtr any_eval() {
    // An evaluation never changes its job.
    const auto e = rng_.below(kEvals);
    return EvalBuilder(e, "job" + std::to_string(e % 4)).index(1, index_.value).share();
  }
  AllocPtr any_alloc() {
    return AllocBuilder(any_job(), any_node())
        .id(test::uuid(rng_.below(kAllocs)))
        .eval({test::uuid(rng_.below(kEvals))})
        .client(static_cast<ClientStatus>(rng_.below(5)))
        .desired(static_cast<DesiredStatus>(rng_.below(2)))
        .index(1, index_.value)
        .share();
  }
  Fact fact() {
    switch (rng_.below(9)) {
      case 0: return JobChanged{any_job()};
      case 1: return JobRemoved{key(*any_job())};
      case 2: return NodeChanged{any_node()};
      case 3: return NodeRemoved{any_node()->id};
      case 4: return EvalChanged{any_eval()};
      case 5: {
        const auto eval = any_eval();
        return EvalRemoved{eval->id, eval->job_key()};
      }
      case 6: {
        const auto alloc = any_alloc();
        return AllocRemoved{alloc->id, alloc->node_id, alloc->job_key()};
      }
      default: return AllocChanged{any_alloc()};
    }
  }

  Rng rng_;
  Index index_{1};
};

}  // namespace

TEST_CASE("a cluster answers as a naive state does, and its snapshots never change", "[model][cluster]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{13}));
  CAPTURE(seed);
  RandomChanges changes(seed);
  Rng rng(seed + 1000);
  Cluster cluster;
  MemoryState naive;
  std::vector<std::pair<std::shared_ptr<const StateView>, Answers>> snapshots;
  for (int step = 0; step < 250; ++step) {
    const auto batch = changes.batch();
    cluster.apply(batch);
    naive.apply(batch);
    if (!rng.chance(200)) continue;
    snapshots.emplace_back(cluster.snapshot(), ask(naive));
    REQUIRE(ask(*snapshots.back().first) == snapshots.back().second);
  }
  for (const auto& [snapshot, then] : snapshots) REQUIRE(ask(*snapshot) == then);
}

TEST_CASE("a cluster that is filled at once answers as one that was told of each change", "[model][cluster]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{13}));
  CAPTURE(seed);
  RandomChanges changes(seed);
  Rng rng(seed + 2000);
  MemoryState naive;
  for (int step = 0; step < 150; ++step) naive.apply(changes.batch());
  Cluster cluster;
  const auto index = naive.index();
  naive.each_node([&](const NodePtr& node) { cluster.apply({{index, NodeChanged{node}}}); });
  naive.each_job([&](const JobPtr& job) { cluster.apply({{index, JobChanged{job}}}); });
  naive.each_eval([&](const EvalPtr& eval) { cluster.apply({{index, EvalChanged{eval}}}); });
  std::vector<AllocPtr> allocs;
  for (std::uint64_t a = 0; a < kAllocs; ++a)
    if (auto alloc = naive.alloc({test::uuid(a)})) allocs.push_back(std::move(alloc));
  REQUIRE(allocs.size() > 10);
  rng.shuffle(allocs);
  const auto backwards = [](const std::vector<std::function<void()>>& works) {
    for (auto work = works.rbegin(); work != works.rend(); ++work) (*work)();
  };
  if (rng.chance(500)) cluster.fill(std::move(allocs), backwards);
  else cluster.fill(std::move(allocs));
  cluster.advance(index);
  REQUIRE(ask(*cluster.snapshot()) == ask(naive));
  for (int step = 0; step < 100; ++step) {
    const auto batch = changes.batch();
    cluster.apply(batch);
    naive.apply(batch);
    REQUIRE(ask(*cluster.snapshot()) == ask(naive));
  }
}

TEST_CASE("use of a node follows its allocations through their lives", "[model][cluster]") {
  const auto job = JobBuilder().task("t", 100, 64).share();
  const auto node = NodeBuilder(1).share();
  const auto used = [&](Cluster& cluster) { return cluster.snapshot()->used_on(node->id); };
  Cluster cluster;
  cluster.apply({{Index{1}, NodeChanged{node}}, {Index{2}, AllocChanged{AllocBuilder(job, node, 0).share()}}});
  CHECK(used(cluster) == Amount{100, 64, 300});
  cluster.apply({{Index{3}, AllocChanged{AllocBuilder(job, node, 1).share()}}});
  CHECK(used(cluster) == Amount{200, 128, 600});
  // Asked to stop, and stopped: counted down once.
  cluster.apply({{Index{4}, AllocChanged{AllocBuilder(job, node, 1).desired(DesiredStatus::stop).share()}}});
  CHECK(used(cluster) == Amount{100, 64, 300});
  const auto gone = AllocBuilder(job, node, 1).desired(DesiredStatus::stop).client(ClientStatus::complete).share();
  cluster.apply({{Index{5}, AllocChanged{gone}}, {Index{6}, AllocRemoved{gone->id, node->id, key(*job)}}});
  CHECK(used(cluster) == Amount{100, 64, 300});
  cluster.apply({{Index{7}, AllocRemoved{AllocBuilder(job, node, 0).build().id, node->id, key(*job)}}});
  CHECK(used(cluster) == Amount{});
}

TEST_CASE("nothing new, no new snapshot", "[model][cluster]") {
  Cluster cluster;
  cluster.apply({{Index{5}, NodeChanged{NodeBuilder(1).share()}}});
  const auto first = cluster.snapshot();
  CHECK(cluster.snapshot() == first);
  cluster.advance(Index{4});
  CHECK(cluster.snapshot() == first);
  cluster.advance(Index{9});
  CHECK(cluster.snapshot() != first);
  CHECK(cluster.snapshot()->index() == Index{9});
  CHECK(first->index() == Index{5});
}
