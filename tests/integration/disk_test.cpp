// SPDX-License-Identifier: MPL-2.0
// A disk that is full, and one that may not be written.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"
#include "tests/integration/small_disk.h"

using namespace integration;

namespace {

constexpr const char* kServer = "server {\n  enabled = true\n  bootstrap_expect = 1\n}\n";

// A job that takes about `kib` KiB of log and of state.
std::string large_job(const std::string& id, std::size_t kib) { return api_job(id, "exit 0 # " + std::string(kib * 1024, 'x')); }

bool elected(const Agent& agent) {
  return await([&] { return agent.get("/v1/status/leader").body.size() > 2; });
}

// Registers jobs until one is refused; how many were acknowledged.
int register_until_refused(const Agent& agent, std::size_t kib, HttpAnswer& refusal) {
  for (int i = 0; i < 1000; ++i) {
    refusal = agent.put("/v1/jobs", large_job("full-" + std::to_string(i), kib));
    if (refusal.status != 200) return i;
  }
  return -1;
}

int missing_jobs(const Agent& agent, int acknowledged) {
  int missing = 0;
  for (int i = 0; i < acknowledged; ++i) missing += agent.get("/v1/job/full-" + std::to_string(i)).status != 200;
  return missing;
}

}  // namespace

TEST_CASE("a server on a full disk refuses writes with the reason, and goes on when there is space", "[integration][disk]") {
  SmallDisk disk(40);
  if (skipped(disk.missing())) return;
  Agent agent({.arguments = {}, .config = kServer, .data_dir = disk.path() + "/data", .ports = {}});
  agent.start();
  REQUIRE(elected(agent));
  REQUIRE(agent.put("/v1/jobs", api_job("before", "exit 0")).status == 200);
  REQUIRE(agent.get("/v1/job/before").status == 200);
  disk.fill();
  HttpAnswer refusal;
  const auto acknowledged = register_until_refused(agent, 64, refusal);
  REQUIRE(acknowledged >= 0);
  CHECK(refusal.status == 500);
  CAPTURE(refusal.body);
  CHECK(refusal.body.find("the disk is full") != std::string::npos);
  // It stays up: the next write is refused at once, reads say that they would be old, or are.
  const auto next = agent.put("/v1/jobs", api_job("while-full", "exit 0"));
  CHECK(next.status == 500);
  CHECK(next.body.find("the disk is full, nothing is written until it has space") != std::string::npos);
  const auto read = agent.get("/v1/job/before");
  CHECK((read.status == 200 || read.body.find("the disk is full, the newest changes cannot be read") != std::string::npos));
  CHECK(agent.get("/v1/job/before?stale").status == 200);
  CHECK(agent.get("/v1/job/while-full?stale").status == 404);
  CHECK(agent.said("disk is full, writes wait until it has space") == 1);

  SECTION("space comes back") {
    disk.empty();
    CHECK(agent.says("disk has space again"));
    CHECK(await([&] { return agent.put("/v1/jobs", api_job("after", "exit 0")).status == 200; }));
  }
  SECTION("the agent is killed, and started again when there is space") {
    agent.signal(SIGKILL);
    REQUIRE(agent.wait() == -SIGKILL);
    disk.empty();
    agent.start();
    REQUIRE(elected(agent));
    CHECK(await([&] { return agent.put("/v1/jobs", api_job("after", "exit 0")).status == 200; }));
  }
  CHECK(missing_jobs(agent, acknowledged) == 0);
  CHECK(agent.get("/v1/job/before").status == 200);
  CHECK(agent.get("/v1/job/while-full").status == 404);
}

TEST_CASE("a server that finds no space for a new directory says so and ends, and starts when there is some", "[integration][disk]") {
  SmallDisk disk(40);
  if (skipped(disk.missing())) return;
  Agent agent({.arguments = {}, .config = kServer, .data_dir = disk.path() + "/data", .ports = {}});
  disk.fill();
  agent.start();
  CHECK(agent.wait() == 1);
  CHECK(agent.log().find("No space left on device") != std::string::npos);
  disk.empty();
  agent.start();
  CHECK(elected(agent));
}

TEST_CASE("a server that is started on a full disk has all it acknowledged, and writes when there is space", "[integration][disk]") {
  SmallDisk disk(40);
  if (skipped(disk.missing())) return;
  Agent agent({.arguments = {}, .config = kServer, .data_dir = disk.path() + "/data", .ports = {}});
  agent.start();
  REQUIRE(elected(agent));
  disk.fill();
  HttpAnswer refusal;
  const auto acknowledged = register_until_refused(agent, 64, refusal);
  REQUIRE(acknowledged >= 0);
  agent.signal(SIGKILL);
  REQUIRE(agent.wait() == -SIGKILL);
  agent.start();
  CHECK(await([&] { return !agent.running() || agent.said("disk is full") + agent.said("cluster leadership acquired") > 1; }));
  CAPTURE(agent.log());
  if (!agent.running()) CHECK(agent.log().find("full") != std::string::npos);
  disk.empty();
  if (!agent.running()) agent.start();
  REQUIRE(elected(agent));
  CHECK(await([&] { return agent.put("/v1/jobs", api_job("after", "exit 0")).status == 200; }));
  CHECK(missing_jobs(agent, acknowledged) == 0);
}

