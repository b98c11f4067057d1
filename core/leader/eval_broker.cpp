// SPDX-License-Identifier: MPL-2.0
#include "core/leader/eval_broker.h"

#include <algorithm>

#include "core/base/id.h"

namespace core::leader {
namespace {

constexpr Duration kFirstNackDelay = 1s;
constexpr Duration kNackDelayStep = 20s;

Duration nack_delay(std::uint32_t deliveries) {
  return deliveries <= 1 ? kFirstNackDelay : kNackDelayStep * (deliveries - 1);
}

// How long an evaluation asked to be left alone.
Duration asked_delay(const model::Evaluation& eval, WallTime wall) {
  Duration delay = eval.wait;
  if (eval.wait_until.at.set()) delay = std::max(delay, eval.wait_until.at - wall);
  return delay;
}

// Does the evaluation only say "look again", with nobody to wait for this very one? Users wait for what
// they triggered; a rolling update's evaluation keeps the pace.
bool only_looks_again(const model::Evaluation& eval) {
  constexpr std::string_view kTriggers[] = {model::trigger::kNodeUpdate,     model::trigger::kNodeDrain,
                                            model::trigger::kQueuedAllocs,   model::trigger::kMaxPlans,
                                            model::trigger::kAllocFailure,   model::trigger::kFailedFollowUp};
  const bool whole_job = eval.type == "service" || eval.type == "batch";
  return whole_job && std::find(std::begin(kTriggers), std::end(kTriggers), eval.triggered_by) != std::end(kTriggers);
}

}  // namespace

void EvalBroker::enqueue(model::EvalPtr eval, Instant now, WallTime wall) {
  ASSERT(!eval->terminal());
  const auto [it, fresh] = held_.try_emplace(eval->id);
  if (!fresh) return;
  const auto delay = asked_delay(*eval, wall);
  it->second.eval = std::move(eval);
  if (delay > Duration::zero()) timers_.set(it->first, now + delay);
  else make_ready(it->second);
}

void EvalBroker::make_ready(Held& held) {
  const auto& eval = *held.eval;
  const auto [active, first] = active_.try_emplace(eval.job_key(), eval.id);
  if (!first && active->second != eval.id) {
    held.where = Held::Where::held_back;
    held_back_[eval.job_key()].insert(rank(eval));
    ++held_back_count_;
    return;
  }
  held.where = Held::Where::ready;
  ready_.insert(rank(eval));
}

std::optional<Lease> EvalBroker::dequeue(Instant now) {
  if (ready_.empty()) return std::nullopt;
  const auto id = std::get<EvalId>(*ready_.begin());
  ready_.erase(ready_.begin());
  auto& held = held_.at(id);
  held.where = Held::Where::leased;
  ++held.deliveries;
  Lease lease{held.eval, make_uuid(rng_)};
  leases_[id] = lease.token;
  lease_ends_.set(id, now + kNackTimeout);
  return lease;
}

bool EvalBroker::outstanding(const EvalId& eval, const std::string& token) const {
  const auto it = leases_.find(eval);
  return it != leases_.end() && it->second == token;
}

bool EvalBroker::ack(const EvalId& eval, const std::string& token) {
  if (!outstanding(eval, token)) return false;
  remove(eval);
  return true;
}

bool EvalBroker::nack(const EvalId& eval, const std::string& token, Instant now) {
  if (!outstanding(eval, token)) return false;
  give_back(eval, held_.at(eval), now);
  return true;
}

void EvalBroker::give_back(const EvalId& id, Held& held, Instant now) {
  leases_.erase(id);
  lease_ends_.erase(id);
  if (held.deliveries >= kDeliveries) {
    held.where = Held::Where::failed;
    failed_.insert(id);
    return;
  }
  held.where = Held::Where::waiting;
  timers_.set(id, now + nack_delay(held.deliveries));
}

void EvalBroker::remove(const EvalId& eval) {
  const auto it = held_.find(eval);
  if (it == held_.end()) return;
  leave(eval, it->second);
  const auto job = it->second.eval->job_key();
  held_.erase(it);
  release_job(job, eval);
}

void EvalBroker::leave(const EvalId& id, Held& held) {
  const auto& eval = *held.eval;
  ready_.erase(rank(eval));
  leases_.erase(id);
  lease_ends_.erase(id);
  timers_.erase(id);
  failed_.erase(id);
  superseded_.erase(id);
  reported_.erase(id);
  if (held.where != Held::Where::held_back) return;
  const auto it = held_back_.find(eval.job_key());
  it->second.erase(rank(eval));
  --held_back_count_;
  if (it->second.empty()) held_back_.erase(it);
}

// The job's next evaluation may go, if it was this one that kept it back.
void EvalBroker::release_job(const model::JobKey& job, const EvalId& eval) {
  const auto active = active_.find(job);
  if (active == active_.end() || active->second != eval) return;
  active_.erase(active);
  supersede(job);
  const auto it = held_back_.find(job);
  if (it == held_back_.end()) return;
  const auto next = std::get<EvalId>(*it->second.begin());
  it->second.erase(it->second.begin());
  --held_back_count_;
  if (it->second.empty()) held_back_.erase(it);
  make_ready(held_.at(next));
}

// Leaves the newest of those held back, and all that somebody may wait for.
void EvalBroker::supersede(const model::JobKey& job) {
  const auto it = held_back_.find(job);
  if (it == held_back_.end() || it->second.size() < 2) return;
  const auto age = [](const Rank& r) { return std::pair(std::get<Index>(r), std::get<EvalId>(r)); };
  const auto newest = *std::max_element(it->second.begin(), it->second.end(),
                                        [&](const Rank& a, const Rank& b) { return age(a) < age(b); });
  held_back_count_ -= std::erase_if(it->second, [&](const Rank& rank) {
    auto& held = held_.at(std::get<EvalId>(rank));
    if (rank == newest || !only_looks_again(*held.eval)) return false;
    held.where = Held::Where::superseded;
    superseded_.insert(held.eval->id);
    return true;
  });
}

void EvalBroker::report_again(Instant now) {
  for (const auto& id : reported_.take_due(now))
    (held_.at(id).where == Held::Where::failed ? failed_ : superseded_).insert(id);
}

void EvalBroker::advance(Instant now) {
  report_again(now);
  for (const auto& id : lease_ends_.take_due(now)) give_back(id, held_.at(id), now);
  for (const auto& id : timers_.take_due(now)) make_ready(held_.at(id));
}

std::optional<Instant> EvalBroker::next_deadline() const {
  return earlier(reported_.next(), earlier(timers_.next(), lease_ends_.next()));
}

std::vector<model::EvalPtr> EvalBroker::take(std::set<EvalId>& ended, Instant now) {
  std::vector<model::EvalPtr> evals;
  for (const auto& id : ended) {
    evals.push_back(held_.at(id).eval);
    reported_.set(id, now + kReportAgain);
  }
  ended.clear();
  return evals;
}

}  // namespace core::leader
