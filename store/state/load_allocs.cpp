// SPDX-License-Identifier: MPL-2.0
// All allocations at once. They are most of a large state, and decoding one depends on no other: two threads, each
// with a connection of its own, read half of them each. Nothing writes meanwhile, and what comes of it is the same
// as if one had read all.
#include <memory>
#include <numeric>
#include <thread>

#include "store/state/reader.h"
#include "store/state/rows.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;

// Fewer are read before a thread has begun.
constexpr std::int64_t kAloneMax = 20'000;

// Rows that were read, in order of `seq`; the allocations still lack their jobs.
struct AllocRows {
  std::vector<std::shared_ptr<model::Allocation>> allocs;
  std::vector<Index> versions;
  RowSum sum, documents;
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
    out.allocs.push_back(std::make_shared<model::Allocation>(std::move(read)));
    out.versions.push_back({rows.unsigned_integer(kAllocJobModifyIndex)});
  }
  out.sum = reader.sum();
  out.documents = reader.documents();
  return out;
}

Result<AllocRows> read_apart(const std::string& path, std::int64_t first, std::int64_t last) {
  TRY(auto db, open_reader(path));
  return read_rows(db, first, last);
}

// In order, all of them.
Result<std::vector<AllocRows>> read_all(Connection& db) {
  TRY(const auto written, stored_sum(db, kAllocRow));
  TRY(const auto first, db.get_integer("SELECT min(seq) FROM alloc"));
  TRY(const auto last, db.get_integer("SELECT max(seq) FROM alloc"));
  std::vector<AllocRows> out;
  // Of a damaged file nothing is believed: neither that there are as many, nor where.
  if (written.rows <= kAloneMax || !first || !last || db.path() == ":memory:") {
    TRY(out.emplace_back(), read_rows(db, first.value_or(0), last.value_or(0)));
    return out;
  }
  const auto middle = std::midpoint(*first, *last);
  Result<AllocRows> upper = AllocRows{};
  std::thread apart([&, path = db.path()] { upper = read_apart(path, middle + 1, *last); });
  auto lower = read_rows(db, *first, middle);
  apart.join();
  TRY(out.emplace_back(), std::move(lower));
  TRY(out.emplace_back(), std::move(upper));
  return out;
}

// Allocations of one job stand together: the version found last is most often the one wanted next.
class Versions {
 public:
  Versions(Connection& db, Books& books) : db_(db), books_(books) {}

  Result<model::JobPtr> find(const model::Allocation& alloc, Index job_modify_index) {
    if (last_ && last_->job_modify_index == job_modify_index && last_->id == alloc.job_id && last_->ns == alloc.ns) return last_;
    const auto key = alloc.job_key();
    const auto book = books_.jobs.find(key);
    auto* const version = book == books_.jobs.end() ? nullptr : book->second.version(job_modify_index);
    if (version == nullptr)
      return Error{Errc::corrupt, db_.path() + ": an allocation of job " + key.id.text + " lacks its version"};
    if (!version->body) {
      TRY(version->body, load_version(db_, key, job_modify_index));
    }
    return last_ = version->body;
  }

 private:
  Connection& db_;
  Books& books_;
  model::JobPtr last_;
};

}  // namespace

Status load_allocs(Connection& db, model::Cluster& cluster, Books& books) {
  TRY(auto read, read_all(db));
  Versions versions(db, books);
  RowSum sum, documents;
  std::vector<model::AllocPtr> all;
  all.reserve(read.front().allocs.size() * read.size());
  for (auto& rows : read) {
    sum.add(rows.sum);
    documents.add(rows.documents);
    for (std::size_t i = 0; i < rows.allocs.size(); ++i) {
      auto& alloc = rows.allocs[i];
      TRY(alloc->job, versions.find(*alloc, rows.versions[i]));
      books.count(*alloc);
      all.push_back(std::move(alloc));
    }
    rows = {};
  }
  TRY(check_sum(db, kAllocRow, sum));
  TRY(check_sum(db, kAllocDocRow, documents));
  cluster.fill(std::move(all));
  return core::ok_status();
}

}  // namespace store::state
