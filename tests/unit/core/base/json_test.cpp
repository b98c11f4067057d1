// SPDX-License-Identifier: MPL-2.0
#include "core/base/json.h"

#include <catch2/catch.hpp>
#include <limits>

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

TEST_CASE("commas come where values follow each other, on every level", "[json]") {
  core::json::Writer w;
  w.begin_object();
  w.key("a");
  w.begin_array();
  w.end_array();
  w.key("b");
  w.begin_array();
  w.begin_object();
  w.end_object();
  w.begin_array();
  w.int64(1);
  w.raw("[2]");
  w.null();
  w.end_array();
  w.boolean(false);
  w.end_array();
  w.key("c");
  w.begin_object();
  w.key("d");
  w.string("");
  w.key("e");
  w.string({});
  w.end_object();
  w.key("f");
  w.boolean(true);
  w.end_object();
  CHECK(w.take() == R"({"a":[],"b":[{},[1,[2],null],false],"c":{"d":"","e":""},"f":true})");
  w.string("again");
  CHECK(w.view() == R"("again")");
}

TEST_CASE("texts are escaped where JSON asks for it, names too", "[json]") {
  core::json::Writer w;
  w.begin_object();
  w.key("tab\there");
  w.string("\"\\/\b\f\n\r\t\x01\x1f\x7f");
  w.key("z\xc3\xbcrich \xf0\x9f\x98\x80");
  w.string(std::string_view("zero\0byte", 9));
  w.end_object();
  CHECK(w.take() == "{\"tab\\there\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\x7f\","
                    "\"z\xc3\xbcrich \xf0\x9f\x98\x80\":\"zero\\u0000byte\"}");
}

TEST_CASE("numbers are written in full", "[json]") {
  core::json::Writer w;
  w.begin_array();
  w.int64(std::numeric_limits<std::int64_t>::min());
  w.int64(std::numeric_limits<std::int64_t>::max());
  w.uint64(std::numeric_limits<std::uint64_t>::max());
  w.uint64(0);
  w.number(0);
  w.number(-12);
  w.number(0.1);
  w.number(1e300);
  w.number(std::numeric_limits<double>::quiet_NaN());
  w.number(-std::numeric_limits<double>::infinity());
  w.end_array();
  CHECK(w.take() == "[-9223372036854775808,9223372036854775807,18446744073709551615,0,0.0,-12.0,0.1,1e300,0.0,0.0]");
}

TEST_CASE("long texts are written whole wherever they begin", "[json]") {
  for (std::size_t before = 900; before < 1100; ++before) {
    core::json::Writer w;
    w.begin_array();
    w.string(std::string(before, 'a'));
    w.uint64(before);
    w.string(std::string(5000, 'b') + "\n");
    w.end_array();
    CHECK(w.take() == "[\"" + std::string(before, 'a') + "\"," + std::to_string(before) + ",\"" + std::string(5000, 'b') + "\\n\"]");
  }
}
