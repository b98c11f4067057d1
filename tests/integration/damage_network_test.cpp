// SPDX-License-Identifier: MPL-2.0
// One of three servers on hosts of their own has a disk that fills up, or loses bytes, while clients write and
// read registers through all three: the others go on, and nothing that was acknowledged is lost.
#include <catch2/catch.hpp>

#include <csignal>

#include "tests/integration/hosted.h"
#include "tests/integration/register_load.h"
#include "tests/integration/rot.h"
#include "tests/integration/small_disk.h"

using namespace integration;

namespace {

constexpr int kServers = 3;

// Server `i` answers reads of its own state again that take part in the order of all.
bool serves(HostedServers& servers, int i) {
  return await([&] { return servers[i].get("/v1/jobs").status == 200; }, std::chrono::seconds(40));
}

// All have applied the same history, by its digests, up to the same entry. REQUIRES: nobody writes.
bool same_histories(HostedServers& servers) {
  return await([&] {
    std::string positions[kServers];
    for (int i = 0; i < kServers; ++i) positions[i] = servers[i].sql("select applied_index, applied_term, hex(applied_digest) from meta");
    return !positions[0].empty() && positions[0] == positions[1] && positions[1] == positions[2];
  });
}

// The first page of a table or an index, in the byte that says what kind of page it is.
void flip_page_of(const std::string& name, const std::string& data_dir) {
  const auto database = data_dir + "/server/state.db";
  // What was written last stands in a file beside it, and would stand for the page.
  run({"sqlite3", database, "pragma wal_checkpoint(truncate)"});
  const auto number = [&](const std::string& query) { return std::stoll(run({"sqlite3", "-readonly", database, query}).out); };
  flip(database, (number("select rootpage from sqlite_master where name = '" + name + "'") - 1) * number("pragma page_size"));
}

}  // namespace

TEST_CASE("a server on a full disk acknowledges nothing, the others go on, and it is back when there is space", "[integration][disk][network]") {
  Network network(kServers);
  if (skipped(network.missing())) return;
  SmallDisk disk(40);
  if (skipped(disk.missing())) return;
  HostedServers servers(network, {.data_dirs = {{0, disk.path() + "/data"}}});
  const bool leads = GENERATE(true, false);
  CAPTURE(leads);
  REQUIRE(await([&] {
    const int leader = servers.leader();
    if (leader >= 0 && (leader == 0) == leads) return true;
    servers[0].cli({"operator", "raft", "transfer-leadership", "-peer-address=" + servers.rpc(leads ? 0 : 1)});
    return false;
  }));
  RegisterLoad load(servers);
  REQUIRE(load.goes_on());
  disk.fill();
  REQUIRE(servers[0].says("disk is full, writes wait until it has space"));
  CHECK(load.goes_on(30));
  // With one of the others away there is no majority that has space.
  const int other = servers.leader() == 1 ? 2 : 1;
  servers.kill(other);
  const auto acknowledged = [&] { return servers[3 - other].put("/v1/jobs", R"({"Job":{"ID":"refused","Type":"batch","Datacenters":["dc1"],"TaskGroups":[]}})").status == 200; };
  CHECK_FALSE(acknowledged());
  disk.empty();
  CHECK(servers[0].says("disk has space again"));
  CHECK(load.goes_on(30));
  servers.start(other);
  CHECK(serves(servers, other));
  CHECK(serves(servers, 0));
  CHECK(load.contradiction() == std::nullopt);
  CHECK(same_histories(servers));
}

TEST_CASE("a byte of one server rots while the others serve, and nothing is lost", "[integration][damage][network]") {
  Network network(kServers);
  if (skipped(network.missing())) return;
  HostedServers servers(network, {.in_server = "  snapshot_every = 40\n"});
  RegisterLoad load(servers);
  const int damaged = GENERATE(true, false) ? servers.leader() : servers.follower();
  REQUIRE(damaged >= 0);
  CAPTURE(damaged);
  const auto& directory = servers.data_dir(damaged);
  REQUIRE(load.goes_on(60));
  REQUIRE(await([&] { return !files(directory + "/server/snapshots", ".db").empty(); }));
  SECTION("in its log, as it runs") {
    flip(first_segment(directory), kSegmentHeader + 1500);
    CHECK(servers[damaged].says("mended with what another server had"));
  }
  SECTION("in its log, while it is down") {
    servers.kill(damaged);
    flip(first_segment(directory), kSegmentHeader + 1500);
    CHECK(load.goes_on());
    servers.start(damaged);
  }
  SECTION("in its snapshot, while it is down, and its state is gone") {
    servers.kill(damaged);
    flip(newest_snapshot(directory), 5000);
    flip(directory + "/server/state.db", 30);
    CHECK(load.goes_on());
    servers.start(damaged);
    CHECK(servers[damaged].says("snapshot passed over: what=\""));
  }
  SECTION("in its state, while it is down") {
    servers.kill(damaged);
    flip_page_of("job", directory);
    CHECK(load.goes_on());
    servers.start(damaged);
    CHECK(servers[damaged].says("state database is rebuilt"));
  }
  SECTION("in rows of its state that nothing but lists shows, while it is down") {
    servers.kill(damaged);
    run({"sqlite3", directory + "/server/state.db", "pragma wal_checkpoint(truncate)"});
    REQUIRE(flip_text(directory + "/server/state.db", "\"JobModifyIndex\":") > 0);
    CHECK(load.goes_on());
    servers.start(damaged);
    CHECK(servers[damaged].says("state database is rebuilt"));
    CHECK(servers[damaged].said(": does not match its digest") == 1);
  }
  SECTION("in a part of its state that only a write uses, while it is down") {
    servers.kill(damaged);
    flip_page_of("eval_by_job", directory);
    CHECK(load.goes_on());
    servers.start(damaged);
    CHECK(servers[damaged].wait() == 1);
    servers.start(damaged);
    CHECK(servers[damaged].says("state database is rebuilt"));
  }
  SECTION("in what was last written to its state, while it is down") {
    servers.kill(damaged);
    flip(directory + "/server/state.db-wal", 5000);
    CHECK(load.goes_on());
    servers.start(damaged);
  }
  CHECK(serves(servers, damaged));
  CHECK(load.goes_on());
  // Its vote and what it has count.
  const int gone = servers.leader() == damaged ? servers.follower() : servers.leader();
  servers.kill(gone);
  CHECK(load.goes_on());
  servers.start(gone);
  CHECK(serves(servers, gone));
  CHECK(load.contradiction() == std::nullopt);
  CHECK(same_histories(servers));
}
