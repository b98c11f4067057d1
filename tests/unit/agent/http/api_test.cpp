// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/agent/http/rig.h"

using namespace test;

TEST_CASE("only a client that looks like v0.1.2 is answered in its shapes", "[http]") {
  HttpRig rig;
  rig.gateway.answers[Ask::eval_allocs] = "[]";
  rig.get_old("/v1/evaluation/e1/allocations");
  CHECK(rig.gateway.queries.back().shape == core::model::Shape::v0_1_2);
  rig.get("/v1/evaluation/e1/allocations");
  CHECK(rig.gateway.queries.back().shape == core::model::Shape::current);
  rig.get_old("/v1/evaluation/e1/allocations?namespace=default");
  CHECK(rig.gateway.queries.back().shape == core::model::Shape::current);
}

TEST_CASE("an object that is missing is a 404 with the index to wait from", "[http]") {
  HttpRig rig;
  const auto answer = rig.get("/v1/job/none");
  CHECK(answer.status == 404);
  CHECK(answer.body.text() == "job not found");
  CHECK(answer.headers.find("X-Nomad-Index") == "7");
  CHECK(answer.headers.find("X-Nomad-KnownLeader") == "true");
  CHECK(answer.headers.find("X-Nomad-LastContact") == "0");
}

TEST_CASE("deployments are asked for like everything else", "[http]") {
  HttpRig rig;
  rig.gateway.answers[Ask::job_deployment] = "null";
  CHECK(rig.get("/v1/job/a/b/deployment?index=3").body.text() == "null");
  CHECK(rig.gateway.queries.back().ask == Ask::job_deployment);
  CHECK(rig.gateway.queries.back().id == "a/b");
  CHECK(rig.gateway.queries.back().min_index == 3);
}

TEST_CASE("wrong methods and unknown paths are refused in Nomad's words", "[http]") {
  HttpRig rig;
  rig.api.self.raft_json = [] { return std::string("{}"); };
  struct Case {
    Method method;
    const char* target;
    int status;
    const char* text;
  };
  const auto [method, target, status, text] = GENERATE(values<Case>({
      {Method::put, "/v1/nodes", 405, "Invalid method"},
      {Method::delete_, "/v1/agent/self", 405, "Invalid method"},
      {Method::get, "/v1/agent/join", 405, "Invalid method"},
      {Method::get, "/v1/agent/force-leave", 405, "Invalid method"},
      {Method::post, "/v1/system/gc", 405, "Invalid method"},
      {Method::put, "/v1/operator/raft/configuration", 405, ""},
      {Method::get, "/v1/search", 405, "Invalid method"},
      {Method::put, "/v1/client/fs/ls/a1", 405, "Invalid method"},
      {Method::get, "/v1/client/fs/nope/a1", 404, "Invalid method"},
      {Method::get, "/v1/client/allocation/a1/nope", 404, "resource not found"},
      {Method::get, "/v1/nothing", 404, ""},
      {Method::get, "/v1/jobs/", 404, ""},
  }));
  CAPTURE(target);
  const auto answer = rig.http.call(method, target);
  CHECK(answer.status == status);
  CHECK(answer.body.text() == text);
}

TEST_CASE("a server says how many it joined, or why none", "[http]") {
  HttpRig rig;
  CHECK(rig.put("/v1/agent/join?address=a").status == 501);
  rig.api.self.join = [](const std::vector<std::string>& addresses, net::uv::Done<std::size_t> done) {
    if (addresses.size() == 2) return done(std::size_t{2});
    done(core::Error{core::Errc::unavailable, "nobody there"});
  };
  CHECK(rig.put("/v1/agent/join").body.text() == "missing address to join");
  CHECK(rig.put("/v1/agent/join?address=a&address=b").body.text() == R"({"num_joined":2,"error":""})");
  const auto failed = rig.put("/v1/agent/join?address=a");
  CHECK(failed.status == 200);
  CHECK(failed.body.text() == R"({"num_joined":0,"error":"nobody there"})");
}

TEST_CASE("health is that of all halves, or of those asked for", "[http]") {
  HttpRig rig;
  agent::http::Health server{true, "ok"};
  rig.api.self.server_health = [&] { return server; };
  const auto ask = [&](const std::string& query) { return rig.get("/v1/agent/health" + query); };
  CHECK(ask("").body.text() == R"({"server":{"ok":true,"message":"ok"}})");
  CHECK(ask("?type=server").status == 200);
  CHECK(ask("?type=client").status == 500);
  CHECK(ask("?type=client").body.text() == R"({"client":{"ok":false,"message":"client not enabled"}})");
  CHECK(ask("?type=client&type=server").status == 500);
  CHECK(ask("?type=other").body.text() == "{}");
  server = {false, "No cluster leader"};
  CHECK(ask("").status == 500);
  CHECK(ask("").body.text() == R"({"server":{"ok":false,"message":"No cluster leader"}})");
}

