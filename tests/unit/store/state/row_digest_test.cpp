// SPDX-License-Identifier: MPL-2.0
// Rows that are not what was written: in the file at the start, under a reader, under the writer, in an image.
#include "store/state/row_digest.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "core/base/base64.h"
#include "core/base/rng.h"
#include "store/state/image.h"
#include "store/state/schema.h"
#include "tests/unit/store/state/reading.h"

using namespace core;
using namespace core::model;
using namespace store::state;
using test::Reading;

namespace {

constexpr RequestId kRequest{1, 2};

store::Connection open_by_hand(const std::string& path) {
  auto db = store::Connection::open(path, {.access = store::Access::read_write});
  REQUIRE(db.ok());
  return std::move(db).value();
}

void run(const std::string& path, const std::string& sql) {
  auto db = open_by_hand(path);
  const auto done = db.execute(sql);
  INFO(sql);
  INFO((done.ok() ? std::string() : done.error().detail));
  REQUIRE(done.ok());
}

std::vector<std::vector<std::string>> rows(const std::string& path, const std::string& sql) {
  auto db = open_by_hand(path);
  auto query = db.query(sql);
  REQUIRE(query.ok());
  std::vector<std::vector<std::string>> out;
  for (auto more = query->step(); more.ok() && *more; more = query->step()) {
    auto& row = out.emplace_back();
    for (int i = 0; i < query->columns(); ++i) row.emplace_back(query->text(i));
  }
  return out;
}

// A closed database with rows in every table; the digest of what it says.
Digest write_all_tables(const std::string& path) {
  test::Scene s(path);
  raft::Configuration configuration;
  configuration.put({.id = ServerId{"a"}, .address = "10.0.0.1:4647", .voter = true});
  configuration.put({.id = ServerId{"b"}, .address = "10.0.0.2:4647", .voter = false});
  s.apply_entry(s.feed.configuration(configuration));
  s.done(ClusterCreated{"cluster-1", "global"});
  s.done(s.placing(1, 3));
  s.done(s.reporting(1, ClientStatus::running));
  s.apply_entry(s.feed.entry(s.registration(test::JobBuilder("other").group("g", 1).build(), 2), kRequest));
  s.done(Reaped{.collected_by = "eval-gc", .evals = {}, .allocs = {}, .jobs = {}});
  s.done(SnapshotPieceSent{"r1", 0, to_base64("some bytes")});
  return s.digest();
}

void copy(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  for (const auto* const beside : {"-wal", "-shm"}) std::filesystem::remove(to + beside);
}

std::string refusal(const std::string& path) {
  const auto opened = StateMachine::open(path);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == Errc::corrupt);
  return opened.error().detail;
}

void check_reads_nothing(const Result<Answer>& answer) {
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == Errc::corrupt);
}

}  // namespace

TEST_CASE("a change of any column of any table is damage", "[state][rows]") {
  test::TempDir directory;
  const auto path = directory / "state.db", changed = directory / "changed.db";
  write_all_tables(path);
  for (const auto* const kind : kRowKinds) {
    const std::string table(kind->name);
    CAPTURE(table);
    const auto columns = rows(path, "SELECT name, type FROM pragma_table_info('" + table + "')");
    REQUIRE(columns.size() == static_cast<std::size_t>(kind->count) + 1);
    for (const auto& column : columns) {
      CAPTURE(column[0]);
      copy(path, changed);
      const auto first = " FROM " + table + " ORDER BY 1 LIMIT 1";
      const auto before = rows(path, "SELECT " + column[0] + first);
      REQUIRE_FALSE(before.empty());
      const auto other = column[1] == "INTEGER" ? column[0] + " + 1000" : "coalesce(" + column[0] + ", '') || 'x'";
      const auto key = columns[0][0];
      run(changed, "PRAGMA ignore_check_constraints = ON; UPDATE " + table + " SET " + column[0] + " = " + other + " WHERE " + key + " = (SELECT " + key + first + ")");
      CHECK(refusal(changed).find(changed + ": ") == 0);
    }
  }
  REQUIRE(StateMachine::open(path).ok());
}

TEST_CASE("damage is told with file, table and row", "[state][rows]") {
  test::TempDir directory;
  const auto path = directory / "state.db";
  write_all_tables(path);
  SECTION("of an object") {
    run(path, "UPDATE node SET name = 'mine' WHERE id = '" + test::uuid(2) + "'");
    CHECK(refusal(path) == path + ": table node, row " + test::uuid(2) + ": does not match its digest");
  }
  SECTION("of a document") {
    run(path, "UPDATE alloc_doc SET doc = replace(doc, 'CPU', 'cpu') WHERE alloc = 2");
    CHECK(refusal(path) == path + ": table alloc_doc, row 2: does not match its digest");
  }
  SECTION("of a job") {
    run(path, "UPDATE job SET priority = 99 WHERE id = 'web'");
    CHECK(refusal(path) == path + ": table job, row default web: does not match its digest");
  }
}

