// SPDX-License-Identifier: MPL-2.0
#include "core/leader/blocked_evals.h"

#include <algorithm>
#include <utility>

namespace core::leader {
namespace {

// Only a class known to be infeasible is ruled out; a new class may fit.
bool may_fit(const model::Evaluation& eval, const std::string& computed_class) {
  if (eval.escaped_computed_class) return true;
  const auto it = eval.class_eligibility.find(computed_class);
  return it == eval.class_eligibility.end() || it->second;
}

Index newness(const model::Evaluation& eval) { return std::max(eval.create_index, eval.snapshot_index); }

}  // namespace

bool BlockedEvals::missed_unblock(const model::Evaluation& eval) const {
  return std::any_of(unblocked_.begin(), unblocked_.end(), [&](const auto& unblock) {
    return unblock.second.at > eval.snapshot_index && may_fit(eval, unblock.first);
  });
}

std::optional<model::EvalPtr> BlockedEvals::block(model::EvalPtr eval) {
  const auto job = eval->job_key();
  if (by_job_.contains(job)) {
    auto kept = take(job);
    if (kept->id != eval->id) {
      if (newness(*kept) > newness(*eval)) std::swap(kept, eval);
      duplicates_.push_back(std::move(kept));
    }
  }
  if (missed_unblock(*eval)) return eval;
  by_arrival_[arrivals_] = job;
  by_job_[job] = {std::move(eval), arrivals_++};
  return std::nullopt;
}

// REQUIRES: the job has one.
model::EvalPtr BlockedEvals::take(const model::JobKey& job) {
  const auto it = by_job_.find(job);
  ASSERT(it != by_job_.end());
  by_arrival_.erase(it->second.arrival);
  auto eval = std::move(it->second.eval);
  by_job_.erase(it);
  return eval;
}

std::vector<model::EvalPtr> BlockedEvals::unblock(const std::string& computed_class, Index index) {
  auto& unblocked = unblocked_[computed_class];
  unblocked.at = index;
  std::vector<model::JobKey> fitting;
  for (auto it = by_arrival_.lower_bound(unblocked.looked_up_to); it != by_arrival_.end(); ++it)
    if (may_fit(*by_job_.at(it->second).eval, computed_class)) fitting.push_back(it->second);
  unblocked.looked_up_to = arrivals_;
  std::vector<model::EvalPtr> woken;
  for (const auto& job : fitting) woken.push_back(take(job));
  return woken;
}

std::vector<model::EvalPtr> BlockedEvals::unblock_max_plans() {
  std::vector<model::JobKey> jobs;
  for (const auto& [arrival, job] : by_arrival_)
    if (by_job_.at(job).eval->triggered_by == model::trigger::kMaxPlans) jobs.push_back(job);
  std::vector<model::EvalPtr> woken;
  for (const auto& job : jobs) woken.push_back(take(job));
  return woken;
}

void BlockedEvals::forget(const model::JobKey& job) {
  if (by_job_.contains(job)) take(job);
}

void BlockedEvals::forget(const model::Evaluation& eval) {
  if (holds(eval)) take(eval.job_key());
}

std::vector<model::EvalPtr> BlockedEvals::take_duplicates() { return std::exchange(duplicates_, {}); }

void BlockedEvals::prune(Index index) {
  std::erase_if(unblocked_, [&](const auto& unblock) { return unblock.second.at <= index; });
}

bool BlockedEvals::holds(const model::Evaluation& eval) const {
  const auto it = by_job_.find(eval.job_key());
  return it != by_job_.end() && it->second.eval->id == eval.id;
}

}  // namespace core::leader
