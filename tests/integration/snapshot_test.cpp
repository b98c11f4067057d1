// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;

namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Agent::Options alone(const Directory& data) {
  return {.arguments = {"-server", "-bootstrap-expect=1"}, .config = "", .data_dir = data.path(), .ports = {}};
}

void begin(Agent& agent) {
  agent.start();
  REQUIRE(await([&] { return agent.get("/v1/status/leader").body.size() > 2; }));
}

void register_job(const Agent& agent, const std::string& id) { REQUIRE(agent.put("/v1/jobs", api_job(id, "sleep 600")).status == 200); }
int status_of(const Agent& agent, const std::string& id) { return agent.get("/v1/job/" + id).status; }

// Servers that list each other.
std::vector<std::unique_ptr<Agent>> three(const Directory (&data)[3]) {
  std::vector<Ports> ports{free_ports(), free_ports(), free_ports()};
  std::string peers;
  for (const auto& one : ports) peers += (peers.empty() ? "\"127.0.0.1:" : ", \"127.0.0.1:") + std::to_string(one.rpc) + "\"";
  const auto config = "bind_addr = \"127.0.0.1\"\nserver {\n  enabled = true\n  bootstrap_expect = 3\n  static_peers = [" + peers + "]\n}\n";
  std::vector<std::unique_ptr<Agent>> servers;
  for (std::size_t i = 0; i < 3; ++i)
    servers.push_back(std::make_unique<Agent>(Agent::Options{.arguments = {}, .config = config, .data_dir = data[i].path(), .ports = ports[i]}));
  for (auto& server : servers) server->start();
  for (auto& server : servers) REQUIRE(await([&] { return server->get("/v1/status/leader").body.size() > 2; }));
  return servers;
}

}  // namespace

TEST_CASE("a snapshot brings back what was, and takes away what came since", "[integration][snapshot]") {
  Directory data, files;
  const auto file = files.path() + "/one.snap";
  Agent agent(alone(data));
  begin(agent);
  register_job(agent, "before");
  const auto saved = agent.cli({"operator", "snapshot", "save", file});
  INFO(saved.err);
  REQUIRE(saved.code == 0);
  CHECK(saved.out == "State file written to " + file + "\n");
  const auto twice = agent.cli({"operator", "snapshot", "save", file});
  CHECK(twice.code == 1);
  CHECK(twice.err == "Destination file already exists: \"" + file + "\"\n");

  const auto inspected = run(nomad({"operator", "snapshot", "inspect", file}));
  CHECK(inspected.code == 0);
  for (const auto* key : {"ID ", "Size ", "Index ", "Term ", "Version "}) CHECK(inspected.out.find(key) != std::string::npos);
  const auto state = run(nomad({"operator", "snapshot", "state", file}));
  CHECK(state.code == 0);
  const auto json = core::json::parse(state.out, {.bytes = state.out.size()});
  REQUIRE(json.ok());
  CHECK(state.out.find("\"before\"") != std::string::npos);

  register_job(agent, "after");
  const auto index = agent.get("/v1/jobs").index;
  const auto restored = agent.cli({"operator", "snapshot", "restore", file});
  INFO(restored.err);
  REQUIRE(restored.code == 0);
  CHECK(restored.out == "Snapshot Restored\n");
  CHECK(status_of(agent, "before") == 200);
  CHECK(status_of(agent, "after") == 404);
  CHECK(agent.get("/v1/jobs").index > index);
  CHECK(agent.get("/v1/job/before").index > index);
  register_job(agent, "again");

  SECTION("also after a crash") {
    agent.signal(SIGKILL);
    agent.wait();
    begin(agent);
    CHECK(status_of(agent, "before") == 200);
    CHECK(status_of(agent, "after") == 404);
    CHECK(status_of(agent, "again") == 200);
  }
  SECTION("also on a new server, where indexes go on behind those of the old") {
    const auto last = agent.get("/v1/jobs").index;
    const auto newest = files.path() + "/two.snap";
    REQUIRE(agent.cli({"operator", "snapshot", "save", newest}).code == 0);
    Directory other;
    Agent fresh(alone(other));
    begin(fresh);
    REQUIRE(fresh.cli({"operator", "snapshot", "restore", newest}).code == 0);
    CHECK(status_of(fresh, "again") == 200);
    CHECK(fresh.get("/v1/jobs").index > last);
    register_job(fresh, "more");
    CHECK(fresh.get("/v1/job/more").index > last + 1);
  }
}