TEST_CASE("a row that is gone, twice there, or an older one, is damage", "[state][rows]") {
  test::TempDir directory;
  const auto path = directory / "state.db";
  write_all_tables(path);
  SECTION("gone, in any table") {
    const auto changed = directory / "changed.db";
    for (const auto* const kind : kRowKinds) {
      const std::string table(kind->name);
      CAPTURE(table);
      copy(path, changed);
      run(changed, "DELETE FROM " + table);
      refusal(changed);
    }
    copy(path, changed);
    run(changed, "DELETE FROM eval WHERE seq = 2");
    CHECK(refusal(changed) == changed + ": table eval: holds 1 rows, 2 were written");
    copy(path, changed);
    run(changed, "DELETE FROM row_sum");
    refusal(changed);
  }
  SECTION("copied to another key") {
    run(path, "CREATE TEMP TABLE t AS SELECT * FROM eval WHERE seq = 1; UPDATE t SET seq = 3, id = '" + test::uuid(77) + "'; INSERT INTO eval SELECT * FROM t");
    CHECK(refusal(path).find("does not match its digest") != std::string::npos);
  }
  SECTION("a document under another allocation") {
    run(path, "UPDATE alloc_doc SET (doc, digest) = (SELECT doc, digest FROM alloc_doc WHERE alloc = 1) WHERE alloc = 2");
    CHECK(refusal(path).find("does not match its digest") != std::string::npos);
  }
  SECTION("as it was before") {
    // What a page that was never written would bring back.
    const auto before = rows(path, "SELECT digest, status, modify_index, modify_time, doc FROM eval WHERE seq = 1").front();
    {
      auto state = StateMachine::open(path);
      REQUIRE(state.ok());
      auto ended = *state->view()->eval(EvalId{test::uuid(1)});
      ended.status = EvalStatus::complete;
      const EvalsUpdated event{{ended}};
      raft::Entry entry{.id = {Term{1}, state->applied().index.next()}, .kind = raft::EntryKind::command, .type = type_of(Event(event)),
                        .time = test::kEpoch + 1h, .request = {}, .payload = std::make_shared<const Bytes>(encode_payload(event)), .digest = {}};
      REQUIRE(state->apply({&entry, 1}).ok());
    }
    REQUIRE(StateMachine::open(path).ok());
    run(path, "UPDATE eval SET digest = " + before[0] + ", status = '" + before[1] + "', modify_index = " + before[2] +
                  ", modify_time = " + before[3] + ", doc = '" + before[4] + "' WHERE seq = 1");
    CHECK(refusal(path) == path + ": table eval: a row stands for another that was written");
  }
}

TEST_CASE("a bit that turns over where rows are is noticed, or changes nothing", "[state][rows]") {
  test::TempDir directory;
  const auto path = directory / "state.db", changed = directory / "changed.db";
  const auto sound = write_all_tables(path);
  const auto pages = rows(path, "SELECT pageno FROM dbstat WHERE pagetype = 'leaf' AND pageno > 1 AND name IN (SELECT name FROM sqlite_schema WHERE type = 'table')");
  REQUIRE(pages.size() >= kRowKinds.size());
  Rng rng(7);
  int noticed = 0;
  for (int i = 0; i < 600; ++i) {
    copy(path, changed);
    const auto offset = (std::stoull(pages[rng.below(pages.size())][0]) - 1) * 4096 + rng.below(4096);
    const auto mask = static_cast<char>(1 << rng.below(8));
    CAPTURE(i, offset, static_cast<int>(mask));
    {
      std::fstream file(changed, std::ios::in | std::ios::out | std::ios::binary);
      char byte = 0;
      file.seekg(static_cast<std::streamoff>(offset)).get(byte);
      file.seekp(static_cast<std::streamoff>(offset)).put(static_cast<char>(byte ^ mask));
    }
    auto state = StateMachine::open(changed);
    if (state.ok()) CHECK(state->digest().value() == sound);
    else CHECK(state.error().code == Errc::corrupt);
    noticed += state.ok() ? 0 : 1;
  }
  CHECK(noticed > 60);
}

