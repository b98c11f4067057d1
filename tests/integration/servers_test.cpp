// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <set>
#include <thread>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"
#include "tests/integration/servers.h"

using namespace integration;
using namespace std::chrono_literals;

namespace {

std::set<std::string> jobs_on(const Agent& server, const char* query = "") {
  std::set<std::string> ids;
  const auto body = server.get(std::string("/v1/jobs") + query).body;
  for (auto at = body.find("\"ID\":\""); at != std::string::npos; at = body.find("\"ID\":\"", at + 1))
    ids.insert(body.substr(at + 6, body.find('"', at + 6) - at - 6));
  return ids;
}

// Users who each register a job of their own again and again, every time another version of it, at one of
// the two servers that are not to be killed. Catch is for one thread: they only count.
class Users {
 public:
  Users(Servers& servers, int victim) {
    for (int i = 0; i < 4; ++i) {
      const Agent& server = servers[(victim + 1 + i % 2) % 3];
      threads_.emplace_back([this, &server, i] { work(server, "job-" + std::to_string(i), counts_[i]); });
    }
  }
  ~Users() { stop(); }
  struct Count {
    std::atomic<int> written = 0, failed = 0;
  };
  const Count& operator[](int i) const { return counts_[i]; }
  int written() const {
    int sum = 0;
    for (const auto& count : counts_) sum += count.written;
    return sum;
  }
  void stop() {
    stopping_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void work(const Agent& server, const std::string& id, Count& count) {
    while (!stopping_) {
      const auto version = count.written + count.failed;
      const auto answer = server.put("/v1/jobs", api_job(id, "sleep " + std::to_string(600 + version)));
      ++(answer.status == 200 ? count.written : count.failed);
    }
  }

  std::atomic<bool> stopping_ = false;
  Count counts_[4];
  std::vector<std::thread> threads_;
};

bool write(const Agent& server, const std::string& id) { return server.put("/v1/jobs", api_job(id, "sleep 600")).status == 200; }

}  // namespace

TEST_CASE("any server takes a write, and every server reads it at once", "[integration][servers]") {
  Servers servers;
  for (int i = 0; i < 3; ++i) REQUIRE(write(servers[i], "job-" + std::to_string(i)));
  const std::set<std::string> all{"job-0", "job-1", "job-2"};
  for (int i = 0; i < 3; ++i) CHECK(jobs_on(servers[i]) == all);
  for (int i = 0; i < 3; ++i) CHECK(await([&] { return jobs_on(servers[i], "?stale") == all; }));
}

TEST_CASE("whatever server is killed, nothing that was acknowledged is lost", "[integration][servers]") {
  Servers servers;
  std::set<std::string> acknowledged;
  for (int round = 0; round < 12; ++round) {
    const int victim = round % 2 == 0 ? servers.leader() : round % 3;
    const int other = (victim + 1) % 3;
    REQUIRE(victim >= 0);
    servers.kill(victim);
    for (int i = 0; i < 3; ++i) {
      const auto id = "job-" + std::to_string(round) + "-" + std::to_string(i);
      if (write(servers[other], id)) acknowledged.insert(id);
    }
    servers[victim].start();
    REQUIRE(await([&] { return jobs_on(servers[victim], "?stale").size() >= acknowledged.size(); }));
  }
  CHECK(acknowledged.size() > 12);
  for (int i = 0; i < 3; ++i) {
    const auto known = jobs_on(servers[i]);
    for (const auto& id : acknowledged)
      if (!known.contains(id)) FAIL(id << " is lost on server " << i);
  }
}

TEST_CASE("writes under way when the leader goes succeed, and happen once", "[integration][servers][requests]") {
  const bool killed = GENERATE(true, false);
  CAPTURE(killed);
  Servers servers;
  int handed_over = 0;
  for (int round = 0; round < 3; ++round) {
    const int leader = servers.leader();
    REQUIRE(leader >= 0);
    auto& other = servers[(leader + 1) % 3];
    Users users(servers, leader);
    REQUIRE(await([&] { return users.written() > 40; }));
    servers[leader].signal(killed ? SIGKILL : SIGTERM);
    CHECK(servers[leader].wait() == (killed ? -SIGKILL : 1));
    handed_over += static_cast<int>(servers[leader].said("handed leadership over"));
    const int before = users.written();
    CHECK(await([&] { return users.written() > before + 40; }));
    users.stop();
    for (int i = 0; i < 4; ++i) {
      CAPTURE(round, i);
      const auto job = "/v1/job/job-" + std::to_string(i);
      CHECK(users[i].failed == 0);
      // Every registration makes a version: as many as were acknowledged, and not one more.
      CHECK_THAT(other.get(job).body, Catch::Contains("\"Version\":" + std::to_string(users[i].written - 1) + ","));
      REQUIRE(other.remove(job + "?purge=true").status == 200);
    }
    servers[leader].start();
    REQUIRE(await([&] { return servers[leader].get("/v1/jobs").body == "[]"; }));
  }
  CHECK((handed_over > 0) == !killed);
}

TEST_CASE("without a majority nothing is acknowledged, and stale reads go on", "[integration][servers]") {
  Servers servers;
  REQUIRE(write(servers[0], "before"));
  REQUIRE(await([&] { return jobs_on(servers[2], "?stale").contains("before"); }));
  servers.kill(0);
  servers.kill(1);
  const auto answer = servers[2].put("/v1/jobs", api_job("after", "sleep 600"));
  CHECK(answer.status == 500);
  CHECK(jobs_on(servers[2], "?stale").contains("before"));
  servers[0].start();
  CHECK(await([&] { return write(servers[2], "again"); }));
}

TEST_CASE("a fourth server is taken in, and one with another address is still the same", "[integration][servers]") {
  Servers servers;
  REQUIRE(write(servers[0], "before"));
  auto listed = servers.ports();
  Directory directory;
  const auto peers = [&] { return servers[servers.leader()].get("/v1/status/peers").body; };
  for (int start = 0; start < 2; ++start) {
    const auto ports = free_ports();
    Agent fourth({.arguments = {}, .config = server_config(listed, 0), .data_dir = directory.path(), .ports = ports});
    fourth.start();
    CAPTURE(start);
    CHECK(await([&] { return peers().find(rpc_of(ports)) != std::string::npos; }));
    CHECK(await([&] { return jobs_on(fourth, "?stale").contains("before"); }));
    const auto body = peers();
    CHECK(std::count(body.begin(), body.end(), ':') == 4);
    fourth.signal(SIGKILL);
    fourth.wait();
  }
}

TEST_CASE("a server that was away for longer than the log goes back is sent a snapshot", "[integration][servers]") {
  Servers servers("  snapshot_every = 20\n  trailing_logs = 5\n");
  const int away = (servers.leader() + 1) % 3, other = (away + 1) % 3;
  REQUIRE(write(servers[other], "first"));
  servers.kill(away);
  for (int i = 0; i < 60; ++i) REQUIRE(write(servers[other], "job-" + std::to_string(i)));
  servers[away].start();
  CHECK(await([&] { return jobs_on(servers[away], "?stale").size() == 61; }));
  CHECK(servers[away].log().find("installing a snapshot") != std::string::npos);
  const auto dump = [&](int i) { return servers[i].sql("select id, modify_index, status from jobs order by id"); };
  CHECK(await([&] { return dump(away) == dump(other); }));
  REQUIRE(write(servers[away], "last"));
  servers.kill(away);
  servers[away].start();
  CHECK(await([&] { return jobs_on(servers[away], "?stale").size() == 62; }));
}

TEST_CASE("a server that is gone for good is taken out, and another takes its place", "[integration][servers][operator]") {
  Servers servers;
  REQUIRE(write(servers[0], "before"));
  const int gone = (servers.leader() + 1) % 3, other = (gone + 1) % 3, last = (gone + 2) % 3;
  servers.kill(gone);
  const auto unknown = servers[other].cli({"operator", "raft", "remove-peer", "-peer-address", "127.0.0.1:9"});
  CHECK(unknown.code == 1);
  CHECK(unknown.err == "Error removing peer: Unexpected response code: 500 (address \"127.0.0.1:9\" was not found in the Raft configuration)\n");
  const auto address = rpc_of(servers.ports()[static_cast<std::size_t>(gone)]);
  const auto removed = servers[other].cli({"operator", "raft", "remove-peer", "-peer-address=" + address});
  CAPTURE(removed.err);
  REQUIRE(removed.code == 0);
  CHECK(removed.out == "Removed peer with address \"" + address + "\"\n");

  Directory directory;
  const auto ports = free_ports();
  Agent fresh({.arguments = {}, .config = server_config(servers.ports(), 0), .data_dir = directory.path(), .ports = ports});
  fresh.start();
  REQUIRE(await([&] { return servers[last].get("/v1/status/peers").body.find(rpc_of(ports)) != std::string::npos; }));
  REQUIRE(await([&] { return jobs_on(fresh, "?stale").contains("before"); }));
  // Two of the three that vote now are enough.
  servers.kill(other);
  REQUIRE(await([&] { return write(servers[last], "after"); }));
  CHECK(await([&] { return jobs_on(fresh, "?stale").contains("after"); }));
}

TEST_CASE("leadership is handed over and no write fails", "[integration][servers][operator]") {
  Servers servers;
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0, failed = 0;
  std::thread user([&] {
    for (int i = 0; !stop; ++i) write(servers[i % 3], "job-" + std::to_string(i)) ? ++written : ++failed;
  });
  for (int round = 0; round < 6; ++round) {
    CAPTURE(round);
    CHECK(await([&] { return servers.leader() >= 0; }));
    const int before = servers.leader(), next = (before + 1) % 3;
    auto command = std::vector<std::string>{"operator", "raft", "transfer-leadership"};
    if (round % 2 == 0) command.push_back("-peer-address=" + rpc_of(servers.ports()[static_cast<std::size_t>(next)]));
    const auto handed = servers[round % 3].cli(command);
    CAPTURE(handed.out, handed.err);
    CHECK(handed.code == 0);
    CHECK(await([&] { return round % 2 == 0 ? servers.leader() == next : servers.leader() >= 0 && servers.leader() != before; }));
    const int enough = written + 3;
    CHECK(await([&] { return written >= enough; }));
  }
  stop = true;
  user.join();
  CHECK(failed == 0);
}
