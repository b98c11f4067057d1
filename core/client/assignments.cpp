// SPDX-License-Identifier: MPL-2.0
#include "core/client/assignments.h"

#include <algorithm>

#include "core/base/deadlines.h"
#include "core/base/limits.h"

namespace core::client {
namespace {

constexpr Duration kRetryFirst = 500ms;
constexpr Duration kRetryMost = 30s;

}  // namespace

bool Assignments::on_cluster(const std::string& cluster_id) {
  if (cluster_id.empty() || cluster_id == seen_.cluster_id) return false;
  const bool other = !seen_.cluster_id.empty();
  seen_.cluster_id = cluster_id;
  if (other) {
    seen_.index = {};
    listed_.clear();
    missing_.clear();
  }
  return true;
}

bool Assignments::on_assigned(Assigned in) {
  watch_failures_ = 0;
  if (in.index < seen_.index) return false;
  seen_.index = in.index;
  listed_ = std::move(in.allocs);
  contacted_ = true;
  std::erase_if(known_, [&](const auto& item) { return !listed_.contains(item.first); });
  find_missing();
  fetch_at_ = Instant::min();
  return true;
}

void Assignments::find_missing() {
  missing_.clear();
  for (const auto& [alloc, index] : listed_) {
    const auto known = known_.find(alloc);
    if (known == known_.end() || known->second < index) missing_.insert(alloc);
  }
}

bool Assignments::accept(const model::Allocation& alloc) {
  const auto listed = listed_.find(alloc.id);
  if (listed == listed_.end() || alloc.alloc_modify_index < listed->second) return false;
  missing_.erase(alloc.id);
  auto& known = known_[alloc.id];
  if (alloc.alloc_modify_index <= known) return false;
  known = alloc.alloc_modify_index;
  return true;
}

void Assignments::on_fetched(std::size_t accepted, Now now) {
  if (accepted == 0) return on_fetch_failed(now);
  fetching_ = false;
  fetch_failures_ = 0;
}

void Assignments::on_fetch_failed(Now now) {
  fetching_ = false;
  fetch_at_ = now.at + backoff(fetch_failures_);
}

void Assignments::on_watch_ended(Now now) {
  watching_ = false;
  watch_at_ = now.at + backoff(watch_failures_);
}

Duration Assignments::backoff(int& failures) {
  const auto base = std::min<Duration>(kRetryFirst * (1 << std::min(failures, 10)), kRetryMost);
  ++failures;
  return base + rng_.jitter(base);
}

void Assignments::wake(Now now, bool registered, std::vector<Request>& send) {
  if (!registered) return;
  if (!watching_ && watch_at_ <= now.at) {
    watching_ = true;
    send.push_back(Watch{});
  }
  if (fetching_ || missing_.empty() || fetch_at_ > now.at) return;
  fetching_ = true;
  Fetch fetch;
  for (const auto& alloc : missing_) {
    if (fetch.allocs.size() == limits::kAllocFetchMax) break;
    fetch.allocs.push_back(alloc);
  }
  send.push_back(std::move(fetch));
}

std::optional<Instant> Assignments::next_deadline(bool registered) const {
  if (!registered) return std::nullopt;
  std::optional<Instant> next;
  if (!watching_) next = watch_at_;
  if (!fetching_ && !missing_.empty()) next = earlier(next, fetch_at_);
  return next;
}

}  // namespace core::client
