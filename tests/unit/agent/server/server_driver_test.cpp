// SPDX-License-Identifier: MPL-2.0
#include "agent/server/server_driver.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "store/env_posix.h"

namespace {

using namespace std::chrono_literals;
using agent::server::ServerDriver;
using core::server::Answer;

struct Directory {
  Directory() {
    char name[] = "/tmp/server-driver-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string path;
};

core::model::Job job(const std::string& id) {
  core::model::Job job;
  job.id = core::JobId{id};
  job.datacenters = {"dc1"};
  job.type = "batch";
  job.groups.resize(1);
  job.groups[0].name = "g";
  job.groups[0].tasks.resize(1);
  job.groups[0].tasks[0].name = "t";
  job.groups[0].tasks[0].driver = "mock_driver";
  return job;
}

// One server alone on a loop; run() spins it until `done` or ten seconds passed.
class Alone {
 public:
  explicit Alone(const std::string& directory) : give_up_(loop_, [this] { loop_.stop(); }) {
    core::Rng rng(1);
    auto restored = agent::server::restore(env_, directory, 1 << 20, rng, {});
    REQUIRE(restored.ok());
    ServerDriver::Options options;
    options.server.raft.self = restored->id;
    options.seed = 7;
    if (restored->fresh) options.bootstrap.peers = {{.id = restored->id, .address = "127.0.0.1:4647", .voter = true}};
    driver = std::make_unique<ServerDriver>(
        loop_, options, std::move(*restored),
        ServerDriver::Hooks{.send = [](const auto&) { FAIL("a lone server has nobody to send to"); },
                            .on_failed = [](const core::Error& error) { FAIL(error.detail); },
                            .on_leadership = {},
                            .on_configuration = {}},
        core::Logger{});
    driver->on_leader([this] { loop_.stop(); });
    give_up_.arm(loop_.now() + 10s);
    loop_.run();
    REQUIRE(driver->leads());
    driver->on_leader({});
  }
  ~Alone() { driver.reset(); }

  core::Result<Answer> submit(core::server::Command command) {
    std::optional<core::Result<Answer>> answer;
    driver->submit(std::move(command), {}, [&](core::Result<Answer> a) {
      answer = std::move(a);
      loop_.stop();
    });
    give_up_.arm(loop_.now() + 10s);
    loop_.run();
    REQUIRE(answer.has_value());
    return *answer;
  }

  std::unique_ptr<ServerDriver> driver;

 private:
  store::PosixEnv env_;
  net::uv::Loop loop_;
  net::uv::Timer give_up_;
};

}  // namespace

TEST_CASE("a lone server elects itself and acknowledges a job it has written", "[server]") {
  Directory directory;
  Alone server(directory.path);
  const auto answer = server.submit(core::server::RegisterJob{.job = job("one"), .enforce_index = false, .job_modify_index = {}, .preserve_counts = false});
  REQUIRE(answer.ok());
  CHECK(answer->job_modify_index == answer->index);
  CHECK(answer->eval_create_index == answer->index);
  CHECK(!answer->eval_id.empty());
  const auto stored = server.driver->view()->job({"default", core::JobId{"one"}});
  REQUIRE(stored != nullptr);
  CHECK(stored->groups[0].count == 1);
}

TEST_CASE("what was acknowledged is there after a restart", "[server]") {
  Directory directory;
  {
    Alone server(directory.path);
    REQUIRE(server.submit(core::server::RegisterJob{.job = job("kept"), .enforce_index = false, .job_modify_index = {}, .preserve_counts = false}).ok());
  }
  SECTION("from the state database") {}
  SECTION("from the log alone, when the database is gone") { std::filesystem::remove(directory.path + "/state.db"); }
  SECTION("from the log alone, when the database is damaged") {
    std::filesystem::resize_file(directory.path + "/state.db", 100);
  }
  Alone server(directory.path);
  REQUIRE(server.submit(core::server::EvaluateJob{{"default", core::JobId{"kept"}}}).ok());
}

TEST_CASE("a job that breaks a rule is refused with every reason and changes nothing", "[server]") {
  Directory directory;
  Alone server(directory.path);
  auto bad = job("bad one");
  bad.groups[0].tasks[0].driver.clear();
  const auto answer = server.submit(core::server::RegisterJob{.job = bad, .enforce_index = false, .job_modify_index = {}, .preserve_counts = false});
  REQUIRE(!answer.ok());
  CHECK(answer.error().detail.find("Job ID contains a space") != std::string::npos);
  CHECK(answer.error().detail.find("Missing task driver") != std::string::npos);
  CHECK(server.driver->view()->job({"default", core::JobId{"bad one"}}) == nullptr);
}

TEST_CASE("two servers cannot have one directory", "[server]") {
  Directory directory;
  Alone first(directory.path);
  store::PosixEnv env;
  core::Rng rng(2);
  const auto second = agent::server::restore(env, directory.path, 1 << 20, rng, {});
  REQUIRE(!second.ok());
  CHECK(second.error().code == core::Errc::in_use);
}
