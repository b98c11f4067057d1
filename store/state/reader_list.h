// SPDX-License-Identifier: MPL-2.0
// Private to the reader_*.cpp files: lists as text, pages, prefixes, indexes of answers.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "store/state/books.h"
#include "store/state/reader.h"

namespace store::state {

using core::Result;
using core::Status;
using model::Shape;

// T(table) of the API's rules: the last index at which the table changed.
Result<Index> table_index(Connection& db, Table table);
// Clients that are given index 0 ask again at once; so no answer carries it.
inline Index at_least_one(Index index) { return std::max(index, Index{1}); }

// What a list may begin and end with: ids from `from` on and below `below`.
struct Range {
  std::string from, below;
};
Range prefix_range(std::string_view prefix, std::string_view next_token);
// The prefix as UUIDs spell it: lower case, hyphens in their places. `what` names the object for people.
Result<std::string> uuid_prefix(std::string_view what, std::string_view prefix);

// A JSON array that fills up to one page.
class Page {
 public:
  explicit Page(std::size_t per_page) : left_(per_page == 0 ? ~std::size_t{0} : per_page) { out_ = "["; }

  // False when the page is full: then `key` is where the next one begins.
  bool begin_item(std::string_view key) {
    if (left_ == 0) {
      next_token_ = key;
      return false;
    }
    --left_;
    if (out_.size() > 1) out_ += ',';
    return true;
  }
  // Where the item's text goes.
  std::string& out() { return out_; }

  Answer finish(Index index) && {
    out_ += ']';
    return {.json = std::move(out_), .index = at_least_one(index), .next_token = std::move(next_token_)};
  }

 private:
  std::string out_;
  std::size_t left_;
  std::string next_token_;
};

// In the shape asked for.
Result<Answer> shaped(Answer answer, Shape shape);
Answer missing(Index index);

// reader_failed.cpp: what found no place, for clients that look for it among allocations; of a job's
// evaluations all but blocked ones, which only repeat what an earlier one said.
Status append_failed(Connection& db, const core::EvalId& eval, Page& page);
Status append_failed(Connection& db, const model::JobKey& job, Page& page);
// Not found if the id is not one of those.
Result<Answer> get_failed(Connection& db, const core::AllocId& id);

// The jobs that allocations carry, by version; allocations of one version mostly stand together.
class EmbeddedJobs {
 public:
  explicit EmbeddedJobs(Connection& db) : db_(db) {}
  // The API object as it was when the version was current.
  Result<std::string_view> json(const model::JobKey& key, Index job_modify_index);
  // The decoded job if the version has anything that the API shows with allocations, else null.
  Result<model::JobPtr> with_lifecycles(const model::JobKey& key, Index job_modify_index);

 private:
  Status load(const model::JobKey& key, Index job_modify_index);

  Connection& db_;
  model::JobKey key_;
  Index job_modify_index_;
  std::string json_;
  model::JobPtr decoded_;
};

}  // namespace store::state