TEST_CASE("a blocking query sees a restore", "[integration][snapshot]") {
  Directory data, files;
  const auto file = files.path() + "/one.snap";
  Agent agent(alone(data));
  begin(agent);
  register_job(agent, "one");
  REQUIRE(agent.cli({"operator", "snapshot", "save", file}).code == 0);
  register_job(agent, "two");
  auto answer = agent.get("/v1/jobs");
  std::atomic<bool> asking = false;
  // The scheduler changes what is said of the job, too: asked until it is gone, or until no change is told of,
  // which by itself would take longer than get() waits.
  std::thread waiting([&] {
    while (answer.status == 200 && answer.body.find("\"two\"") != std::string::npos) {
      asking = true;
      const auto before = answer.index;
      answer = agent.get("/v1/jobs?wait=10m&index=" + std::to_string(before));
      if (answer.index <= before) break;
    }
  });
  await([&] { return asking.load(); });
  const auto restored = agent.cli({"operator", "snapshot", "restore", file});
  waiting.join();
  REQUIRE(restored.code == 0);
  REQUIRE(answer.status == 200);
  CHECK(answer.body.find("\"two\"") == std::string::npos);
}

TEST_CASE("what is no snapshot is refused in one line and changes nothing", "[integration][snapshot]") {
  Directory data, files;
  const auto file = files.path() + "/one.snap";
  Agent agent(alone(data));
  begin(agent);
  register_job(agent, "kept");
  REQUIRE(agent.cli({"operator", "snapshot", "save", file}).code == 0);
  const auto good = read(file);
  auto flipped = good;
  flipped[flipped.size() / 3] ^= 1;
  const auto cut = good.substr(0, good.size() / 2);
  for (const auto& bytes : {flipped, cut, std::string("nonsense"), std::string(100'000, '\0'), good + "x"}) {
    const auto path = files.file("bad.snap", bytes);
    const auto refused = agent.cli({"operator", "snapshot", "restore", path});
    CHECK(refused.code == 1);
    CHECK(refused.err.find("Error verifying snapshot: ") == 0);
    CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
    CHECK(run(nomad({"operator", "snapshot", "inspect", path})).code == 1);
    CHECK(run(nomad({"operator", "snapshot", "state", path})).code == 1);
    const auto answer = agent.put("/v1/operator/snapshot", bytes);
    CHECK(answer.status == 500);
    CHECK(answer.body.find("failed to restore from snapshot: ") == 0);
  }
  CHECK(agent.put("/v1/operator/snapshot", "").status == 500);
  CHECK(agent.remove("/v1/operator/snapshot").status == 405);
  CHECK(run(nomad({"operator", "snapshot", "inspect", files.path() + "/none"})).code == 1);
  CHECK(run(nomad({"operator", "snapshot", "inspect"})).code == 1);
  CHECK(status_of(agent, "kept") == 200);
  CHECK(std::filesystem::is_empty(data.path() + "/server/archives"));
}

TEST_CASE("a restore through any server is the state of all three", "[integration][snapshot]") {
  const Directory data[3];
  Directory files;
  const auto file = files.path() + "/one.snap";
  auto servers = three(data);
  register_job(*servers[0], "before");
  REQUIRE(servers[1]->cli({"operator", "snapshot", "save", file}).code == 0);
  register_job(*servers[1], "after");
  const auto restored = servers[2]->cli({"operator", "snapshot", "restore", file});
  INFO(restored.err);
  REQUIRE(restored.code == 0);
  for (auto& server : servers) {
    CHECK(status_of(*server, "before") == 200);
    CHECK(status_of(*server, "after") == 404);
  }
  servers[0]->signal(SIGKILL);
  servers[0]->wait();
  REQUIRE(await([&] { return servers[1]->put("/v1/jobs", api_job("meanwhile", "sleep 600")).status == 200; }));
  servers[0]->start();
  CHECK(await([&] {
    return servers[0]->get("/v1/job/meanwhile?stale").status == 200 && servers[0]->get("/v1/job/after?stale").status == 404;
  }));
  // Without the others there is no leader: only a stale snapshot can be had.
  for (const auto i : {1, 2}) {
    servers[static_cast<std::size_t>(i)]->signal(SIGKILL);
    servers[static_cast<std::size_t>(i)]->wait();
  }
  const auto none = servers[0]->cli({"operator", "snapshot", "save", files.path() + "/current.snap"});
  CHECK(none.code == 1);
  CHECK(none.err.find("Failed to get snapshot file: ") == 0);
  CHECK_FALSE(std::filesystem::exists(files.path() + "/current.snap"));
  CHECK(servers[0]->cli({"operator", "snapshot", "save", "-stale", files.path() + "/stale.snap"}).code == 0);
}
