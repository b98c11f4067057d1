// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "core/metrics/filter.h"

using core::metrics::Filter;

TEST_CASE("without rules the default decides", "[metrics]") {
  CHECK(Filter().allows("nomad.x"));
  CHECK(Filter({}, true).allows("nomad.x"));
  CHECK_FALSE(Filter({}, false).allows("nomad.x"));
}

TEST_CASE("of the rules that fit, the one with the longest prefix decides", "[metrics]") {
  const auto rules = GENERATE(std::vector<std::string>{"-nomad.raft", "+nomad.raft.apply", "-nomad.raft.applyOld"},
                              std::vector<std::string>{"-nomad.raft.applyOld", "+nomad.raft.apply", "-nomad.raft"});
  const Filter filter(rules, true);
  CHECK_FALSE(filter.allows("nomad.raft.commitTime"));
  CHECK(filter.allows("nomad.raft.apply"));
  CHECK_FALSE(filter.allows("nomad.raft.applyOldest"));
  CHECK(filter.allows("nomad.rpc.query"));
}

TEST_CASE("of two rules for one prefix, the one that refuses counts", "[metrics]") {
  const auto rules = GENERATE(std::vector<std::string>{"-a", "+a"}, std::vector<std::string>{"+a", "-a"});
  CHECK_FALSE(Filter(rules, true).allows("a.b"));
}

TEST_CASE("a rule without a prefix is about every name", "[metrics]") {
  const Filter filter({"-", "+nomad.rpc"}, true);
  CHECK_FALSE(filter.allows("nomad.raft.apply"));
  CHECK(filter.allows("nomad.rpc.query"));
}
