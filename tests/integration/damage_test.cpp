// SPDX-License-Identifier: MPL-2.0
// Bytes that rot while servers are down, and while they run: whatever one intact copy still has comes back by itself, and
// nothing that was acknowledged is missed. damage_network_test.cpp does so under load, to snapshots and states as well.
#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"
#include "tests/integration/rot.h"
#include "tests/integration/servers.h"

using namespace integration;

namespace {

std::string bytes(const std::string& path, std::streamoff offset, std::size_t size) {
  std::string out(size, '\0');
  std::ifstream(path, std::ios::binary).seekg(offset).read(out.data(), static_cast<std::streamsize>(size));
  return out;
}

// Writes jobs through whichever server leads; their ids.
std::vector<std::string> write_jobs(Servers& servers, int count, const std::string& prefix) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    const auto id = prefix + "-" + std::to_string(i);
    REQUIRE(await([&] {
      const int leader = servers.leader();
      return leader >= 0 && servers[leader].put("/v1/jobs", api_job(id, "sleep 600")).status == 200;
    }));
    ids.push_back(id);
  }
  return ids;
}

// Server `i` has all of them in its own state.
bool has(Servers& servers, int i, const std::vector<std::string>& ids) {
  return await([&] {
    return std::all_of(ids.begin(), ids.end(), [&](const auto& id) { return servers[i].get("/v1/job/" + id + "?stale").status == 200; });
  });
}

// All have applied the same history, by its digests, up to the same entry.
bool same_histories(Servers& servers) {
  return await([&] {
    std::string positions[3];
    for (int i = 0; i < 3; ++i) positions[i] = servers[i].sql("select applied_index, applied_term, hex(applied_digest) from meta");
    return !positions[0].empty() && positions[0] == positions[1] && positions[1] == positions[2];
  });
}

// One that does not lead.
int follower(Servers& servers) { return (servers.leader() + 1) % 3; }

}  // namespace

TEST_CASE("a server whose data rots while it is down is mended by the others and misses nothing", "[integration][servers][damage]") {
  Servers servers;
  REQUIRE(servers.leader() >= 0);
  auto ids = write_jobs(servers, 20, "before");
  const int damaged = follower(servers);
  servers.kill(damaged);
  const auto& directory = servers.data_dir(damaged);
  std::string asked_for;
  SECTION("an entry in its log") {
    flip(first_segment(directory), kSegmentHeader + 2000);
    asked_for = first_segment(directory) + ": offset ";
  }
  SECTION("a header in its log") { flip(first_segment(directory), 30); }
  SECTION("the beginning of its log") {
    for (std::streamoff at = 0; at < 3000; at += 100) flip(first_segment(directory), kSegmentHeader + at);
    asked_for = first_segment(directory) + ": offset 4096";
  }
  for (const auto& id : write_jobs(servers, 5, "meanwhile")) ids.push_back(id);
  servers[damaged].start();
  REQUIRE(await([&] { return servers[damaged].get("/v1/agent/self").status == 200; }));
  if (!asked_for.empty()) {
    CHECK(servers[damaged].said("other servers are asked for it: damage=\"" + asked_for) == 1);
    CHECK(servers[damaged].said("mended with what another server had") >= 1);
  }
  CHECK(has(servers, damaged, ids));
  CHECK(same_histories(servers));
}

TEST_CASE("damage in different places of all three servers loses nothing", "[integration][servers][damage]") {
  Servers servers;
  REQUIRE(servers.leader() >= 0);
  const auto ids = write_jobs(servers, 20, "kept");
  for (int i = 0; i < 3; ++i) servers.kill(i);
  for (int i = 0; i < 3; ++i) flip(first_segment(servers.data_dir(i)), kSegmentHeader + 1500 + 3000 * i);
  for (int i = 0; i < 3; ++i) servers[i].start();
  for (int i = 0; i < 3; ++i) CHECK(servers[i].says("mended with what another server had"));
  REQUIRE(await([&] { return servers.leader() >= 0; }));
  for (int i = 0; i < 3; ++i) CHECK(has(servers, i, ids));
  CHECK(same_histories(servers));
}

TEST_CASE("a damaged server of a cluster that is away takes no part, and comes back with the others", "[integration][servers][damage]") {
  Servers servers;
  REQUIRE(servers.leader() >= 0);
  const auto ids = write_jobs(servers, 10, "kept");
  for (int i = 0; i < 3; ++i) servers.kill(i);
  const auto segment = first_segment(servers.data_dir(0));
  flip(segment, kSegmentHeader + 1500);
  servers[0].start();
  CHECK(servers[0].says("no server that can be reached has what is lost"));
  CHECK(servers[0].said(segment + ": offset ") >= 1);
  // With one more there would be a majority, were this one to vote.
  servers[1].start();
  CHECK(servers[0].says("mended with what another server had"));
  REQUIRE(await([&] { return servers.leader() >= 0; }));
  servers[2].start();
  for (int i = 0; i < 3; ++i) CHECK(has(servers, i, ids));
  CHECK(same_histories(servers));
}

