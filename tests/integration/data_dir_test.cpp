// SPDX-License-Identifier: MPL-2.0
// A server's directory that is not what this server left: of another cluster, release or region, in
// use, or with bytes changed behind its back.
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;
namespace fs = std::filesystem;

namespace {

std::string server_config(const std::string& more = "") { return "server {\n  enabled = true\n  bootstrap_expect = 1\n" + more + "}\n"; }

bool elected(const Agent& agent) {
  return await([&] { return agent.get("/v1/status/leader").body.size() > 2; });
}

// A server with a directory, stopped by kill -9 so that its files are as a crash leaves them.
struct Server {
  explicit Server(const std::string& config = server_config()) : agent({.arguments = {}, .config = config, .data_dir = data.path(), .ports = {}}) {}
  void begin(int jobs, const std::string& prefix = "job-") {
    agent.start();
    REQUIRE(elected(agent));
    for (int i = 0; i < jobs; ++i) REQUIRE(agent.put("/v1/jobs", api_job(prefix + std::to_string(i), "exit 0")).status == 200);
    REQUIRE(jobs_there(jobs, prefix) == jobs);  // what was read is in the database, too
  }
  void kill() {
    agent.signal(SIGKILL);
    REQUIRE(agent.wait() == -SIGKILL);
  }
  // Starts and ends by itself; the log of that start.
  std::string refused() {
    agent.start();
    CHECK(agent.wait() == 1);
    return agent.log();
  }
  int jobs_there(int count, const std::string& prefix = "job-") {
    int there = 0;
    for (int i = 0; i < count; ++i) there += agent.get("/v1/job/" + prefix + std::to_string(i)).status == 200;
    return there;
  }
  std::string path(const std::string& name) const { return data.path() + "/server/" + name; }
  Directory data;
  Agent agent;
};

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void flip(const std::string& path, std::size_t offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  char byte = 0;
  file.get(byte);
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ 0x10));
  REQUIRE(file.good());
}

std::vector<std::string> files_in(const std::string& directory, const std::string& suffix) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().string().ends_with(suffix)) out.push_back(entry.path().string());
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return std::pair(a.size(), a) < std::pair(b.size(), b); });  // 8-2.db, 12-2.db
  return out;
}

std::string sqlite(const std::string& path, const std::string& statement) { return run({"sqlite3", path, statement}).out; }

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a byte changed in the middle of the log is found: the server names file and offset, and changes nothing", "[integration][damage]") {
  Server server;
  server.begin(5);
  server.kill();
  const auto segment = files_in(server.path("log"), ".seg").front();
  const auto whole = bytes_of(segment);
  const auto offset = whole.find("job-2-marker");
  REQUIRE(offset != std::string::npos);
  flip(segment, offset);
  const auto damaged = bytes_of(segment);
  const auto log = server.refused();
  CAPTURE(log);
  CHECK(has(log, "==> Error starting agent: server setup failed: " + segment + ": offset "));
  CHECK(has(log, "though entries up to "));
  CHECK(bytes_of(segment) == damaged);
  // Put right again, everything is there.
  flip(segment, offset);
  server.agent.start();
  REQUIRE(elected(server.agent));
  CHECK(server.jobs_there(5) == 5);
}

TEST_CASE("what a crash left behind the last entry is cut, and what was acknowledged stays", "[integration][damage]") {
  Server server;
  server.begin(5);
  server.kill();
  const auto segment = files_in(server.path("log"), ".seg").front();
  const auto whole = bytes_of(segment);
  const auto end = (whole.find_last_not_of('\0') / 8 + 1) * 8;
  {
    std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(end));
    file << std::string(300, '\x5a');
  }
  server.agent.start();
  REQUIRE(elected(server.agent));
  CHECK(server.agent.says("cut a write that was never finished: " + segment));
  CHECK(server.jobs_there(5) == 5);
  CHECK(server.agent.put("/v1/jobs", api_job("after", "exit 0")).status == 200);
}

