// SPDX-License-Identifier: MPL-2.0
#include "core/client/reports.h"

#include <algorithm>
#include <utility>

#include "core/base/limits.h"

namespace core::client {
namespace {

constexpr Duration kGather = 200ms;
constexpr Duration kApart = 20ms;  // so many reports a second at most, however fast tasks come and go
constexpr Duration kRetry = 5s;

}  // namespace

void Reports::put(model::AllocClientUpdate update, Now now) {
  const auto same = [&](const std::map<AllocId, model::AllocClientUpdate>& there) {
    const auto it = there.find(update.id);
    return it != there.end() && same_fields(it->second, update);
  };
  // On its way already, or known: it may have gone back to that.
  if (same(sent_) || (!sent_.contains(update.id) && same(known_))) return withdraw(update.id);
  const auto wait = update.client_status == told_status(update.id) ? kGather : Duration::zero();
  due_ = std::min(due_.value_or(Instant::max()), std::max(now.at + wait, not_before_));
  const auto id = update.id;
  waiting_.insert_or_assign(id, std::move(update));
}

// As the servers have it once the report under way has arrived: new allocations begin as pending.
model::ClientStatus Reports::told_status(const AllocId& alloc) const {
  for (const auto* told : {&sent_, &known_})
    if (const auto it = told->find(alloc); it != told->end()) return it->second.client_status;
  return model::ClientStatus::pending;
}

void Reports::withdraw(const AllocId& alloc) {
  waiting_.erase(alloc);
  if (waiting_.empty()) due_.reset();
}

void Reports::forget(const AllocId& alloc) {
  withdraw(alloc);
  sent_.erase(alloc);
  known_.erase(alloc);
}

void Reports::on_accepted() {
  for (auto& [id, update] : sent_) known_.insert_or_assign(id, std::move(update));
  sent_.clear();
}

void Reports::on_failed(Now now) {
  waiting_.merge(sent_);  // what changed since stays
  sent_.clear();
  not_before_ = now.at + kRetry + rng_.jitter(kRetry);
  due_ = not_before_;
}

std::optional<Report> Reports::take_due(Now now, bool allowed) {
  if (!next_deadline(allowed) || *due_ > now.at) return std::nullopt;
  not_before_ = now.at + kApart;
  Report report;
  while (!waiting_.empty() && report.updates.size() < limits::kAllocReportMax) {
    auto node = waiting_.extract(waiting_.begin());
    report.updates.push_back(node.mapped());
    sent_.insert(std::move(node));
  }
  due_.reset();
  if (!waiting_.empty()) due_ = not_before_;
  return report;
}

std::optional<Instant> Reports::next_deadline(bool allowed) const {
  if (!allowed || !sent_.empty() || waiting_.empty()) return std::nullopt;
  return due_;
}

}  // namespace core::client
