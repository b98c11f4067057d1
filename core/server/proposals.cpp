// SPDX-License-Identifier: MPL-2.0
#include "core/server/proposals.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/model/payload.h"

namespace core::server {
namespace {

Reply answered(const Proposals::Pending& pending, const AppliedEntry& entry) {
  if (entry.repeats) return {pending.ticket, settled_answer(*entry.repeats)};
  if (!entry.outcome.ok()) return {pending.ticket, entry.outcome.error()};
  Answer answer = pending.answer;
  answer.index = entry.index;
  if (!entry.answer.eval_id.empty()) answer.eval_id = entry.answer.eval_id;
  if (!entry.answer.eval_ids.empty()) answer.eval_ids = entry.answer.eval_ids;
  answer.eval_create_index = entry.answer.eval_create_index;
  answer.job_modify_index = entry.answer.job_modify_index;
  answer.node_modify_index = entry.answer.node_modify_index;
  return {pending.ticket, std::move(answer)};
}

}  // namespace

// Each command speaks either of one evaluation or of all.
Result<Answer> settled_answer(const model::SettledRequest& request) {
  if (request.refused) return *request.refused;
  Answer answer;
  answer.index = request.index;
  if (!request.evals.empty()) answer.eval_id = request.evals.front();
  answer.eval_ids = request.evals;
  answer.eval_create_index = request.eval_create_index;
  answer.job_modify_index = request.job_modify_index;
  answer.node_modify_index = request.node_modify_index;
  return answer;
}

Status Proposals::add(model::Event event, WallTime now, Pending pending) {
  if (in_flight() >= limits::kProposalsInFlightMax)
    return Error{Errc::busy, "too many writes are waiting to be committed"};
  const auto type = model::type_of(event);
  auto payload = model::to_payload(std::move(event));
  if (payload->size() > limits::kEventBytesMax)
    return Error{Errc::too_large, "the change takes " + std::to_string(payload->size()) + " bytes, over the limit of " +
                                      std::to_string(limits::kEventBytesMax)};
  const auto ticket = next_ticket_++;
  queued_.proposals.push_back({.type = type, .time = now, .request = pending.request,
                               .payload = std::move(payload), .ticket = ticket});
  waiting_.emplace(ticket, std::move(pending));
  return Unit{};
}

bool Proposals::under_way(const RequestId& request) const {
  const auto same = [&](const Pending& pending) { return pending.request == request; };
  return std::any_of(waiting_.begin(), waiting_.end(), [&](const auto& one) { return same(one.second); }) ||
         std::any_of(appended_.begin(), appended_.end(), [&](const auto& one) { return same(one.second.second); });
}

raft::Proposed Proposals::take_queued() { return std::exchange(queued_, {}); }

void Proposals::on_appended(const raft::Appended& appended) {
  const auto it = waiting_.find(appended.ticket);
  if (it == waiting_.end()) return;  // abandoned meanwhile
  appended_.emplace(appended.id.index, std::pair{appended.id, std::move(it->second)});
  waiting_.erase(it);
}

void Proposals::on_refused(const raft::Refused& refused, std::vector<Reply>& replies) {
  const auto it = waiting_.find(refused.ticket);
  if (it == waiting_.end()) return;
  if (it->second.ticket != 0) replies.push_back({it->second.ticket, refused.error});
  if (it->second.lease) refused_.push_back(std::move(*it->second.lease));
  waiting_.erase(it);
}

void Proposals::on_applied(const AppliedEntry& entry, std::vector<Reply>& replies) {
  const auto it = appended_.find(entry.id.index);
  if (it == appended_.end()) return;
  auto [id, pending] = std::move(it->second);
  appended_.erase(it);
  if (pending.lease) settled_.push_back(std::move(*pending.lease));
  if (pending.ticket == 0) return;
  // Another leader's entry took the place of ours: ours is gone for good.
  if (id != entry.id) replies.push_back({pending.ticket, Error{Errc::no_leader, "leadership was lost before the write was committed"}});
  else replies.push_back(answered(pending, entry));
}

void Proposals::answer_all(const Error& error, std::vector<Reply>& replies) {
  const auto tell = [&](Pending& pending) {
    if (const auto ticket = std::exchange(pending.ticket, 0); ticket != 0) replies.push_back({ticket, error});
  };
  for (auto& [ticket, pending] : waiting_) tell(pending);
  for (auto& [index, entry] : appended_) tell(entry.second);
}

void Proposals::abandon(std::vector<Reply>& replies) {
  answer_all({Errc::unknown_fate, "leadership was lost; the write may or may not have been committed"}, replies);
  waiting_.clear();
  appended_.clear();
  queued_ = {};
  settled_.clear();
  refused_.clear();
}

}  // namespace core::server
