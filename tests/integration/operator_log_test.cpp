// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

#include "net/http/client.h"
#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;

namespace {

constexpr const char* kServer = "bind_addr = \"127.0.0.1\"\nserver {\n  enabled = true\n  bootstrap_expect = 1\n}\n";

}  // namespace

TEST_CASE("the log of a server shows what happened, and goes on with what happens", "[integration][operator]") {
  Directory data;
  Agent agent({.arguments = {}, .config = kServer, .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(await([&] { return agent.put("/v1/jobs", api_job("first", "sleep 1")).status == 200; }));

  const auto shown = agent.cli({"operator", "log", "-type", "JobRegistered"});
  CAPTURE(shown.out, shown.err);
  CHECK(shown.code == 0);
  CHECK(std::count(shown.out.begin(), shown.out.end(), '\n') == 1);
  CHECK(shown.out.find("\"Type\":\"JobRegistered\"") != std::string::npos);
  CHECK(shown.out.find("\"first\"") != std::string::npos);

  const auto url = net::http::parse_url(agent.address(), 4646);
  REQUIRE(url.ok());
  std::string followed;
  std::atomic<bool> began = false;
  std::thread follower([&] {
    net::http::Outgoing request{.method = net::http::Method::get, .target = "/v1/operator/log?follow=true&type=JobRegistered"};
    (void)net::http::fetch_stream(*url, std::move(request), [&](core::ByteView bytes) {
      followed += bytes;
      began = true;
      return followed.find("\"second\"") == std::string::npos;
    });
  });
  const bool follows = await([&] { return began.load(); });
  agent.put("/v1/jobs", api_job("second", "sleep 1"));
  follower.join();
  CHECK(follows);
  CHECK(followed.find("\"second\"") != std::string::npos);

  const auto refused = agent.cli({"operator", "log", "-from", "x"});
  CHECK(refused.code == 1);
  CHECK(refused.err.find("Invalid from: \"x\" is not an index") != std::string::npos);
}