TEST_CASE("a reader does not serve a row that is not what was written", "[state][rows]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1));
  REQUIRE(s.state.commit().ok());
  const EvalId eval{test::uuid(1)};
  const NodeId node{test::uuid(1)};
  const auto alloc = s.alloc(1)->id;
  SECTION("of a node") {
    run(r.path, "UPDATE node SET stub = replace(stub, 'ready', 'reedy')");
    check_reads_nothing(list_nodes(r.reader, {}));
    check_reads_nothing(list_nodes(r.reader, {.resources = true}));
    check_reads_nothing(get_node(r.reader, node));
  }
  SECTION("of a node's document") {
    run(r.path, "UPDATE node_doc SET doc = replace(doc, 'kernel', 'colonel')");
    check_reads_nothing(get_node(r.reader, node));
  }
  SECTION("of a job") {
    run(r.path, "UPDATE job SET summary = replace(summary, '0', '1')");
    check_reads_nothing(list_jobs(r.reader, {}));
    check_reads_nothing(get_job(r.reader, s.key));
    check_reads_nothing(get_job_summary(r.reader, s.key));
    check_reads_nothing(list_job_versions(r.reader, s.key));
    CHECK(count_jobs(r.reader, {}, 10).error().code == Errc::corrupt);
  }
  SECTION("of a version") {
    run(r.path, "UPDATE job_version SET doc = replace(doc, 'api', 'apj')");
    check_reads_nothing(get_job(r.reader, s.key));
    check_reads_nothing(list_job_versions(r.reader, s.key));
    check_reads_nothing(get_alloc(r.reader, alloc));
  }
  SECTION("of an evaluation") {
    run(r.path, "UPDATE eval SET doc = replace(doc, 'service', 'servile')");
    check_reads_nothing(list_evals(r.reader, {}));
    check_reads_nothing(list_job_evals(r.reader, s.key));
    check_reads_nothing(get_eval(r.reader, eval));
  }
  SECTION("of an allocation") {
    run(r.path, "UPDATE alloc SET client_description = 'all is well'");
    check_reads_nothing(list_allocs(r.reader, {}));
    check_reads_nothing(list_allocs(r.reader, {.resources = true}));
    check_reads_nothing(list_job_allocs(r.reader, s.key, true));
    check_reads_nothing(list_eval_allocs(r.reader, eval));
    check_reads_nothing(list_node_allocs(r.reader, node));
    check_reads_nothing(get_alloc(r.reader, alloc));
  }
  SECTION("of an allocation's document") {
    run(r.path, "UPDATE alloc_doc SET doc = replace(doc, 'CPU', 'cpu')");
    check_reads_nothing(get_alloc(r.reader, alloc));
  }
  SECTION("of where the state stands") {
    run(r.path, "UPDATE meta SET applied_index = applied_index + 1");
    CHECK(read_meta(r.reader).error().code == Errc::corrupt);
  }
  SECTION("of a piece to be restored") {
    s.done(SnapshotPieceSent{"r1", 0, to_base64("some bytes")});
    run(r.path, "UPDATE restore_piece SET bytes = x'00'");
    CHECK_FALSE(StateMachine::open(r.path).ok());
  }
}

TEST_CASE("what an update leaves as it is, is not proved anew when it is damaged", "[state][rows]") {
  Reading r;
  auto& s = r.scene;
  const auto fails = [&](const Event& event) {
    const auto entry = s.feed.entry(event);
    const auto batch = s.state.apply({&entry, 1});
    REQUIRE_FALSE(batch.ok());
    CHECK(batch.error().code == Errc::corrupt);
  };
  SECTION("a job's entry in lists") {
    run(r.path, "UPDATE job SET stub = replace(stub, 'service', 'servile')");
    fails(s.placing(1));
  }
  SECTION("a row that is gone") {
    run(r.path, "DELETE FROM eval");
    fails(s.ending(1));
  }
}

TEST_CASE("an image of rows that are not what was written is not sound", "[state][rows][image]") {
  Reading r;
  auto& s = r.scene;
  s.done(s.placing(1));
  REQUIRE(s.state.commit().ok());
  const auto path = r.directory / "image.db";
  SECTION("sound") {
    REQUIRE(write_image(r.reader, path).ok());
    const auto checked = check_image(path);
    INFO((checked.ok() ? std::string() : checked.error().detail));
    CHECK(checked.ok());
  }
  SECTION("a changed row") { run(r.path, "UPDATE alloc SET name = 'web.api[7]'"); }
  SECTION("a lost row") { run(r.path, "DELETE FROM node_doc WHERE node = 1"); }
  if (std::filesystem::exists(path)) return;
  REQUIRE(write_image(r.reader, path).ok());
  const auto checked = check_image(path);
  REQUIRE_FALSE(checked.ok());
  CHECK(checked.error().code == Errc::corrupt);
}

TEST_CASE("rows that an older release wrote are given their digests", "[state][rows]") {
  test::TempDir directory;
  const auto path = directory / "state.db";
  const auto sound = write_all_tables(path);
  run(path, test::undo_digests() + "PRAGMA user_version = 3");
  {
    auto state = StateMachine::open(path);
    REQUIRE(state.ok());
    CHECK(state->digest().value() == sound);
  }
  CHECK(check_image(path).ok());
  run(path, "UPDATE job_version SET doc = replace(doc, 'api', 'apj')");
  refusal(path);
}
