// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "agent/discovery/consul_search.h"

using namespace agent::discovery;
using core::Bytes;
using core::Errc;
using core::Error;
using core::Result;

namespace {

ConsulSearch::Rules rules(bool first_is_enough) { return {.service = "nomad", .tag = "rpc", .datacenters_max = 3, .first_is_enough = first_is_enough}; }

std::string instance(const std::string& host) { return R"([{"Address":")" + host + R"(","ServicePort":4647}])"; }

// Carries the search out against these answers; a datacenter that is not among them fails. Returns who was asked.
std::vector<std::string> run(ConsulSearch& search, const std::string& datacenters, const std::map<std::string, std::string>& answers) {
  std::vector<std::string> asked;
  while (const auto target = search.next()) {
    if (*target == "/v1/catalog/datacenters") {
      search.answered(Bytes(datacenters));
      continue;
    }
    const std::string head = "/v1/catalog/service/nomad?dc=", tail = "&tag=rpc&near=_agent&stale=&wait=2s";
    REQUIRE(target->starts_with(head));
    REQUIRE(target->ends_with(tail));
    asked.push_back(target->substr(head.size(), target->size() - head.size() - tail.size()));
    const auto answer = answers.find(asked.back());
    search.answered(answer == answers.end() ? Result<Bytes>(Error{Errc::unavailable, "no path to datacenter"}) : Result<Bytes>(Bytes(answer->second)));
  }
  return asked;
}

}  // namespace

TEST_CASE("the nearest datacenter is asked first, and is enough for who wants no more", "[discovery][consul]") {
  core::Rng rng(7);
  ConsulSearch search(rules(true), rng);
  CHECK(run(search, R"(["near","far"])", {{"near", instance("10.0.0.1")}, {"far", instance("10.0.0.2")}}) == std::vector<std::string>{"near"});
  CHECK(*search.outcome() == Addresses{"10.0.0.1:4647"});
}

TEST_CASE("the next datacenter is asked when the nearest has none or cannot be asked", "[discovery][consul]") {
  core::Rng rng(7);
  ConsulSearch search(rules(true), rng);
  const auto nearest = GENERATE(as<std::string>{}, "[]", "nonsense", "");
  std::map<std::string, std::string> answers{{"far", instance("10.0.0.2")}};
  if (!nearest.empty()) answers.emplace("near", nearest);
  CHECK(run(search, R"(["near","far"])", answers) == std::vector<std::string>{"near", "far"});
  CHECK(*search.outcome() == Addresses{"10.0.0.2:4647"});
}

TEST_CASE("who looks for all of them asks every datacenter, up to the limit, after the nearest in random order", "[discovery][consul]") {
  std::set<std::vector<std::string>> orders;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    core::Rng rng(seed);
    ConsulSearch search(rules(false), rng);
    const auto asked = run(search, R"(["near","b","c","d"])", {{"near", instance("10.0.0.1")}, {"b", instance("10.0.0.2")}, {"c", instance("10.0.0.1")}});
    CHECK(asked.size() == 3);
    CHECK(asked.front() == "near");
    orders.insert(asked);
    CHECK(search.outcome()->front() == "10.0.0.1:4647");
  }
  CHECK(orders.size() == 6);
}

TEST_CASE("names are escaped in the question", "[discovery][consul]") {
  core::Rng rng(7);
  ConsulSearch search({.service = "no mad/x", .tag = "a&b", .datacenters_max = 3}, rng);
  search.answered(Bytes(R"(["d?c"])"));
  CHECK(*search.next() == "/v1/catalog/service/no%20mad%2Fx?dc=d%3Fc&tag=a%26b&near=_agent&stale=&wait=2s");
}

TEST_CASE("a search that finds nobody says why, if there was a reason", "[discovery][consul]") {
  core::Rng rng(7);
  ConsulSearch search(rules(false), rng);
  SECTION("nobody is there") {
    run(search, R"(["near"])", {{"near", "[]"}});
    CHECK(search.outcome()->empty());
  }
  SECTION("a datacenter could not be asked") {
    run(search, R"(["near","far"])", {{"near", "[]"}});
    CHECK(search.outcome().error().detail == "no path to datacenter");
  }
  SECTION("the datacenters could not be asked for") {
    search.answered(Error{Errc::timeout, "timed out"});
    REQUIRE_FALSE(search.next());
    CHECK(search.outcome().error().code == Errc::timeout);
  }
  SECTION("nonsense instead of datacenters") {
    run(search, "{\"a\":1}", {});
    CHECK(search.outcome().error().code == Errc::corrupt);
  }
}
