// SPDX-License-Identifier: MPL-2.0
#include "core/model/shared.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "core/model/node.h"

using core::model::NodeEvent;
using core::model::Shared;
using Map = std::map<std::string, std::string>;

TEST_CASE("copies share a value until one is changed", "[model]") {
  Shared<Map> one(Map{{"a", "1"}});
  auto other = one;
  CHECK(&*one == &*other);
  other.change([](Map& map) { map["b"] = "2"; });
  CHECK(one->size() == 1);
  CHECK(other->size() == 2);
  CHECK(one != other);
  CHECK(one == Shared<Map>(Map{{"a", "1"}}));
}

TEST_CASE("a shared value that was never set is an empty one", "[model]") {
  Shared<Map> none;
  CHECK(none.empty());
  CHECK(none->empty());
  CHECK(none == Shared<Map>(Map{}));
  none.change([](Map& map) { map["a"] = "1"; });
  CHECK(!none.empty());
  CHECK(Shared<Map>().empty());
}

TEST_CASE("a shared value is in JSON what it holds", "[model]") {
  core::model::Node node;
  node.drivers = core::model::Drivers{{"exec", {.attributes = {{"driver.exec", "1"}}, .detected = true, .healthy = true, .health_description = "", .update_time = {}}}};
  node.events.push_back(NodeEvent{.message = "Node registered", .subsystem = "Cluster", .details = {}, .timestamp = {}, .create_index = core::Index{3}});
  const auto again = core::from_json<core::model::Node>(core::to_compact_json(node));
  REQUIRE(again.ok());
  CHECK(again->drivers == node.drivers);
  REQUIRE(again->events.size() == 1);
  CHECK(again->events[0]->message == "Node registered");
  CHECK(again->events[0]->create_index == core::Index{3});
}
