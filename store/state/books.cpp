// SPDX-License-Identifier: MPL-2.0
#include "store/state/books.h"

#include <algorithm>

#include "core/base/assert.h"

namespace store::state {

Version* JobBook::version(Index job_modify_index) {
  const auto at = std::lower_bound(versions.begin(), versions.end(), job_modify_index,
                                   [](const Version& v, Index wanted) { return v.job_modify_index < wanted; });
  return at != versions.end() && at->job_modify_index == job_modify_index ? &*at : nullptr;
}

void Books::count(const model::Evaluation& eval) {
  auto& book = jobs[eval.job_key()];
  ++book.evals;
  if (!eval.terminal()) ++book.live_evals;
  if (eval.status == model::EvalStatus::blocked) book.blocked.insert(eval.id);
}

void Books::discount(const model::Evaluation& eval) {
  auto& book = jobs[eval.job_key()];
  ASSERT(book.evals > 0);
  --book.evals;
  if (!eval.terminal()) --book.live_evals;
  if (eval.status == model::EvalStatus::blocked) book.blocked.erase(eval.id);
}

void Books::count(const model::Allocation& alloc) { count(alloc.job_key(), alloc.job->job_modify_index, 1, alloc.terminal() ? 0 : 1); }

void Books::count(const model::JobKey& job, Index job_modify_index, std::uint32_t allocs, std::uint32_t live) {
  auto& book = jobs[job];
  book.allocs += allocs;
  book.live_allocs += live;
  auto* const version = book.version(job_modify_index);
  ASSERT(version != nullptr);
  version->allocs += allocs;
}

void Books::discount(const model::Allocation& alloc) {
  auto& book = jobs[alloc.job_key()];
  ASSERT(book.allocs > 0);
  --book.allocs;
  if (!alloc.terminal()) --book.live_allocs;
  auto* const version = book.version(alloc.job->job_modify_index);
  ASSERT(version != nullptr);
  --version->allocs;
}

model::JobStatus derive_status(const model::Job& job, const JobBook& book, std::size_t evals_coming) {
  const bool lasting = job.type == "system" || !job.periodic.text.empty() ||
                       (!job.parameterized.text.empty() && !job.dispatched);
  if (lasting) return job.stop ? model::JobStatus::dead : model::JobStatus::running;
  if (book.live_allocs > 0) return model::JobStatus::running;
  if (book.live_evals + evals_coming > 0) return model::JobStatus::pending;
  if (book.allocs + book.evals > 0) return model::JobStatus::dead;
  return job.status == model::JobStatus::dead ? model::JobStatus::dead : model::JobStatus::pending;
}

}  // namespace store::state
