// SPDX-License-Identifier: MPL-2.0
// Which requests are for other regions.
#include <catch2/catch.hpp>

#include "tests/unit/agent/http/rig.h"

using namespace test;

namespace {

// Answers for all other regions with their name.
struct RegionRig : HttpRig {
  RegionRig() {
    api.self.region = "eu";
    api.self.regions = [] { return std::vector<std::string>{"eu", "us"}; };
    api.pass_on = [this](const std::string& region, const net::http::Request& request, const net::http::Responder& responder, net::relay::Hooks hooks) {
      passed.push_back(request.target);
      if (region == "moon") return hooks.on_failed({core::Errc::rejected, "No path to region"});
      auto response = net::http::Response::text(203, region);
      hooks.on_head(response);
      responder.send(std::move(response));
    };
  }
  net::http::Response send(Method method, const std::string& target, const std::string& body = "") { return http.call(method, target, body); }
  std::vector<std::string> passed;
};

std::string job(const std::string& job_region, const std::string& body_region) {
  return R"({"Region":)" + body_region + R"(,"Job":{"ID":"a","Region":)" + job_region + R"(,"TaskGroups":[]}})";
}

}  // namespace

TEST_CASE("what is about a region is answered in the region that is named", "[http][regions]") {
  RegionRig rig;
  const auto [method, path] = GENERATE(table<Method, const char*>({
      {Method::get, "/v1/jobs"}, {Method::get, "/v1/job/a/b/summary"}, {Method::delete_, "/v1/job/a"}, {Method::put, "/v1/job/a/evaluate"},
      {Method::put, "/v1/validate/job"}, {Method::get, "/v1/deployments"}, {Method::get, "/v1/nodes"}, {Method::post, "/v1/node/n/drain"},
      {Method::get, "/v1/allocations"}, {Method::put, "/v1/allocation/a/stop"}, {Method::get, "/v1/evaluations"}, {Method::get, "/v1/evaluation/e"},
      {Method::get, "/v1/client/fs/ls/a"}, {Method::get, "/v1/client/allocation/a/stats"}, {Method::get, "/v1/client/stats"}, {Method::get, "/v1/client/gc"},
      {Method::get, "/v1/status/leader"}, {Method::get, "/v1/status/peers"}, {Method::get, "/v1/operator/raft/configuration"},
      {Method::delete_, "/v1/operator/raft/peer"}, {Method::put, "/v1/operator/raft/transfer-leadership"}, {Method::get, "/v1/operator/log"},
      {Method::get, "/v1/operator/snapshot"}, {Method::put, "/v1/system/gc"}, {Method::put, "/v1/search"},
  }));
  CAPTURE(path);
  const auto there = rig.send(method, std::string(path) + "?region=us&from=1");
  CHECK(there.status == 203);
  CHECK(there.body.text() == "us");
  CHECK(rig.passed == std::vector<std::string>{std::string(path) + "?region=us&from=1"});
  CHECK(rig.send(method, std::string(path) + "?region=moon").body.text() == "No path to region");
  rig.passed.clear();
  for (const auto* own : {"?from=1", "?region=eu&from=1", "?region=&from=1"}) rig.send(method, std::string(path) + own);
  CHECK(rig.passed.empty());
}

TEST_CASE("what is about the agent is answered by it, whatever region is named", "[http][regions]") {
  RegionRig rig;
  rig.api.self.members_json = [] { return std::string("[]"); };
  CHECK(rig.get("/v1/regions?region=us").body.text() == R"(["eu","us"])");
  CHECK(rig.get("/v1/agent/members?region=us").status == 200);
  CHECK(rig.put("/v1/jobs/parse?region=us", "{}").status == 400);
  CHECK(rig.passed.empty());
}

TEST_CASE("a job goes where the body says, else the query, else the job; and global is here", "[http][regions]") {
  RegionRig rig;
  struct Case {
    const char *job, *query, *body, *goes;
  };
  const auto [in_job, in_query, in_body, goes] = GENERATE(values<Case>({
      {"null", "", "null", "eu"}, {"\"us\"", "", "null", "us"}, {"\"eu\"", "us", "null", "us"}, {"\"us\"", "eu", "null", "eu"},
      {"\"eu\"", "eu", "\"us\"", "us"}, {"\"us\"", "us", "\"eu\"", "eu"}, {"\"global\"", "", "null", "eu"}, {"\"us\"", "global", "null", "eu"},
      {"\"us\"", "us", "\"global\"", "eu"}, {"\"us\"", "", "\"\"", "us"},
  }));
  CAPTURE(in_job, in_query, in_body);
  for (const auto* path : {"/v1/jobs", "/v1/job/a"}) {
    const auto answer = rig.put(std::string(path) + "?region=" + in_query, job(in_job, in_body));
    if (goes == std::string("us")) {
      CHECK(answer.body.text() == "us");
    } else {
      CHECK(answer.status == 200);
      CHECK(std::get<cs::RegisterJob>(rig.gateway.commands.back()).job.region == "eu");
    }
  }
  CHECK(rig.put("/v1/jobs", job("null", "7")).status == 400);
}

TEST_CASE("what came from another region goes to no third one, and learns nothing of the agent", "[http][regions]") {
  RegionRig rig;
  const auto passed = GENERATE(net::http::Passed::once, net::http::Passed::last);
  support::HttpLoopback over_rpc{[&](net::http::Request request, net::http::Responder responder) {
    request.passed = passed;
    rig.router.dispatch(std::move(request), std::move(responder));
  }};
  const auto onward = over_rpc.call(Method::get, "/v1/jobs?region=us");
  if (passed == net::http::Passed::last) {
    CHECK(onward.status == 500);
    CHECK(onward.body.text() == "No path to region");
    CHECK(over_rpc.call(Method::put, "/v1/jobs", job("\"us\"", "null")).body.text() == "No path to region");
  } else {
    CHECK(onward.body.text() == "us");
  }
  for (const auto* path : {"/v1/agent/self", "/v1/agent/servers", "/v1/agent/health", "/v1/agent/join", "/v1/agent/force-leave"})
    CHECK(over_rpc.call(Method::get, path).status == 403);
}

TEST_CASE("configured headers are those of the agent that is asked", "[http][regions]") {
  RegionRig rig;
  rig.api.extra_headers.add("X-Own", "here");
  CHECK(rig.get("/v1/jobs?region=us").headers.find("X-Own") == "here");
  support::HttpLoopback over_rpc{[&](net::http::Request request, net::http::Responder responder) {
    request.passed = net::http::Passed::last;
    rig.router.dispatch(std::move(request), std::move(responder));
  }};
  CHECK(over_rpc.call(Method::get, "/v1/jobs").headers.find("X-Own") == std::nullopt);
}

TEST_CASE("an agent that is only a client asks a server for regions and members", "[http][regions]") {
  RegionRig rig;
  rig.api.self.server = false;
  rig.api.self.regions = nullptr;
  CHECK(rig.get("/v1/regions").body.text() == "eu");
  CHECK(rig.get("/v1/agent/members").body.text() == "eu");
}
