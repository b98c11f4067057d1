// SPDX-License-Identifier: MPL-2.0
#include "store/state/splice.h"

#include <catch2/catch.hpp>

#include "core/base/json.h"

using namespace store::state;

TEST_CASE("members are cut out of an object whatever their values look like", "[state][splice]") {
  CHECK(without("{}", {"a"}) == "{}");
  CHECK(without(R"({"a":1})", {"a"}) == "{}");
  CHECK(without(R"({"a":1,"b":2})", {"a"}) == R"({"b":2})");
  CHECK(without(R"({"a":1,"b":2})", {"b"}) == R"({"a":1})");
  CHECK(without(R"({"a":1,"b":2,"c":3})", {"b"}) == R"({"a":1,"c":3})");
  CHECK(without(R"({"a":{"b":[1,{"b":2}]},"b":"}],{\"b\":","c":null})", {"b"}) == R"({"a":{"b":[1,{"b":2}]},"c":null})");
  CHECK(without(R"({"a":"x\\","b":true})", {"c"}) == R"({"a":"x\\","b":true})");
}

TEST_CASE("an object is written member by member, alone or behind a stored one", "[state][splice]") {
  std::string out;
  ObjectText(out).text("s", "a\"b\\\n\x01/é").number("n", -5).boolean("t", true).json("j", "[1]").json("z", {}).close();
  CHECK(out == "{\"s\":\"a\\\"b\\\\\\n\\u0001/é\",\"n\":-5,\"t\":true,\"j\":[1],\"z\":null}");
  const auto parsed = core::json::parse(out);
  REQUIRE(parsed.ok());
  CHECK(parsed->root().find("s").value.string() == "a\"b\\\n\x01/é");

  std::string more = "[";
  ObjectText(more, R"({"a":1})").number("b", 2).close();
  more += ',';
  ObjectText(more, "{}").number("b", 2).close();
  CHECK(more == R"([{"a":1,"b":2},{"b":2})");
}
