// SPDX-License-Identifier: MPL-2.0
// Two regions: one pool of gossip, two clusters, and requests of one answered in the other.
#include <catch2/catch.hpp>

#include <csignal>
#include <future>

#include "tests/integration/gossip.h"
#include "tests/integration/servers.h"

using namespace integration;
using namespace std::chrono_literals;

namespace {

// "eu" and "us". Each server knows all of both.
struct Two {
  explicit Two(int servers) : eu("eu", servers), us("us", servers, eu.serf()) {
    REQUIRE(eu.formed());
    REQUIRE(us.formed());
    for (auto* region : {&eu, &us})
      for (int i = 0; i < servers; ++i) {
        REQUIRE(await([&] { return (*region)[i].get("/v1/regions").body == R"(["eu","us"])"; }));
        for (auto* other : {&eu, &us})
          for (int j = 0; j < servers; ++j) REQUIRE(becomes((*region)[i], other->name() + std::to_string(j) + "." + other->name(), "alive"));
      }
  }
  Region eu, us;
};

bool has(const Agent& agent, const std::string& job, const std::string& query = "") {
  return agent.get("/v1/job/" + job + query).status == 200;
}

// The region has no nodes: so many jobs wait, and nothing changes by itself any more.
bool settled(const Agent& agent, int jobs) {
  return await([&] {
    const auto body = agent.get("/v1/jobs").body;
    int waiting = 0;
    for (auto at = body.find("\"Queued\":1"); at != std::string::npos; at = body.find("\"Queued\":1", at + 1)) ++waiting;
    return waiting == jobs;
  });
}

std::string job_in(const std::string& region, const std::string& id) {
  auto job = api_job(id, "sleep 600");
  const std::string at = "{\"Job\":{";
  return at + "\"Region\":\"" + region + "\"," + job.substr(at.size());
}

std::future<HttpAnswer> later(const Agent& agent, const std::string& target) {
  return std::async(std::launch::async, [&agent, target] { return agent.get(target); });
}

}  // namespace

TEST_CASE("servers of two regions are one pool and two clusters", "[integration][regions]") {
  Region eu("eu", 1), us("us", 1, "", "leave_on_interrupt = true\n");
  REQUIRE(eu.formed());
  REQUIRE(us.formed());
  CHECK(eu[0].get("/v1/regions").body == R"(["eu"])");
  CHECK(eu[0].cli({"server-join", us.serf()}).out == "Joined 1 servers successfully\n");
  for (auto* region : {&eu, &us}) {
    CHECK(becomes((*region)[0], "eu0.eu", "alive"));
    CHECK(becomes((*region)[0], "us0.us", "alive"));
    CHECK((*region)[0].get("/v1/regions").body == R"(["eu","us"])");
    CHECK_THAT((*region)[0].cli({"agent-info"}).out, Catch::Contains("known_regions = 2"));
    const auto listed = (*region)[0].cli({"server", "members"});
    CHECK(listed.code == 0);
    CHECK_THAT(listed.out, Catch::Matches("Name +Address +Port +Status +Leader +Protocol +Build +Datacenter +Region\n"
                                          "eu0\\.eu +127\\.0\\.0\\.1 +[0-9]+ +alive +true +[0-9]+ +[^ ]+ +dc1 +eu\n"
                                          "us0\\.us +127\\.0\\.0\\.1 +[0-9]+ +alive +true +[0-9]+ +[^ ]+ +dc1 +us\n"));
  }

  // A server that joins later through the other region's belongs to its own.
  Directory directory;
  Agent second({.arguments = {}, .config = "region = \"us\"\n" + alone("us1", retry({eu.serf()})), .data_dir = directory.path(), .ports = {}});
  second.start();
  CHECK(await([&] { return peers(us[0]).find(rpc_of(second.ports())) != std::string::npos; }));
  CHECK(becomes(eu[0], "us1.us", "alive"));
  CHECK(peers(eu[0]) == "[\"" + rpc_of(eu[0].ports()) + "\"]");
  CHECK(writes(second, "of-us"));
  CHECK(has(us[0], "of-us"));
  CHECK_FALSE(has(eu[0], "of-us"));

  // Who leaves leaves its own cluster.
  us[0].signal(SIGINT);
  us[0].wait();
  CHECK(becomes(eu[0], "us0.us", "left"));
  CHECK(await([&] { return peers(second) == "[\"" + rpc_of(second.ports()) + "\"]"; }));
  CHECK(peers(eu[0]) == "[\"" + rpc_of(eu[0].ports()) + "\"]");
  CHECK(writes(eu[0], "of-eu"));
}

TEST_CASE("a region without a leader is told of beside those that have one", "[integration][regions]") {
  Region eu("eu", 1);
  REQUIRE(eu.formed());
  Directory directory;
  Agent waiting({.arguments = {}, .config = "region = \"us\"\n" + alone("us0", "  bootstrap_expect = 2\n" + retry({eu.serf()})), .data_dir = directory.path(), .ports = {}});
  waiting.start();
  REQUIRE(becomes(eu[0], "us0.us", "alive"));
  const auto listed = eu[0].cli({"server", "members"});
  CHECK(listed.code == 1);
  CHECK_THAT(listed.out, Catch::Contains("eu0.eu") && Catch::Contains("  true ") && Catch::Contains("us0.us") && Catch::Contains("  false "));
  CHECK_THAT(listed.err, Catch::Contains("Error determining leaders: 1 error occurred:") &&
                             Catch::Contains("* Region \"us\": Unexpected response code: 500 (No cluster leader)"));
}

