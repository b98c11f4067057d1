// SPDX-License-Identifier: MPL-2.0
#include "core/raft/log_tail.h"

#include <catch2/catch.hpp>

#include "tests/support/raft_builder.h"
#include "tests/support/raft_printers.h"

using core::Index;
using core::Term;
using core::raft::EntryId;
using core::raft::LogTail;
using test::RaftLog;

namespace {

LogTail tail_of(const RaftLog& log) { return LogTail({{}, {}, Index{1}, {}, {}, {}, log.entries}); }

core::raft::Entry next_entry(const LogTail& tail, std::uint64_t term) {
  core::raft::Entry entry;
  entry.id = {Term{term}, tail.last().index.next()};
  entry.payload = std::make_shared<const core::Bytes>("x");
  entry.digest = chain_digest(tail.last_digest(), entry);
  return entry;
}

}  // namespace

TEST_CASE("terms are known by index, for entries in memory and let go", "[raft][log-tail]") {
  const RaftLog log({1, 1, 3, 3, 3, 7});
  auto tail = tail_of(log);
  tail.shed(Index{4}, 0);
  REQUIRE(tail.base().index == Index{4});
  for (std::uint64_t i = 0; i <= 6; ++i) CHECK(tail.term_at(Index{i}) == log.id(i).term);
  CHECK_FALSE(tail.term_at(Index{7}));
  CHECK(tail.find(Index{4}) == nullptr);
  REQUIRE(tail.find(Index{5}) != nullptr);
  CHECK(tail.find(Index{5})->id == log.id(5));
}

TEST_CASE("digests are known for what is in memory and one before", "[raft][log-tail]") {
  const RaftLog log({1, 1, 2});
  auto tail = tail_of(log);
  CHECK(tail.digest_at(Index{0}) == core::Digest{});
  tail.shed(Index{2}, 0);
  CHECK_FALSE(tail.digest_at(Index{1}));
  CHECK(tail.digest_at(Index{2}) == log.digest(2));
  CHECK(tail.digest_at(Index{3}) == log.digest(3));
}

TEST_CASE("the newest entry of at most a term skips whole terms", "[raft][log-tail][raft-5.3]") {
  const auto tail = tail_of(RaftLog({1, 1, 4, 4, 5, 5, 6}));
  CHECK(tail.newest_at_most(Index{7}, Term{6}) == EntryId{Term{6}, Index{7}});
  CHECK(tail.newest_at_most(Index{6}, Term{6}) == EntryId{Term{5}, Index{6}});
  CHECK(tail.newest_at_most(Index{7}, Term{3}) == EntryId{Term{1}, Index{2}});
  CHECK(tail.newest_at_most(Index{99}, Term{4}) == EntryId{Term{4}, Index{4}});
  CHECK(tail.newest_at_most(Index{7}, Term{0}) == EntryId{});
}

TEST_CASE("cutting off entries cuts their terms and what was durable of them", "[raft][log-tail]") {
  auto tail = tail_of(RaftLog({1, 1, 2, 3}));
  CHECK(tail.durable() == Index{4});
  tail.truncate_from(Index{3});
  CHECK(tail.last() == EntryId{Term{1}, Index{2}});
  CHECK(tail.durable() == Index{2});
  CHECK_FALSE(tail.term_at(Index{3}));
}

TEST_CASE("a save under way does not vouch for entries that replaced its own", "[raft][log-tail]") {
  auto tail = tail_of(RaftLog({1, 1}));
  tail.append(next_entry(tail, 1));
  tail.saving(1);  // 1/3
  tail.truncate_from(Index{3});
  tail.append(next_entry(tail, 2));
  tail.saving(2);  // 2/3
  tail.truncate_from(Index{3});
  tail.append(next_entry(tail, 1 + 1));
  tail.saving(3);  // once more 2/3
  tail.saved(1);
  CHECK(tail.durable() == Index{2});
  tail.saved(2);
  CHECK(tail.durable() == Index{2});
  tail.saved(3);
  CHECK(tail.durable() == Index{3});
}

TEST_CASE("memory is let go from the oldest on, and only as far as allowed", "[raft][log-tail]") {
  auto tail = tail_of(RaftLog(std::vector<std::uint64_t>(100, 1)));
  const auto all = tail.bytes();
  tail.shed(Index{60}, all / 2);
  CHECK(tail.bytes() <= all / 2);
  CHECK(tail.base().index <= Index{60});
  tail.shed(Index{70}, 0);
  CHECK(tail.base().index == Index{70});
  tail.append(next_entry(tail, 1));
  CHECK(tail.find(Index{101}) != nullptr);
  CHECK(tail.find(Index{71}) != nullptr);
  CHECK(tail.find(Index{70}) == nullptr);
}

TEST_CASE("a log reset to a snapshot goes on after it", "[raft][log-tail][raft-7]") {
  const RaftLog log({1, 1, 2, 2, 2});
  auto tail = tail_of(RaftLog({1, 1, 1}));
  tail.reset_to(log.last(), log.digest(5), Index{2});
  tail.saving(9);
  CHECK(tail.last() == log.last());
  CHECK(tail.first() == Index{6});
  CHECK(tail.durable() == Index{2});
  CHECK(tail.holds(log.last()));
  CHECK_FALSE(tail.term_at(Index{3}));
  tail.append(next_entry(tail, 2));
  tail.saved(9);
  CHECK(tail.durable() == Index{5});
}

TEST_CASE("entries dropped from disk are dropped from memory", "[raft][log-tail]") {
  const RaftLog log({1, 1, 2, 2, 3});
  auto tail = tail_of(log);
  tail.set_snapshot(log.id(4), log.digest(4));
  tail.drop_before(Index{4});
  CHECK(tail.first() == Index{4});
  CHECK_FALSE(tail.term_at(Index{2}));
  CHECK(tail.term_at(Index{4}) == Term{2});
  CHECK(tail.newest_at_most(Index{5}, Term{1}) == EntryId{});
  tail.drop_before(Index{6});
  CHECK(tail.last() == log.last());
  CHECK(tail.term_at(Index{5}) == Term{3});
}
