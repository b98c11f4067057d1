// SPDX-License-Identifier: MPL-2.0
// Who waits for what before reading: barriers wait until an index is applied, watches (blocking
// queries, clients' subscriptions) until something they look at changes or their time is up. A waiter
// costs one entry here and no thread.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "core/base/deadlines.h"
#include "core/server/types.h"

namespace core::server {

class Reads {
 public:
  // Answers at once what `applied` already covers.
  void wait_applied(Ticket ticket, Index index);
  // Barriers that `applied` satisfies, in ticket order.
  std::vector<Ticket> take_applied(Index applied);

  // A ticket watches one key; asking again moves it.
  void watch(Ticket ticket, WatchKey key, Instant deadline);
  void drop(Ticket ticket);
  // Watches that these changes wake, in ticket order. Each fires once.
  std::vector<Ticket> take_woken(const std::vector<model::Change>& changes);
  std::vector<Ticket> take_expired(Instant now);
  std::optional<Instant> next_deadline() const { return deadlines_.next(); }
  // Everything that waits, woken early: the state was replaced, or leadership lost.
  std::vector<Ticket> take_all();
  std::size_t watching() const { return keys_.size(); }

 private:
  void forget(Ticket ticket);

  std::set<std::pair<Index, Ticket>> barriers_;
  std::map<WatchKey, std::set<Ticket>> watches_;
  std::map<Ticket, WatchKey> keys_;
  Deadlines<Ticket> deadlines_;
};

// The keys that a change touches.
std::vector<WatchKey> touched(const model::Change& change);

}  // namespace core::server
