// SPDX-License-Identifier: MPL-2.0
#include "core/gossip/broadcasts.h"

#include <utility>

#include "core/base/limits.h"

namespace core::gossip {

void Broadcasts::put(std::string subject, Bytes message) {
  drop(subject);
  shed();
  const auto age = next_age_--;
  turns_.insert({0, age, subject});
  news_.emplace(std::move(subject), News{std::move(message), 0, age});
}

void Broadcasts::drop(const std::string& subject) {
  const auto it = news_.find(subject);
  if (it == news_.end()) return;
  turns_.erase({it->second.told, it->second.age, subject});
  news_.erase(it);
}

// Full: what was told most has the least left to do, and tables are compared anyway.
void Broadcasts::shed() {
  if (news_.size() < limits::kGossipBroadcastsMax) return;
  const auto last = std::prev(turns_.end());
  news_.erase(last->subject);
  turns_.erase(last);
}

std::size_t Broadcasts::take(std::size_t room, std::uint32_t limit, Bytes& out) {
  std::size_t added = 0;
  std::vector<Turn> again;
  for (auto it = turns_.begin(); it != turns_.end();) {
    const auto news = news_.find(it->subject);
    const auto& message = news->second.message;
    if (message.size() > room - added) {
      // Something smaller may still fit, but not for long: little room ends the search.
      if (room - added < limits::kGossipMessageBytesMin) break;
      ++it;
      continue;
    }
    out.append(message);
    added += message.size();
    auto turn = *it;
    it = turns_.erase(it);
    if (++turn.told >= limit) {
      news_.erase(news);
    } else {
      news->second.told = turn.told;
      again.push_back(std::move(turn));
    }
  }
  turns_.insert(again.begin(), again.end());
  return added;
}

}  // namespace core::gossip
