// SPDX-License-Identifier: MPL-2.0
#include "net/http/target.h"

#include <catch2/catch.hpp>

using net::http::clean_path;
using net::http::parse_target;
using net::http::percent_decode;
using net::http::percent_encode;
using net::http::Query;

TEST_CASE("a query knows presence from value", "[http][query]") {
  const Query q("stale&index=7&empty=&a=1&a=2&sp+ace=x%20y+z&bad=%zz&%zz=bad&&=nameless");
  CHECK(q.has("stale"));
  CHECK(q.get("stale") == "");
  CHECK(q.has("empty"));
  CHECK_FALSE(q.has("absent"));
  CHECK_FALSE(q.get("absent").has_value());
  CHECK(q.get("index") == "7");
  CHECK(q.all("a") == std::vector<std::string_view>{"1", "2"});
  CHECK(q.get("sp ace") == "x y z");
  CHECK_FALSE(q.has("bad"));
  CHECK(q.parameters().size() == 7);
}

TEST_CASE("targets split into a decoded path and a raw query", "[http][target]") {
  CHECK(parse_target("/v1/job/a%2Fb?x=%20")->path == "/v1/job/a/b");
  CHECK(parse_target("/v1/job/a%2Fb?x=%20")->raw_query == "x=%20");
  CHECK(parse_target("http://host:4646/v1/jobs?a")->path == "/v1/jobs");
  CHECK(parse_target("http://host")->path == "/");
  CHECK(parse_target("/a?b?c")->raw_query == "b?c");
  CHECK(parse_target("*")->path == "*");
  for (const auto* bad : {"", "v1", "/%", "/%a", "/%gg", "host:80"}) CHECK_FALSE(parse_target(bad).ok());
}

TEST_CASE("paths are cleaned as file names are, and stay below the root", "[http][target]") {
  CHECK(clean_path("/") == "/");
  CHECK(clean_path("/v1/jobs") == "/v1/jobs");
  CHECK(clean_path("/v1/jobs/") == "/v1/jobs/");
  CHECK(clean_path("//v1///jobs") == "/v1/jobs");
  CHECK(clean_path("/v1/./jobs") == "/v1/jobs");
  CHECK(clean_path("/v1/x/../jobs") == "/v1/jobs");
  CHECK(clean_path("/../../etc") == "/etc");
  CHECK(clean_path("/a/..") == "/");
  CHECK(clean_path("/a/b/..") == "/a/");
  CHECK(clean_path("/a/.") == "/a/");
  CHECK(clean_path("/...") == "/...");
}

TEST_CASE("what was encoded decodes to itself, whatever the bytes", "[http][target]") {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  CHECK(percent_decode(percent_encode(all)) == all);
  CHECK(percent_decode(percent_encode(all, true)) == all);
  CHECK(percent_encode("a/b c", true) == "a/b%20c");
  CHECK(percent_encode("a/b", false) == "a%2Fb");
}