TEST_CASE("entries that the others have compacted away are made up for by a snapshot", "[integration][servers][damage]") {
  Servers servers("  snapshot_every = 10\n  trailing_logs = 1\n");
  REQUIRE(servers.leader() >= 0);
  auto ids = write_jobs(servers, 3, "before");
  const int damaged = follower(servers);
  servers.kill(damaged);
  const auto segment = first_segment(servers.data_dir(damaged));
  flip(segment, kSegmentHeader + 1500);
  const auto compacted = [&](int i) { return i == damaged || !std::filesystem::exists(servers.data_dir(i) + "/server/log/00000000000000000001.seg"); };
  for (int i = 0; i < 300 && !(compacted(0) && compacted(1) && compacted(2)); ++i) {
    const auto id = "bulky-" + std::to_string(i);
    REQUIRE(await([&] {
      const int leader = servers.leader();
      return leader >= 0 && servers[leader].put("/v1/jobs", api_job(id, "sleep 600" + std::string(20'000, ' '))).status == 200;
    }));
    ids.push_back(id);
  }
  for (int i = 0; i < 3; ++i) REQUIRE(compacted(i));
  servers[damaged].start();
  REQUIRE(await([&] { return servers[damaged].get("/v1/agent/self").status == 200; }));
  CHECK(servers[damaged].said("began the log anew behind the snapshot") == 1);
  CHECK(has(servers, damaged, ids));
  CHECK(same_histories(servers));
}

TEST_CASE("rot in the log of a running server is found and mended while it runs", "[integration][servers][damage]") {
  Servers servers;
  REQUIRE(servers.leader() >= 0);
  auto ids = write_jobs(servers, 20, "kept");
  const int damaged = GENERATE(0, 1) == 0 ? servers.leader() : follower(servers);
  const auto segment = first_segment(servers.data_dir(damaged));
  const auto before = bytes(segment, kSegmentHeader, 5000);
  flip(segment, kSegmentHeader + 1500);
  CHECK(servers[damaged].says("mended with what another server had: damage=\"" + segment + ": offset "));
  CHECK(bytes(segment, kSegmentHeader, 5000) == before);
  for (const auto& id : write_jobs(servers, 5, "later")) ids.push_back(id);
  CHECK(servers[damaged].running());
  CHECK(has(servers, damaged, ids));
  CHECK(same_histories(servers));
}

TEST_CASE("a row of its state that rots under a running server is not served", "[integration][servers][damage]") {
  Servers servers;
  REQUIRE(servers.leader() >= 0);
  auto ids = write_jobs(servers, 10, "kept");
  const int damaged = follower(servers);
  REQUIRE(has(servers, damaged, ids));
  const auto database = servers.data_dir(damaged) + "/server/state.db";
  // What was written last stands in a file beside it, and would stand for the page.
  // "busy|pages there|pages moved"
  const auto moved = run({"sqlite3", database, "pragma wal_checkpoint"}).out;
  REQUIRE(moved.substr(0, 2) == "0|");
  REQUIRE(moved.substr(2, moved.rfind('|') - 2) + "\n" == moved.substr(moved.rfind('|') + 1));
  REQUIRE(flip_text(database, "\"JobModifyIndex\":") > 0);
  ids.push_back(write_jobs(servers, 1, "later").front());  // what it kept of the file in memory is old by that
  CHECK(await([&] {
    servers[damaged].get("/v1/jobs?stale");
    return servers[damaged].said("state database is damaged: it is set aside") == 1;
  }));
  CHECK(servers[damaged].wait() == 1);
  CHECK(servers[damaged].said(database + ": table job, row default kept-") >= 1);
  CHECK(std::filesystem::exists(database + ".damaged"));
  servers[damaged].start();
  CHECK(has(servers, damaged, ids));
  CHECK(same_histories(servers));
}

TEST_CASE("a row that somebody changed is told and put right", "[integration][damage]") {
  Directory data;
  const Agent::Options options{.arguments = {"-server", "-bootstrap-expect=1"}, .config = "", .data_dir = data.path(), .ports = {}};
  Agent agent(options);
  agent.start();
  REQUIRE(await([&] { return agent.put("/v1/jobs", api_job("one", "sleep 600")).status == 200; }));
  REQUIRE(agent.get("/v1/jobs").body.find("\"Priority\":50,") != std::string::npos);  // it is in the database, too
  agent.signal(SIGKILL);
  agent.wait();
  const auto database = data.path() + "/server/state.db";
  REQUIRE(run({"sqlite3", database, "update job set priority = 99, stub = replace(stub, '\"Priority\":', '\"Priority\":9')"}).code == 0);
  agent.start();
  CHECK(agent.says("state database is rebuilt: path=" + database + " reason=\"" + database + ": table job, row "));
  REQUIRE(await([&] { return agent.get("/v1/status/leader").body.size() > 2; }));
  CHECK(agent.get("/v1/jobs").body.find("\"Priority\":50,") != std::string::npos);
}

TEST_CASE("rot in the log of a lone server that runs is made up for by a snapshot", "[integration][damage]") {
  Directory data;
  const Agent::Options options{.arguments = {"-server", "-bootstrap-expect=1"}, .config = "", .data_dir = data.path(), .ports = {}};
  Agent agent(options);
  agent.start();
  REQUIRE(await([&] { return agent.put("/v1/jobs", api_job("one", "sleep 600")).status == 200; }));
  for (const auto* id : {"two", "three", "four"}) REQUIRE(agent.put("/v1/jobs", api_job(id, "sleep 600")).status == 200);
  flip(first_segment(data.path()), kSegmentHeader + 1500);
  CHECK(agent.says("log is damaged: error=\"" + first_segment(data.path()) + ": offset "));
  REQUIRE(await([&] { return !files(data.path() + "/server/snapshots", ".db").empty(); }));
  REQUIRE(agent.put("/v1/jobs", api_job("five", "sleep 600")).status == 200);
  agent.signal(SIGKILL);
  agent.wait();
  agent.start();
  REQUIRE(await([&] { return agent.get("/v1/status/leader").body.size() > 2; }));
  for (const auto* id : {"one", "two", "three", "four", "five"}) CHECK(agent.get(std::string("/v1/job/") + id).status == 200);
}