TEST_CASE("a state database that is damaged, gone, or of another cluster is built anew from the log", "[integration][damage]") {
  Server server;
  server.begin(5);
  server.kill();
  const auto state = server.path("state.db");
  const auto expect_rebuilt = [&](const std::string& reason) {
    server.agent.start();
    REQUIRE(elected(server.agent));
    CAPTURE(server.agent.log());
    if (!reason.empty()) CHECK(server.agent.says("state database is rebuilt: path=" + state + " reason="));
    if (!reason.empty()) CHECK(has(server.agent.log(), reason));
    CHECK(server.jobs_there(5) == 5);
    CHECK(server.agent.sql("select count(*) from jobs") == "5\n");
    CHECK(server.agent.sql("pragma integrity_check") == "ok\n");
  };
  SECTION("its first bytes") {
    sqlite(state, "pragma wal_checkpoint(truncate)");
    flip(state, 3);
    expect_rebuilt("file is not a database");
  }
  SECTION("a page in its middle") {
    sqlite(state, "pragma wal_checkpoint(truncate)");
    const auto root = std::stoul(sqlite(state, "select rootpage from sqlite_schema where name = 'job'"));
    const auto page = std::stoul(sqlite(state, "pragma page_size"));
    flip(state, (root - 1) * page);
    expect_rebuilt("malformed");
  }
  SECTION("gone") {
    for (const auto* suffix : {"", "-wal", "-shm"}) fs::remove(state + suffix);
    expect_rebuilt("");
    CHECK(server.agent.says("state database is built from the log: path=" + state));
  }
  SECTION("another kind of database") {
    sqlite(state, "pragma wal_checkpoint(truncate); pragma application_id = 7");
    expect_rebuilt("application");
  }
  SECTION("of another cluster") {
    Server other;
    other.begin(3, "stranger-");
    other.kill();
    sqlite(other.path("state.db"), "pragma wal_checkpoint(truncate)");
    for (const auto* suffix : {"-wal", "-shm"}) fs::remove(state + suffix);
    fs::copy_file(other.path("state.db"), state, fs::copy_options::overwrite_existing);
    expect_rebuilt("it is not of this log's history");
    CHECK(server.jobs_there(3, "stranger-") == 0);
  }
}

TEST_CASE("a state database that a later release wrote is refused and left as it is", "[integration][damage]") {
  Server server;
  server.begin(1);
  server.kill();
  const auto state = server.path("state.db");
  sqlite(state, "pragma user_version = 99");
  const auto log = server.refused();
  CAPTURE(log);
  CHECK(has(log, state + ": schema version 99 is not known; this release reads up to "));
  CHECK(sqlite(state, "pragma user_version") == "99\n");
}

TEST_CASE("an index of the state database that is damaged ends the agent when it is met, and the next start builds it anew", "[integration][damage]") {
  Server server;
  server.begin(5);
  server.kill();
  const auto state = server.path("state.db");
  sqlite(state, "pragma wal_checkpoint(truncate)");
  const auto root = std::stoul(sqlite(state, "select rootpage from sqlite_schema where name = 'sqlite_autoindex_job_1'"));
  const auto page = std::stoul(sqlite(state, "pragma page_size"));
  flip(state, (root - 1) * page);
  server.agent.start();
  // Met at the start or with the first write that needs it.
  await([&] {
    server.agent.put("/v1/jobs", api_job("more", "exit 0"));
    return !server.agent.running() || server.agent.said("rebuilt") > 0;
  });
  if (!server.agent.running()) {
    CHECK(has(server.agent.log(), "state database is damaged: it is set aside, the next start builds it anew"));
    CHECK(fs::exists(state + ".damaged"));
    server.agent.start();
  }
  REQUIRE(elected(server.agent));
  CHECK(server.jobs_there(5) == 5);
  CHECK(server.agent.put("/v1/jobs", api_job("after", "exit 0")).status == 200);
  CHECK(server.agent.sql("pragma integrity_check") == "ok\n");
}

TEST_CASE("a damaged snapshot is passed over while an older one and the log do", "[integration][damage]") {
  // 3 MB a job: the log is cut behind a snapshot only where a whole segment goes.
  Server server(server_config("  snapshot_every = 4\n  trailing_logs = 1\n"));
  server.begin(1);
  const auto large = [&](int i) { return api_job("large-" + std::to_string(i), "exit 0 # " + std::string(3'000'000, 'x')); };
  const auto snapshots = [&] { return files_in(server.path("snapshots"), ".db"); };
  int large_jobs = 0;
  const auto begins_behind = [&] { return !fs::exists(files_in(server.path("log"), ".seg").front()) || !files_in(server.path("log"), ".seg").front().ends_with("00001.seg"); };
  REQUIRE(await([&] {
    REQUIRE(server.agent.put("/v1/jobs", large(large_jobs)).status == 200);
    ++large_jobs;
    return snapshots().size() == 2 && begins_behind();
  }));
  server.kill();
  const auto kept = snapshots();
  REQUIRE(kept.size() == 2);
  flip(kept.back(), bytes_of(kept.back()).size() / 2);
  SECTION("the state still stands") {
    server.agent.start();
    const bool started = elected(server.agent);
    CAPTURE(server.agent.log());
    REQUIRE(started);
    CHECK(server.agent.says("snapshot passed over"));
    CHECK(has(server.agent.log(), kept.back()));
    CHECK(server.jobs_there(1) == 1);
    CHECK(server.jobs_there(large_jobs, "large-") == large_jobs);
  }
  SECTION("both are damaged, and the log begins behind them: it is refused") {
    flip(kept.front(), bytes_of(kept.front()).size() / 2);
    const auto log = server.refused();
    CAPTURE(log);
    CHECK(has(log, "and there is no valid snapshot of what came before"));
    CHECK(fs::exists(kept.front()));
    CHECK(fs::exists(kept.back()));
  }
}

