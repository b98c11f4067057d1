// SPDX-License-Identifier: MPL-2.0
#include "core/model/kept.h"

#include <catch2/catch.hpp>

#include "core/model/eval.h"

using namespace core;
using namespace core::model;

namespace {

AllocMetric metric() {
  AllocMetric out;
  out.nodes_evaluated = 3;
  out.constraint_filtered = {{"${meta.zone} = \"a\"", 2}};
  out.scores = {{"node.binpack", 0.1}};
  out.score_meta.push_back({NodeId{"n"}, {{"binpack", 0.1}}, 0.1});
  return out;
}

}  // namespace

TEST_CASE("what is kept as text is what it was", "[model][kept]") {
  const Kept<AllocMetric> kept(metric());
  CHECK(to_json(kept.value()) == to_json(metric()));
  CHECK(to_json(kept) == to_json(metric()));
  CHECK(to_compact_json(kept) == to_compact_json(metric()));
  CHECK(from_json<Kept<AllocMetric>>(to_json(metric())).value() == kept);
  CHECK(from_json<Kept<AllocMetric>>(to_compact_json(metric())).value() == kept);
  CHECK(Kept<AllocMetric>::of(to_compact_json(metric())) == kept);
  CHECK_FALSE(kept.empty());
  CHECK_FALSE(kept == Kept<AllocMetric>());
}

TEST_CASE("what has its usual value is kept as nothing", "[model][kept]") {
  const auto kept = GENERATE(Kept<AllocMetric>(), Kept<AllocMetric>(AllocMetric{}), Kept<AllocMetric>::of("{}"));
  CHECK(kept.empty());
  CHECK(kept == Kept<AllocMetric>());
  CHECK(to_compact_json(kept) == "{}");
  CHECK(to_json(kept) == to_json(AllocMetric{}));
}

TEST_CASE("what cannot be kept is not", "[model][kept]") {
  CHECK_FALSE(from_json<Kept<AllocMetric>>("{\"NodesEvaluated\":\"many\"}").ok());
}