TEST_CASE("requests for another region are answered there as if it had been asked itself", "[integration][regions]") {
  Two two(1);
  REQUIRE(writes(two.eu[0], "to-us", "?region=us"));
  REQUIRE(writes(two.us[0], "to-eu", "?region=eu"));
  CHECK(has(two.us[0], "to-us"));
  CHECK_FALSE(has(two.eu[0], "to-us"));
  CHECK(has(two.eu[0], "to-eu"));
  REQUIRE(settled(two.us[0], 1));
  for (const auto* target : {"/v1/jobs?region=us", "/v1/job/to-us?region=us&pretty", "/v1/job/none?region=us", "/v1/job/to-us/evaluations?region=us",
                             "/v1/status/leader?region=us", "/v1/status/peers?region=us", "/v1/jobs?region=us&index=x", "/v1/nodes?region=us",
                             "/v1/operator/raft/configuration?region=us", "/v1/client/allocation/none/stats?region=us"}) {
    CAPTURE(target);
    const auto there = two.us[0].get(target), here = two.eu[0].get(target);
    CHECK(here.status == there.status);
    CHECK(here.body == there.body);
    CHECK(here.headers == there.headers);
  }
  CHECK_THAT(two.eu[0].get("/v1/jobs?region=us").headers, Catch::Contains("X-Nomad-KnownLeader: true") && Catch::Contains("X-Nomad-LastContact: 0"));
  // What is about the agent itself is not passed on.
  CHECK_THAT(two.eu[0].get("/v1/agent/members?region=us").body, Catch::Contains("\"ServerRegion\":\"eu\""));
  // A stream, and a body that is no JSON.
  Directory saved;
  const auto file = saved.path() + "/us.snap";
  CHECK(two.eu[0].cli({"operator", "snapshot", "save", "-region", "us", file}).code == 0);
  CHECK(two.eu[0].cli({"operator", "snapshot", "restore", file}).code == 1);  // it is of another region
  CHECK(two.eu[0].cli({"operator", "snapshot", "restore", "-region", "us", file}).code == 0);
  CHECK(two.eu[0].remove("/v1/job/to-us?purge=true&region=us").status == 200);
  CHECK(two.us[0].get("/v1/job/to-us").status == 404);
}

TEST_CASE("a region that nobody knows has no path to it", "[integration][regions]") {
  Two two(1);
  for (const auto* target : {"/v1/jobs?region=moon", "/v1/status/leader?region=moon", "/v1/client/fs/ls/a?region=moon"}) {
    const auto answer = two.eu[0].get(target);
    CHECK(answer.status == 500);
    CHECK(answer.body == "No path to region");
    CHECK_THAT(answer.headers, Catch::Contains("Content-Type: text/plain; charset=utf-8"));
  }
  CHECK(two.eu[0].put("/v1/jobs?region=moon", api_job("a", "exit 0")).body == "No path to region");
  CHECK(two.eu[0].put("/v1/jobs", job_in("moon", "a")).body == "No path to region");
  CHECK_THAT(two.eu[0].cli({"status", "-region", "moon"}).err, Catch::Contains("500 (No path to region)"));
}

TEST_CASE("a job goes to the region that the request or the job names", "[integration][regions]") {
  Two two(1);
  CHECK(two.eu[0].put("/v1/jobs", job_in("us", "by-job")).status == 200);
  CHECK(two.eu[0].put("/v1/jobs?region=eu", job_in("us", "by-query")).status == 200);
  CHECK(two.eu[0].put("/v1/jobs", job_in("global", "anywhere")).status == 200);
  auto body = job_in("eu", "by-body");
  body.insert(1, "\"Region\":\"us\",");
  CHECK(two.eu[0].put("/v1/job/by-body?region=eu", body).status == 200);
  CHECK_THAT(two.us[0].get("/v1/job/by-job").body, Catch::Contains("\"Region\":\"us\""));
  CHECK_THAT(two.eu[0].get("/v1/job/by-query").body, Catch::Contains("\"Region\":\"eu\""));
  CHECK_THAT(two.eu[0].get("/v1/job/anywhere").body, Catch::Contains("\"Region\":\"eu\""));
  CHECK_THAT(two.us[0].get("/v1/job/by-body").body, Catch::Contains("\"Region\":\"us\""));

  Directory files;
  const auto file = files.file("a.nomad", "job \"filed\" {\n  region = \"us\"\n  datacenters = [\"dc1\"]\n  group \"g\" {\n    count = 0\n    task \"t\" {\n"
                                          "      driver = \"raw_exec\"\n      config { command = \"/bin/true\" }\n    }\n  }\n}\n");
  const auto ran = two.eu[0].cli({"run", file});
  CHECK(ran.code == 0);
  CHECK_THAT(ran.out, Catch::Contains("finished with status \"complete\""));
  CHECK(has(two.us[0], "filed"));
  CHECK_THAT(two.eu[0].cli({"status", "-region=us", "filed"}).out, Catch::Contains("filed"));
  CHECK(two.eu[0].cli({"status", "filed"}).code == 1);
  const auto by_environment = run(nomad({"status", "filed"}), {"NOMAD_ADDR=" + two.eu[0].address(), "NOMAD_REGION=us"});
  CHECK_THAT(by_environment.out, Catch::Contains("filed"));
}