TEST_CASE("term and vote survive one damaged slot, and are never made up when both are", "[integration][damage]") {
  Server server;
  server.begin(3);
  server.kill();
  const auto file = server.path("hard_state");
  SECTION("the first") {
    flip(file, 20);
    server.agent.start();
    REQUIRE(elected(server.agent));
    CHECK(server.agent.says("rewrote a damaged slot: " + file + ": offset 0"));
    CHECK(server.jobs_there(3) == 3);
  }
  SECTION("the second") {
    flip(file, 4096 + 20);
    server.agent.start();
    REQUIRE(elected(server.agent));
    CHECK(server.agent.says("rewrote a damaged slot: " + file + ": offset 4096"));
    CHECK(server.jobs_there(3) == 3);
  }
  SECTION("both") {
    flip(file, 20);
    flip(file, 4096 + 20);
    const auto before = bytes_of(file);
    const auto log = server.refused();
    CAPTURE(log);
    CHECK(has(log, file + ": both slots are damaged: term and vote of this server are lost"));
    CHECK(bytes_of(file) == before);
  }
  SECTION("the file is gone") {
    fs::remove(file);
    CHECK(has(server.refused(), file + " is missing, but there is a log"));
    CHECK(!fs::exists(file));
  }
}

TEST_CASE("a server's directory stays in its region and keeps its name", "[integration][damage]") {
  Server server;
  server.begin(2);
  server.kill();
  SECTION("another region") {
    server.agent.configure("region = \"moon\"\n" + server_config());
    const auto log = server.refused();
    CAPTURE(log);
    CHECK(has(log, server.data.path() + "/server: belongs to region \"global\", and this agent is configured for \"moon\""));
    server.agent.configure(server_config());
  }
  SECTION("an id that is none") {
    const auto id = bytes_of(server.path("server-id"));
    std::ofstream(server.path("server-id")) << "somebody\n";
    CHECK(has(server.refused(), server.path("server-id") + ": not a UUID"));
    std::ofstream(server.path("server-id")) << id;
  }
  SECTION("the log of another server") {
    Server other;
    other.begin(1, "stranger-");
    other.kill();
    fs::remove_all(server.path("log"));
    fs::copy(other.path("log"), server.path("log"));
    fs::copy_file(other.path("hard_state"), server.path("hard_state"), fs::copy_options::overwrite_existing);
    server.agent.start();
    CHECK(server.agent.says("this server is not a member of the cluster whose log it holds"));
    return;
  }
  server.agent.start();
  REQUIRE(elected(server.agent));
  CHECK(server.jobs_there(2) == 2);
}

TEST_CASE("each port that is in use is named", "[integration][input]") {
  Server first;
  first.begin(0);
  Directory data;
  const auto& taken = first.agent.ports();
  auto ports = free_ports();
  SECTION("HTTP") { ports.http = taken.http; }
  SECTION("RPC") { ports.rpc = taken.rpc; }
  const auto which = ports.http == taken.http ? std::pair{"HTTP", taken.http} : std::pair{"RPC", taken.rpc};
  Agent second({.arguments = {}, .config = server_config(), .data_dir = data.path(), .ports = ports});
  second.start();
  CHECK(second.wait() == 1);
  CAPTURE(second.log());
  CHECK(has(second.log(), std::string("failed to start ") + which.first + " listener"));
  CHECK(has(second.log(), "127.0.0.1:" + std::to_string(which.second) + ": address already in use"));
}

TEST_CASE("a directory that another agent uses is refused, for a server and for a client", "[integration][input]") {
  Server first;
  first.begin(0);
  Agent server({.arguments = {}, .config = server_config(), .data_dir = first.data.path(), .ports = {}});
  server.start();
  CHECK(server.wait() == 1);
  CHECK(has(server.log(), first.path("lock") + " is in use by process " + std::to_string(first.agent.pid())));
  const auto client_config = "client {\n  enabled = true\n  network_interface = \"lo\"\n  servers = [\"127.0.0.1:" + std::to_string(first.agent.ports().rpc) + "\"]\n}\n";
  Directory data;
  Agent one({.arguments = {}, .config = client_config, .data_dir = data.path(), .ports = {}});
  one.start();
  REQUIRE(ready(first.agent, 1));
  Agent two({.arguments = {}, .config = client_config, .data_dir = data.path(), .ports = {}});
  two.start();
  CHECK(two.wait() == 1);
  CAPTURE(two.log());
  CHECK(has(two.log(), "in use by process " + std::to_string(one.pid())));
  CHECK(one.running());
}
