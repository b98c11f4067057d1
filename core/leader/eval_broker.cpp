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
    failed_.push_back(held.eval);
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
  std::erase_if(failed_, [&](const auto& failed) { return failed->id == id; });
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
  const auto it = held_back_.find(job);
  if (it == held_back_.end()) return;
  const auto next = std::get<EvalId>(*it->second.begin());
  it->second.erase(it->second.begin());
  --held_back_count_;
  if (it->second.empty()) held_back_.erase(it);
  make_ready(held_.at(next));
}

void EvalBroker::advance(Instant now) {
  for (const auto& id : lease_ends_.take_due(now)) give_back(id, held_.at(id), now);
  for (const auto& id : timers_.take_due(now)) make_ready(held_.at(id));
}

std::optional<Instant> EvalBroker::next_deadline() const { return earlier(timers_.next(), lease_ends_.next()); }

std::vector<model::EvalPtr> EvalBroker::take_failed() {
  std::sort(failed_.begin(), failed_.end(), [](const auto& a, const auto& b) { return a->id < b->id; });
  return std::exchange(failed_, {});
}

}  // namespace core::leader
