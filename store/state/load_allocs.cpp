// SPDX-License-Identifier: MPL-2.0
// All allocations at once. They are most of a large state, and decoding one depends on no other: two threads, each
// with a connection of its own, read a piece of the table after another, and then fill the cluster's sets. Nothing
// writes meanwhile, and what comes of it is the same as if one had done it all.
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "store/by_two.h"
#include "store/state/reader.h"
#include "store/state/rows.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;

// Fewer are read before a thread has begun.
constexpr std::int64_t kAloneMax = 20'000;
// So many that neither thread waits long for the other's last one.
constexpr std::size_t kPieces = 32;

void do_by_two(const std::vector<std::function<void()>>& works) {
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (auto i = next++; i < works.size(); i = next++) works[i]();
  };
  by_two(take, take);
}

// Allocations beside each other that were placed from the same version of a job.
struct Run {
  Index job_modify_index;
  std::uint32_t allocs = 0, live = 0;
};

// Rows that were read, in order of `seq`; the allocations still lack their jobs.
struct AllocRows {
  std::vector<std::shared_ptr<model::Allocation>> allocs;
  std::vector<Run> runs;
  RowSum sum, documents;

  void add(model::Allocation&& alloc, Index job_modify_index) {
    if (runs.empty() || runs.back().job_modify_index != job_modify_index || allocs.back()->job_id != alloc.job_id || allocs.back()->ns != alloc.ns)
      runs.push_back({.job_modify_index = job_modify_index});
    ++runs.back().allocs;
    if (!alloc.terminal()) ++runs.back().live;
    allocs.push_back(std::make_shared<model::Allocation>(std::move(alloc)));
  }
};

// With a `seq` from `first` up to `last`.
Result<AllocRows> read_rows(Connection& db, std::int64_t first, std::int64_t last) {
  AllocRows out;
  AllocReader reader;
  TRY(auto rows, db.query("SELECT " + alloc_columns() + " FROM alloc a LEFT JOIN alloc_doc d ON d.alloc = a.seq"
                          " WHERE a.seq BETWEEN ?1 AND ?2 ORDER BY a.seq", first, last));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) break;
    TRY(auto read, reader.read(rows));
    out.add(std::move(read), {rows.unsigned_integer(kAllocJobModifyIndex)});
  }
  out.sum = reader.sum();
  out.documents = reader.documents();
  return out;
}

// A table of so many values of `seq`, in pieces that are taken one after another.
class Pieces {
 public:
  Pieces(std::int64_t first, std::int64_t last) : first_(static_cast<std::uint64_t>(first)), last_(static_cast<std::uint64_t>(last)) {}

  // Until none is left.
  void read(Connection& db) {
    for (auto i = next_++; i < kPieces; i = next_++) read_[i] = read_rows(db, at(begin(i)), i + 1 == kPieces ? at(last_) : at(begin(i + 1) - 1));
  }
  void read_apart(const std::string& path) {
    auto db = open_reader(path);
    if (db.ok()) return read(*db);
    failed_ = db.error();
  }
  // In order, all of them.
  Result<std::vector<AllocRows>> take() {
    if (failed_) return *failed_;
    std::vector<AllocRows> out;
    for (auto& piece : read_) {
      TRY(out.emplace_back(), std::move(*piece));
    }
    return out;
  }

 private:
  std::uint64_t begin(std::size_t i) const { return first_ + (last_ - first_) / kPieces * i; }
  static std::int64_t at(std::uint64_t seq) { return static_cast<std::int64_t>(seq); }

  std::uint64_t first_, last_;  // modulo 2^64
  std::atomic<std::size_t> next_ = 0;
  std::array<std::optional<Result<AllocRows>>, kPieces> read_;
  std::optional<Error> failed_;
};

// In order, all of them.
Result<std::vector<AllocRows>> read_all(Connection& db) {
  TRY(const auto first, db.get_integer("SELECT min(seq) FROM alloc"));
  TRY(const auto last, db.get_integer("SELECT max(seq) FROM alloc"));
  const bool few = !first || static_cast<std::uint64_t>(*last) - static_cast<std::uint64_t>(*first) < static_cast<std::uint64_t>(kAloneMax);
  if (few || db.path() == ":memory:") {
    std::vector<AllocRows> out;
    TRY(out.emplace_back(), read_rows(db, first.value_or(0), last.value_or(0)));
    return out;
  }
  Pieces pieces(*first, *last);
  by_two([&] { pieces.read(db); }, [&, path = db.path()] { pieces.read_apart(path); });
  return pieces.take();
}

// The version of a job that an allocation was placed from, its body in memory.
Result<model::JobPtr> find_version(Connection& db, Books& books, const model::JobKey& job, Index job_modify_index) {
  const auto book = books.jobs.find(job);
  auto* const version = book == books.jobs.end() ? nullptr : book->second.version(job_modify_index);
  if (version == nullptr) return Error{Errc::corrupt, db.path() + ": an allocation of job " + job.id.text + " lacks its version"};
  if (!version->body) {
    TRY(version->body, load_version(db, job, job_modify_index));
  }
  return version->body;
}

}  // namespace

Status load_allocs(Connection& db, model::Cluster& cluster, Books& books) {
  TRY(auto read, read_all(db));
  RowSum sum, documents;
  std::vector<model::AllocPtr> all;
  for (auto& rows : read) {
    sum.add(rows.sum);
    documents.add(rows.documents);
    all.reserve(static_cast<std::size_t>(sum.rows));
    auto next = rows.allocs.begin();
    for (const auto& run : rows.runs) {
      const auto job = (*next)->job_key();
      TRY(const auto version, find_version(db, books, job, run.job_modify_index));
      books.count(job, run.job_modify_index, run.allocs, run.live);
      for (auto left = run.allocs; left > 0; --left, ++next) {
        (*next)->job = version;
        all.push_back(std::move(*next));
      }
    }
    rows = {};
  }
  TRY(check_sum(db, kAllocRow, sum));
  TRY(check_sum(db, kAllocDocRow, documents));
  if (all.size() > static_cast<std::size_t>(kAloneMax)) cluster.fill(std::move(all), do_by_two);
  else cluster.fill(std::move(all));
  return core::ok_status();
}

}  // namespace store::state
