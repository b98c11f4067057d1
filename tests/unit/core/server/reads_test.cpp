// SPDX-License-Identifier: MPL-2.0
#include "core/server/reads.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using core::Instant;
using core::server::Reads;
using core::server::Topic;

namespace {

constexpr Instant kStart{};

std::vector<core::model::Change> node_change(const std::string& id) {
  auto node = std::make_shared<core::model::Node>();
  node->id = core::NodeId{id};
  return {{core::Index{1}, core::model::NodeChanged{node}}};
}

}  // namespace

TEST_CASE("a watch fires once, at the first change of what it watches", "[server][reads]") {
  Reads reads;
  reads.watch(1, {Topic::node, "a"}, kStart + 10s);
  reads.watch(2, {Topic::nodes, ""}, kStart + 10s);
  reads.watch(3, {Topic::jobs, ""}, kStart + 10s);
  CHECK(reads.take_woken(node_change("b")) == std::vector<core::server::Ticket>{2});
  CHECK(reads.take_woken(node_change("a")) == std::vector<core::server::Ticket>{1});
  CHECK(reads.take_woken(node_change("a")).empty());
  CHECK(reads.watching() == 1);
}

TEST_CASE("a watch that nothing touches ends at its deadline", "[server][reads]") {
  Reads reads;
  reads.watch(1, {Topic::nodes, ""}, kStart + 10s);
  CHECK(reads.next_deadline() == kStart + 10s);
  CHECK(reads.take_expired(kStart + 9s).empty());
  CHECK(reads.take_expired(kStart + 10s) == std::vector<core::server::Ticket>{1});
  CHECK(reads.take_woken(node_change("a")).empty());
}

TEST_CASE("a barrier is answered once its index is applied", "[server][reads]") {
  Reads reads;
  reads.wait_applied(7, core::Index{5});
  reads.wait_applied(8, core::Index{3});
  CHECK(reads.take_applied(core::Index{4}) == std::vector<core::server::Ticket>{8});
  CHECK(reads.take_applied(core::Index{5}) == std::vector<core::server::Ticket>{7});
}

TEST_CASE("a dropped watch never fires", "[server][reads]") {
  Reads reads;
  reads.watch(1, {Topic::nodes, ""}, kStart + 10s);
  reads.drop(1);
  CHECK(reads.take_woken(node_change("a")).empty());
  CHECK(reads.take_expired(kStart + 1h).empty());
}