TEST_CASE("on a client's full disk new work fails with the reason and running tasks stay, whatever becomes of the agent", "[integration][disk]") {
  SmallDisk disk(40);
  if (skipped(disk.missing())) return;
  Directory server_data;
  Agent server({.arguments = {}, .config = kServer, .data_dir = server_data.path(), .ports = {}});
  Agent client({.arguments = {},
                .config = "client {\n  enabled = true\n  network_interface = \"lo\"\n  servers = [\"127.0.0.1:" + std::to_string(server.ports().rpc) +
                          "\"]\n  options = { \"driver.raw_exec.enable\" = \"true\" }\n  reserved { disk = 1 }\n}\n",
                .data_dir = disk.path() + "/data",
                .ports = {}});
  server.start();
  client.start();
  REQUIRE(ready(server, 1));
  const auto registered = server.put("/v1/jobs", api_job("stays", "while :; do sleep 1; done", 10));
  CAPTURE(registered.body);
  REQUIRE(registered.status == 200);
  REQUIRE(await([&] { return client_status(server, "stays") == "running"; }));
  const auto pid = task_pid("stays-marker");
  disk.fill();
  // One after the other, until the client's own memory has no room either or enough have failed for that reason.
  for (int i = 0; i < 5 && client.running(); ++i) {
    const auto id = "more-" + std::to_string(i);
    REQUIRE(server.put("/v1/jobs", api_job(id, "exit 0", 10)).status == 200);
    CHECK(await([&] { return !client.running() || client_status(server, id) == "failed"; }));
    CAPTURE(client.log());
    if (client.running()) CHECK(server.get("/v1/job/" + id + "/allocations").body.find("No space left on device") != std::string::npos);
    else CHECK(client.log().find("the agent cannot go on: error=\"client state: ") != std::string::npos);
  }
  CHECK(::kill(pid, 0) == 0);
  disk.empty();
  if (!client.running()) client.start();
  REQUIRE(server.put("/v1/jobs", api_job("after", "exit 0", 10)).status == 200);
  CHECK(await([&] { return client_status(server, "after") == "complete"; }));
  CHECK(client_status(server, "stays") == "running");
  CHECK(task_pid("stays-marker") == pid);
  server.remove("/v1/job/stays?purge=true");
  CHECK(await([] { return task_pid("stays-marker") == 0; }));
}

TEST_CASE("an agent that may not write its data directory names it and ends", "[integration][disk]") {
  if (skipped(::geteuid() != 0 ? "only root can start an agent as somebody else" : "")) return;
  Directory place;
  std::filesystem::copy_file(nomad({}).front(), place.path() + "/nomad");
  ::chmod(place.path().c_str(), 0755);
  ::chmod((place.path() + "/nomad").c_str(), 0755);
  std::filesystem::create_directory(place.path() + "/data");
  const auto as_nobody = [&](std::vector<std::string> arguments) {
    std::vector<std::string> command{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", place.path() + "/nomad", "agent"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run(command);
  };
  SECTION("a server's") {
    ::chmod((place.path() + "/data").c_str(), 0755);
    const auto ran = as_nobody({"-server", "-bootstrap-expect=1", "-data-dir", place.path() + "/data"});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 1);
    CHECK(ran.err.find("cannot make directory " + place.path() + "/data/server: Permission denied") != std::string::npos);
    CHECK(std::filesystem::is_empty(place.path() + "/data"));
  }
  SECTION("a client's") {
    ::chmod((place.path() + "/data").c_str(), 0755);
    const auto ran = as_nobody({"-client", "-servers=127.0.0.1:1", "-data-dir", place.path() + "/data"});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 1);
    CHECK(ran.err.find(place.path() + "/data/client: Permission denied") != std::string::npos);
    CHECK(std::filesystem::is_empty(place.path() + "/data"));
  }
  SECTION("one that it may not even look into") {
    std::filesystem::create_directory(place.path() + "/data/server");
    ::chmod((place.path() + "/data").c_str(), 0700);
    const auto ran = as_nobody({"-server", "-bootstrap-expect=1", "-data-dir", place.path() + "/data"});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.code == 1);
    CHECK(ran.err.find("Permission denied") != std::string::npos);
  }
}
