// SPDX-License-Identifier: MPL-2.0
#include "core/base/json.h"

#include <catch2/catch.hpp>

#include "core/base/fields.h"

namespace {

struct Inner {
  int x = 1;
  std::vector<std::string> list;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("X", self.x);
    visit("List", self.list);
  }
};
struct Outer {
  std::string name = "unnamed";
  std::map<std::string, Inner> inner;
  core::Duration wait{};
  core::json::Raw config;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("Inner", self.inner);
    visit("Wait", self.wait);
    visit("Config", self.config);
  }
};

}  // namespace

TEST_CASE("a parse error names line, column and offset", "[json]") {
  const auto parsed = core::json::parse("{\n  \"a\": nope\n}");
  REQUIRE(!parsed.ok());
  CHECK(parsed.error().detail.find("line 2, column") == 0);
}

TEST_CASE("nesting deeper than the limit is refused before it is parsed", "[json]") {
  CHECK(core::json::parse(std::string(64, '[') + std::string(64, ']')).ok());
  const auto deep = core::json::parse(std::string(100000, '['));
  REQUIRE(!deep.ok());
  CHECK(deep.error().detail.find("nested deeper than 64") != std::string::npos);
}

TEST_CASE("brackets inside strings do not count as nesting", "[json]") {
  CHECK(core::json::parse("\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"").ok());
}

TEST_CASE("text after the value is refused unless allowed", "[json]") {
  CHECK(!core::json::parse("{} x").ok());
  const auto parsed = core::json::parse("{} x", {.allow_trailing = true});
  REQUIRE(parsed.ok());
  CHECK(parsed->end_offset() == 2);
}

TEST_CASE("fields match whatever their case, null keeps the default, unknown names are ignored", "[json][fields]") {
  const auto outer = core::from_json<Outer>(R"({"WAIT":"1m","name":null,"zzz":[1],"inner":{"a":{"list":["b"]}}})");
  REQUIRE(outer.ok());
  CHECK(outer->name == "unnamed");
  CHECK(outer->wait == std::chrono::minutes(1));
  CHECK(outer->inner.at("a").x == 1);
  CHECK(outer->inner.at("a").list == std::vector<std::string>{"b"});
}

TEST_CASE("a decode error names the path of the field", "[json][fields]") {
  const auto outer = core::from_json<Outer>(R"({"Inner":{"a":{"X":"text"}}})");
  REQUIRE(!outer.ok());
  CHECK(outer.error().detail == "Inner: a: X: expected a whole number, found a string");
}

TEST_CASE("what is encoded decodes to the same text", "[json][fields]") {
  const std::string text =
      R"({"Name":"q\"\u0001","Inner":{"k":{"X":-7,"List":["a","b"]}},"Wait":1500000000,"Config":{"a":[1,2.5,null]}})";
  const auto outer = core::from_json<Outer>(text);
  REQUIRE(outer.ok());
  CHECK(core::to_json(*outer) == text);
}
