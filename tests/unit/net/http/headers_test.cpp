// SPDX-License-Identifier: MPL-2.0
#include "net/http/headers.h"

#include <catch2/catch.hpp>

using net::http::Headers;

TEST_CASE("header names compare without case and the first field wins", "[http][headers]") {
  Headers h;
  h.add("Content-Type", "text/plain");
  h.add("X-A", "1");
  h.add("x-a", "2");
  CHECK(h.find("content-type") == "text/plain");
  CHECK(h.find("X-a") == "1");
  CHECK_FALSE(h.find("X-").has_value());
  h.set("X-A", "3");
  CHECK(h.wire() == "Content-Type: text/plain\r\nX-A: 3\r\n");
  h.remove("content-type");
  CHECK(h.wire() == "X-A: 3\r\n");
}

TEST_CASE("a value cannot end its line", "[http][headers]") {
  Headers h;
  h.add("X-A", "one\r\nX-Evil: two");
  CHECK(h.wire() == "X-A: one  X-Evil: two\r\n");
  CHECK_FALSE(h.find("X-Evil").has_value());
}

TEST_CASE("tokens are found in any field of the name, in any case", "[http][headers]") {
  Headers h;
  h.add("Connection", "keep-alive, Upgrade");
  h.add("connection", "X-Other");
  CHECK(h.has_token("Connection", "upgrade"));
  CHECK(h.has_token("Connection", "x-other"));
  CHECK_FALSE(h.has_token("Connection", "keep"));
}
