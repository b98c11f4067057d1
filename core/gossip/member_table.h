// SPDX-License-Identifier: MPL-2.0
// All members this server knows of, itself included, and what is asked of them as a whole: how many
// live, some at random, and digests by which two servers find out where their tables differ without
// sending them.
//
// Who overrides whom is verdicts.cpp; this only keeps what was decided.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/rng.h"
#include "core/gossip/types.h"

namespace core::gossip {

inline constexpr std::size_t kBuckets = 64;
using TableDigest = std::array<std::uint64_t, kBuckets>;

class MemberTable {
 public:
  // Null if there is none. Borrowed until it is erased.
  const Member* find(std::string_view name) const;
  // REQUIRES: no member of that name.
  void add(Member member);
  void erase(const std::string& name);
  // Changes one member, and all that is counted from it. REQUIRES: it is there; its name stays.
  template <class Change>
  const Member& edit(std::string_view name, Change&& change) {
    auto& entry = entry_of(name);
    uncount(entry);
    change(entry.member);
    count(entry);
    return entry.member;
  }

  // In order of name.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [name, entry] : entries_) visit(entry.member);
  }
  // Up to `count` different members that `wanted` accepts, at random. In a large table it may miss some.
  using Wanted = std::function<bool(const Member&)>;
  std::vector<const Member*> pick(Rng& rng, std::size_t count, const Wanted& wanted) const;

  std::size_t size() const { return entries_.size(); }
  std::size_t living() const { return living_; }
  // Equal digests of a bucket mean equal members in it. A suspect counts as alive: suspicions pass.
  const TableDigest& digest() const { return digest_; }
  static std::size_t bucket_of(std::string_view name);

 private:
  struct Entry {
    Member member;
    std::uint64_t digest = 0;
    std::size_t place = 0;  // in order_
  };
  Entry& entry_of(std::string_view name);
  void count(Entry& entry);
  void uncount(Entry& entry);

  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<Entry*> order_;  // for drawing at random; entries do not move
  std::size_t living_ = 0;
  TableDigest digest_{};
};

}  // namespace core::gossip