TEST_CASE("a rendezvous is offered to who shows the token, or not at all", "[http][rendezvous]") {
  HttpRig rig;
  CHECK(rig.put("/v1/rendezvous").status == 404);
  std::string seen;
  rig.api.self.rendezvous_visit = [&](std::string_view token, core::ByteView body) -> core::Result<std::string> {
    seen = std::string(token) + "|" + std::string(body);
    if (token != "sesame") return core::Error{core::Errc::denied, "Permission denied"};
    return std::string("{}");
  };
  rig.api.self.rendezvous_leave = [&](std::string_view token, const std::string& infrastructure, const std::string& address) {
    seen = std::string(token) + "|" + infrastructure + "|" + address;
    return core::ok_status();
  };
  CHECK(rig.get("/v1/rendezvous").status == 405);
  CHECK(rig.put("/v1/rendezvous", "words").status == 403);
  CHECK(seen == "|words");
  const auto ask = [&](Method method, const std::string& target, const std::string& body) {
    net::http::Outgoing request{.method = method, .target = target, .body = body};
    request.headers.add("X-Atlas-Token", "sesame");
    return rig.http.try_call(std::move(request)).value();
  };
  CHECK(ask(Method::put, "/v1/rendezvous", "words").body.text() == "{}");
  CHECK(seen == "sesame|words");
  CHECK(ask(Method::delete_, "/v1/rendezvous?infrastructure=a%2Fb&address=x%3A1", "").status == 200);
  CHECK(seen == "sesame|a/b|x:1");
}

TEST_CASE("force-leave needs a name and takes any", "[http]") {
  HttpRig rig;
  CHECK(rig.put("/v1/agent/force-leave?node=x").status == 501);
  std::vector<std::pair<std::string, bool>> told;
  rig.api.self.force_leave = [&](const std::string& name, bool prune) { told.emplace_back(name, prune); };
  CHECK(rig.put("/v1/agent/force-leave").body.text() == "missing node to force leave");
  CHECK(rig.put("/v1/agent/force-leave?node=x&prune=maybe").status == 400);
  CHECK(told.empty());
  CHECK(rig.put("/v1/agent/force-leave?node=nobody.global").status == 200);
  CHECK(rig.put("/v1/agent/force-leave?node=gone.global&prune=1").status == 200);
  CHECK(told == std::vector<std::pair<std::string, bool>>{{"nobody.global", false}, {"gone.global", true}});
}

TEST_CASE("search gathers ids of every kind, and what cannot match is no error", "[http]") {
  HttpRig rig;
  rig.gateway.answers[Ask::jobs] = R"([{"ID":"web"},{"ID":"web-2"}])";
  rig.gateway.answers[Ask::nodes] = "[]";
  rig.gateway.errors[Ask::allocs] = {core::Errc::rejected, "no UUID"};
  rig.gateway.errors[Ask::evals] = {core::Errc::rejected, "no UUID"};
  const auto answer = rig.put("/v1/search", R"({"Prefix":"web","Context":"all"})");
  CHECK(answer.status == 200);
  CHECK(answer.headers.find("X-Nomad-Index") == "7");
  const auto text = answer.body.text();
  CHECK(text.find(R"("jobs":["web","web-2"])") != std::string::npos);
  CHECK(text.find(R"("allocs":null)") != std::string::npos);
  CHECK(rig.gateway.queries.front().prefix == "web");
  CHECK(rig.put("/v1/search", R"({"Prefix":"w","Context":"jobs"})").body.text().find("nodes") == std::string::npos);
  CHECK(rig.put("/v1/search", R"({"Prefix":"w","Context":"moons"})").status == 500);
  rig.gateway.errors[Ask::jobs] = {core::Errc::no_leader, "No cluster leader"};
  CHECK(rig.put("/v1/search", R"({"Prefix":"web"})").body.text() == "No cluster leader");
}

TEST_CASE("versions of a job stand in an object of their own", "[http]") {
  HttpRig rig;
  rig.gateway.answers[Ask::job_versions] = R"([{"ID":"a"}])";
  CHECK(rig.get("/v1/job/a/versions").body.text() == R"({"Versions":[{"ID":"a"}],"Diffs":null,"Index":7,"LastContact":0,"KnownLeader":true})");
  CHECK(rig.get("/v1/job/a/versions?pretty").body.text().find("    \"Versions\": [") != std::string::npos);
}
