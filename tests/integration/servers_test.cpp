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

using namespace integration;
using namespace std::chrono_literals;

namespace {

std::string rpc_of(const Ports& ports) { return "127.0.0.1:" + std::to_string(ports.rpc); }

std::string server_config(const std::vector<Ports>& listed, int expect, const std::string& more = "") {
  std::string peers;
  for (const auto& ports : listed) peers += (peers.empty() ? "\"" : ", \"") + rpc_of(ports) + "\"";
  return "bind_addr = \"127.0.0.1\"\nserver {\n  enabled = true\n  bootstrap_expect = " + std::to_string(expect) +
         "\n  static_peers = [" + peers + "]\n" + more + "}\n";
}

// Three servers that find each other by a list of addresses.
class Servers {
 public:
  explicit Servers(const std::string& more = "") {
    for (int i = 0; i < 3; ++i) ports_.push_back(free_ports());
    for (int i = 0; i < 3; ++i)
      servers_.push_back(std::make_unique<Agent>(Agent::Options{
          .arguments = {}, .config = server_config(ports_, 3, more), .data_dir = directories_[i].path(), .ports = ports_[i]}));
    for (auto& server : servers_) server->start();
    REQUIRE(await([this] { return leader() >= 0; }));
  }

  Agent& operator[](int i) { return *servers_[static_cast<std::size_t>(i)]; }
  const std::vector<Ports>& ports() const { return ports_; }
  const std::string& data_dir(int i) const { return directories_[i].path(); }

  // The server that one of the living names as its leader; -1 while none does.
  int leader() {
    for (auto& server : servers_) {
      if (!server->running()) continue;
      const auto answer = server->get("/v1/status/leader?stale").body;
      for (int i = 0; i < 3; ++i)
        if ((*this)[i].running() && answer == "\"" + rpc_of(ports_[static_cast<std::size_t>(i)]) + "\"") return i;
    }
    return -1;
  }
  void kill(int i) {
    (*this)[i].signal(SIGKILL);
    (*this)[i].wait();
  }

 private:
  Directory directories_[3];
  std::vector<Ports> ports_;
  std::vector<std::unique_ptr<Agent>> servers_;
};

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
