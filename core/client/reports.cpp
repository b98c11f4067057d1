// SPDX-License-Identifier: MPL-2.0
#include "core/client/reports.h"

#include <utility>

#include "core/base/limits.h"

namespace core::client {
namespace {

constexpr Duration kGather = 200ms;
constexpr Duration kRetry = 5s;

}  // namespace

void Reports::put(model::AllocClientUpdate update, Now now) {
  const auto same = [&](const std::map<AllocId, model::AllocClientUpdate>& there) {
    const auto it = there.find(update.id);
    return it != there.end() && same_fields(it->second, update);
  };
  if (same(sent_)) {  // it went back to what is on its way
    waiting_.erase(update.id);
    return;
  }
  if (!sent_.contains(update.id) && same(known_)) {
    waiting_.erase(update.id);
    return;
  }
  const auto id = update.id;
  waiting_.insert_or_assign(id, std::move(update));
  if (!due_) due_ = now.at + kGather;
}

void Reports::forget(const AllocId& alloc) {
  waiting_.erase(alloc);
  sent_.erase(alloc);
  known_.erase(alloc);
}

void Reports::on_accepted(Now now) {
  for (auto& [id, update] : sent_) known_.insert_or_assign(id, std::move(update));
  sent_.clear();
  due_.reset();
  if (!waiting_.empty()) due_ = now.at + kGather;
}

void Reports::on_failed(Now now) {
  waiting_.merge(sent_);  // what changed since stays
  sent_.clear();
  due_.reset();
  if (!waiting_.empty()) due_ = now.at + kRetry + rng_.jitter(kRetry);
}

std::optional<Report> Reports::take_due(Now now, bool allowed) {
  if (!next_deadline(allowed) || *due_ > now.at) return std::nullopt;
  due_.reset();
  Report report;
  while (!waiting_.empty() && report.updates.size() < limits::kAllocReportMax) {
    auto node = waiting_.extract(waiting_.begin());
    report.updates.push_back(node.mapped());
    sent_.insert(std::move(node));
  }
  return report;
}

std::optional<Instant> Reports::next_deadline(bool allowed) const {
  if (!allowed || !sent_.empty() || waiting_.empty()) return std::nullopt;
  return due_;
}

}  // namespace core::client
