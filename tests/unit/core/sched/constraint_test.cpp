// SPDX-License-Identifier: MPL-2.0
#include "core/sched/constraint.h"

#include <catch2/catch.hpp>

#include "core/sched/text.h"
#include "tests/support/builders.h"

using namespace core;
using sched::Predicate;
using test::NodeBuilder;

namespace {

model::Node a_node() {
  return NodeBuilder(1)
      .node_class("large")
      .attribute("kernel.name", "linux")
      .attribute("kernel.version", "5.10.0")
      .attribute("cpu.arch", "amd64")
      .attribute("unique.hostname", "host-1")
      .attribute("os.signals", "SIGHUP, SIGINT,SIGTERM")
      .attribute("memory.totalbytes", "1000")
      .meta("rack", "r2")
      .build();
}

bool holds(const std::string& left, const std::string& op, const std::string& right) {
  return Predicate(left, op, right).holds(a_node());
}

}  // namespace

TEST_CASE("a constraint looks at attributes, metadata and the node itself", "[sched][constraint]") {
  CHECK(holds("${attr.kernel.name}", "=", "linux"));
  CHECK(holds("${meta.rack}", "=", "r2"));
  CHECK(holds("${node.datacenter}", "=", "dc1"));
  CHECK(holds("${node.class}", "=", "large"));
  CHECK(holds("${node.unique.id}", "=", test::uuid(1)));
  CHECK(holds("${node.unique.name}", "=", a_node().name));
  CHECK(holds("linux", "=", "${attr.kernel.name}"));
  CHECK_FALSE(holds("${attr.kernel.name}", "=", "windows"));
  CHECK_FALSE(holds("${nonsense}", "=", "x"));
}

TEST_CASE("equality has several spellings, and none means equality", "[sched][constraint]") {
  for (const auto* op : {"", "=", "==", "is"}) {
    CAPTURE(op);
    CHECK(holds("${attr.kernel.name}", op, "linux"));
    CHECK_FALSE(holds("${attr.kernel.name}", op, "plan9"));
  }
  for (const auto* op : {"!=", "not"}) {
    CAPTURE(op);
    CHECK(holds("${attr.kernel.name}", op, "plan9"));
    CHECK_FALSE(holds("${attr.kernel.name}", op, "linux"));
  }
}

TEST_CASE("a missing attribute equals nothing and differs from everything", "[sched][constraint]") {
  CHECK_FALSE(holds("${attr.none}", "=", ""));
  CHECK(holds("${attr.none}", "!=", "x"));
  CHECK_FALSE(holds("${attr.none}", "!=", "${attr.none.either}"));
  CHECK_FALSE(holds("${attr.none}", "<", "x"));
  CHECK_FALSE(holds("${attr.none}", "regexp", ".*"));
}

TEST_CASE("order is by value between numbers and by character otherwise", "[sched][constraint]") {
  CHECK(holds("${attr.memory.totalbytes}", ">", "999"));
  CHECK(holds("${attr.memory.totalbytes}", ">=", "1000"));
  CHECK(holds("${attr.memory.totalbytes}", "<=", "1000.5"));
  CHECK_FALSE(holds("${attr.memory.totalbytes}", "<", "999"));
  CHECK(holds("${attr.kernel.name}", ">", "darwin"));
  CHECK(holds("${attr.kernel.name}", "<", "linuz"));
}

TEST_CASE("names of v0.1.x and later ones find the same attribute", "[sched][constraint]") {
  CHECK(holds("${attr.arch}", "=", "amd64"));
  CHECK(holds("$attr.arch", "=", "amd64"));
  CHECK(holds("$attr.hostname", "=", "host-1"));
  CHECK(holds("$meta.rack", "=", "r2"));
  CHECK(holds("$node.datacenter", "=", "dc1"));
  CHECK(holds("$node.id", "=", test::uuid(1)));
  const auto old = NodeBuilder(1).with([](model::Node& n) { n.attributes = {}; }).attribute("arch", "arm64").build();
  CHECK(Predicate("${attr.cpu.arch}", "=", "arm64").holds(old));
}

TEST_CASE("constraints on what only one node has are told apart", "[sched][constraint]") {
  CHECK(Predicate("${attr.unique.hostname}", "=", "x").unique());
  CHECK(Predicate("${attr.hostname}", "=", "x").unique());
  CHECK(Predicate("${meta.unique.x}", "=", "x").unique());
  CHECK(Predicate("${node.unique.id}", "=", "x").unique());
  CHECK(Predicate("x", "=", "${node.unique.name}").unique());
  CHECK_FALSE(Predicate("${attr.kernel.name}", "=", "x").unique());
  CHECK_FALSE(Predicate("${node.class}", "=", "x").unique());
}

TEST_CASE("regular expressions search, and a broken one holds nowhere", "[sched][constraint]") {
  CHECK(holds("${attr.kernel.version}", "regexp", "^5\\.1[0-9]"));
  CHECK(holds("${attr.kernel.name}", "regexp", "nu"));
  CHECK_FALSE(holds("${attr.kernel.name}", "regexp", "^nu"));
  CHECK_FALSE(holds("${attr.kernel.name}", "regexp", "(["));
}

TEST_CASE("a pattern that would explode when it backtracks is harmless", "[sched][constraint]") {
  const sched::Regex bomb("(a+)+$");
  REQUIRE(bomb.valid());
  CHECK_FALSE(bomb.search(std::string(5000, 'a') + "!"));
  CHECK_FALSE(sched::Regex("((((a{1000}){1000}){1000}){1000})").valid());
}

TEST_CASE("sets are comma-separated", "[sched][constraint]") {
  CHECK(holds("${attr.os.signals}", "set_contains", "SIGINT, SIGHUP"));
  CHECK(holds("${attr.os.signals}", "set_contains_all", "SIGTERM"));
  CHECK_FALSE(holds("${attr.os.signals}", "set_contains", "SIGINT,SIGKILL"));
  CHECK(holds("${attr.os.signals}", "set_contains_any", "SIGKILL,SIGINT"));
  CHECK_FALSE(holds("${attr.os.signals}", "set_contains_any", "SIGKILL,SIGUSR1"));
}

TEST_CASE("presence can be asked for", "[sched][constraint]") {
  CHECK(holds("${attr.kernel.name}", "is_set", ""));
  CHECK_FALSE(holds("${attr.none}", "is_set", ""));
  CHECK(holds("${attr.none}", "is_not_set", ""));
  CHECK_FALSE(holds("${attr.kernel.name}", "is_not_set", ""));
}

TEST_CASE("an operand that nobody knows holds nowhere", "[sched][constraint]") {
  CHECK_FALSE(holds("${attr.kernel.name}", "contains", "linux"));
  CHECK_FALSE(holds("x", "resembles", "x"));
}

TEST_CASE("a constraint is counted by its own words", "[sched][constraint]") {
  CHECK(Predicate("${attr.kernel.name}", "", "linux").reason() == "${attr.kernel.name} = linux");
  CHECK(Predicate("${attr.kernel.name}", "regexp", "l.*").reason() == "${attr.kernel.name} regexp l.*");
}

TEST_CASE("a pattern's stars match any run of characters", "[sched][text]") {
  CHECK(sched::glob_match("*", ""));
  CHECK(sched::glob_match("dc1", "dc1"));
  CHECK_FALSE(sched::glob_match("dc1", "dc11"));
  CHECK(sched::glob_match("eu-*-1", "eu-west-1"));
  CHECK(sched::glob_match("*a*b", "xxaxxbxb"));
  CHECK_FALSE(sched::glob_match("*a*b", "xxaxxbx"));
}
