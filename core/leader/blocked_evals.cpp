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
  return std::any_of(unblocked_at_.begin(), unblocked_at_.end(), [&](const auto& unblock) {
    return unblock.second > eval.snapshot_index && may_fit(eval, unblock.first);
  });
}

std::optional<model::EvalPtr> BlockedEvals::block(model::EvalPtr eval) {
  auto [it, first] = by_job_.try_emplace(eval->job_key(), eval);
  if (!first) {
    if (it->second->id == eval->id) return std::nullopt;
    auto& kept = it->second;
    if (newness(*kept) <= newness(*eval)) std::swap(kept, eval);
    duplicates_.push_back(std::move(eval));
  }
  if (!missed_unblock(*it->second)) return std::nullopt;
  auto again = std::move(it->second);
  by_job_.erase(it);
  return again;
}

std::vector<model::EvalPtr> BlockedEvals::unblock(const std::string& computed_class, Index index) {
  unblocked_at_[computed_class] = index;
  std::vector<model::EvalPtr> woken;
  std::erase_if(by_job_, [&](auto& entry) {
    if (!may_fit(*entry.second, computed_class)) return false;
    woken.push_back(std::move(entry.second));
    return true;
  });
  return woken;
}

std::vector<model::EvalPtr> BlockedEvals::unblock_max_plans() {
  std::vector<model::EvalPtr> woken;
  std::erase_if(by_job_, [&](auto& entry) {
    if (entry.second->triggered_by != model::trigger::kMaxPlans) return false;
    woken.push_back(std::move(entry.second));
    return true;
  });
  return woken;
}

void BlockedEvals::forget(const model::JobKey& job) { by_job_.erase(job); }

std::vector<model::EvalPtr> BlockedEvals::take_duplicates() { return std::exchange(duplicates_, {}); }

void BlockedEvals::prune(Index index) {
  std::erase_if(unblocked_at_, [&](const auto& unblock) { return unblock.second <= index; });
}

bool BlockedEvals::holds(const EvalId& eval) const {
  return std::any_of(by_job_.begin(), by_job_.end(), [&](const auto& entry) { return entry.second->id == eval; });
}

}  // namespace core::leader
