// SPDX-License-Identifier: MPL-2.0
#include "core/model/node.h"

#include <catch2/catch.hpp>

#include "tests/support/builders.h"
#include "tests/support/printers.h"

using namespace core;
using namespace core::model;
using test::NodeBuilder;

TEST_CASE("what is reserved is not for tasks", "[model][node]") {
  CHECK(capacity(NodeBuilder().resources(4000, 8000, 1000).reserved(100, 200, 300).build()) == Amount{3900, 7800, 700});
}

TEST_CASE("nodes that constraints see alike share a class", "[model][node]") {
  const auto same = NodeBuilder(1).build().computed_class;
  CHECK(same.starts_with("v1:"));
  CHECK(NodeBuilder(2).attribute("unique.hostname", "b").build().computed_class == same);
  CHECK(NodeBuilder(1).resources(1, 1).build().computed_class == same);

  CHECK(NodeBuilder(1).datacenter("dc2").build().computed_class != same);
  CHECK(NodeBuilder(1).node_class("big").build().computed_class != same);
  CHECK(NodeBuilder(1).attribute("kernel.name", "plan9").build().computed_class != same);
  CHECK(NodeBuilder(1).meta("rack", "r1").build().computed_class != same);
  CHECK(NodeBuilder(1).meta("unique.rack", "r1").build().computed_class == same);
  CHECK(NodeBuilder(1).driver("docker").build().computed_class != same);
  CHECK(NodeBuilder(1).driver("exec", false).build().computed_class != same);
}

TEST_CASE("text that moves between keys and values makes another class", "[model][node]") {
  CHECK(NodeBuilder(1).meta("a", "bc").build().computed_class != NodeBuilder(1).meta("ab", "c").build().computed_class);
  CHECK(NodeBuilder(1).meta("a", "b").build().computed_class != NodeBuilder(1).attribute("a", "b").build().computed_class);
}

TEST_CASE("a node that says too little is refused", "[model][node]") {
  CHECK(validate(NodeBuilder().build()).ok());
  const auto refusal = [](auto&& change) {
    const auto status = validate(NodeBuilder().with(change).build());
    return status.ok() ? std::string() : status.error().detail;
  };
  CHECK(refusal([](Node& n) { n.id = {}; }) == "missing node ID for client registration");
  CHECK(refusal([](Node& n) { n.datacenter = {}; }) == "missing datacenter for client registration");
  CHECK(refusal([](Node& n) { n.name = {}; }) == "missing node name for client registration");
  CHECK(refusal([](Node& n) { n.attributes = {}; }) == "missing attributes for client registration");
  CHECK(refusal([](Node& n) { n.name = std::string(600, 'x'); }).find("512 bytes") != std::string::npos);
  CHECK(refusal([](Node& n) { n.reserved.cpu = 5000; }) == "node reserves more than it has");
}
