// SPDX-License-Identifier: MPL-2.0
// The ordered (Instant, key) queue behind every timed machine: one deadline a key, taken in order of
// time, then of key, so that outputs never depend on hashing or addresses.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/base/time.h"

namespace core {

template <class Key>
class Deadlines {
 public:
  Deadlines() = default;
  Deadlines(Deadlines&&) noexcept = default;
  Deadlines& operator=(Deadlines&&) noexcept = default;
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  // Sets or moves the key's deadline.
  void set(const Key& key, Instant at) {
    const auto [it, added] = at_.try_emplace(key, at);
    if (added) {
      order_.insert({at, &it->first});
      return;
    }
    auto moved = order_.extract({std::exchange(it->second, at), &it->first});
    moved.value().at = at;
    order_.insert(std::move(moved));
  }
  void erase(const Key& key) {
    const auto it = at_.find(key);
    if (it == at_.end()) return;
    order_.erase({it->second, &it->first});
    at_.erase(it);
  }
  void clear() {
    order_.clear();
    at_.clear();
  }

  // Removes and returns the keys whose deadline is at or before `now`.
  std::vector<Key> take_due(Instant now) {
    std::vector<Key> due;
    while (!order_.empty() && order_.begin()->at <= now) {
      due.push_back(*order_.begin()->key);
      order_.erase(order_.begin());
      at_.erase(due.back());
    }
    return due;
  }

  std::optional<Instant> next() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->at;
  }
  std::optional<Instant> find(const Key& key) const {
    const auto it = at_.find(key);
    if (it == at_.end()) return std::nullopt;
    return it->second;
  }
  std::size_t size() const { return at_.size(); }
  bool empty() const { return at_.empty(); }

 private:
  struct Due {
    Instant at;
    const Key* key;  // in at_, whose keys stay where they are
    friend bool operator<(const Due& a, const Due& b) { return a.at != b.at ? a.at < b.at : *a.key < *b.key; }
  };
  std::map<Key, Instant> at_;
  std::set<Due> order_;
};

// The earlier of two optional deadlines.
inline std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) {
  if (!a) return b;
  if (!b) return a;
  return *a < *b ? a : b;
}

}  // namespace core