TEST_CASE("a query that waits for something in another region is answered when it happens", "[integration][regions]") {
  Two two(1);
  REQUIRE(writes(two.us[0], "first"));
  REQUIRE(settled(two.us[0], 1));
  const auto now = two.eu[0].get("/v1/jobs?region=us");
  auto waiting = later(two.eu[0], "/v1/jobs?region=us&wait=20s&index=" + std::to_string(now.index));
  CHECK(waiting.wait_for(300ms) == std::future_status::timeout);
  REQUIRE(writes(two.eu[0], "second", "?region=us"));
  const auto answer = waiting.get();
  CHECK(answer.status == 200);
  CHECK(answer.index > now.index);
  CHECK_THAT(answer.body, Catch::Contains("second"));
  REQUIRE(settled(two.us[0], 2));
  const auto last = two.us[0].get("/v1/jobs");
  const auto over = two.eu[0].get("/v1/jobs?region=us&wait=50ms&index=" + std::to_string(last.index));
  CHECK(over.status == 200);
  CHECK(over.index == last.index);
}

TEST_CASE("a client's own API reaches other regions through its servers", "[integration][regions][client]") {
  Two two(1);
  Directory directory;
  Agent client({.arguments = {},
                .config = "region = \"eu\"\nbind_addr = \"127.0.0.1\"\nclient {\n  enabled = true\n  network_interface = \"lo\"\n  servers = [\"" +
                          rpc_of(two.eu[0].ports()) + "\"]\n}\n",
                .data_dir = directory.path(),
                .ports = {}});
  client.start();
  REQUIRE(ready(two.eu[0], 1));
  CHECK(client.get("/v1/regions").body == R"(["eu","us"])");
  CHECK(client.get("/v1/agent/members").body == two.eu[0].get("/v1/agent/members").body);
  CHECK(client.cli({"server-members"}).out == two.eu[0].cli({"server-members"}).out);
  REQUIRE(writes(client, "far", "?region=us"));
  CHECK(has(two.us[0], "far"));
  REQUIRE(settled(two.us[0], 1));
  const auto here = client.get("/v1/jobs?region=us"), there = two.us[0].get("/v1/jobs");
  CHECK(here.body == there.body);
  CHECK(here.headers == there.headers);
  CHECK(client.get("/v1/jobs?region=moon").body == "No path to region");
  two.eu.kill(0);
  CHECK(client.get("/v1/jobs?region=us").status == 500);
}

TEST_CASE("a server of another region that is lost, or hangs, is replaced by the next", "[integration][regions][servers]") {
  Two two(3);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(writes(two.eu[i], "from-eu-" + std::to_string(i), "?region=us"));
    REQUIRE(writes(two.us[i], "from-us-" + std::to_string(i), "?region=eu"));
  }
  REQUIRE(settled(two.us[0], 3));
  const auto before = two.us[0].get("/v1/jobs");
  // What waits in the other region, and only reads, goes on with another server there.
  std::vector<std::future<HttpAnswer>> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(later(two.eu[i], "/v1/jobs?region=us&wait=25s&index=" + std::to_string(before.index)));
  // Killed, its connections end at once; paused, it is gossip that says so.
  const auto [victim, how] = GENERATE(table<int, int>({{0, SIGKILL}, {1, SIGKILL}, {2, SIGKILL}, {0, SIGSTOP}, {1, SIGSTOP}}));
  CAPTURE(victim, how);
  two.us[victim].signal(how);
  for (int i = 0; i < 3; ++i) {
    CHECK(await([&] { return writes(two.eu[i], "without-" + std::to_string(i), "?region=us"); }));
    CHECK(two.eu[i].get("/v1/jobs?region=us").status == 200);
  }
  for (auto& each : waiting) {
    const auto answer = each.get();
    CAPTURE(answer.body);
    CHECK(answer.status == 200);
    CHECK(answer.index > before.index);
  }
  for (int i = 0; i < 3; ++i)
    if (i != victim) {
      CHECK(has(two.us[i], "without-0"));
      CHECK(two.us[i].get("/v1/jobs?region=eu").status == 200);
    }
  if (how == SIGSTOP) {
    two.us[victim].signal(SIGCONT);
  } else {
    two.us[victim].wait();
    two.us[victim].start();
  }
  CHECK(await([&] { return has(two.us[victim], "without-2"); }));
  CHECK(await([&] { return has(two.us[victim], "from-us-0", "?region=eu"); }));
}
