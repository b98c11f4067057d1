// SPDX-License-Identifier: MPL-2.0
#include "core/gossip/member_table.h"

#include <algorithm>
#include <cstring>

#include "core/base/assert.h"
#include "core/base/binary.h"
#include "core/base/digest.h"

namespace core::gossip {
namespace {

// Below this every member is looked at; above it drawing blindly is cheaper than looking.
constexpr std::size_t kSmallTable = 32;

std::uint64_t first_word(const Digest& digest) {
  std::uint64_t word = 0;
  std::memcpy(&word, digest.bytes.data(), sizeof word);
  return word;
}

std::uint64_t digest_of(const Member& m) {
  Writer w;
  w.u64(m.identity.value);
  w.u64(m.incarnation.value);
  w.u64(m.status_time.value);
  w.u8(static_cast<std::uint8_t>(m.standing()));
  return first_word(digest({m.name, w.bytes()}));
}

}  // namespace

std::size_t MemberTable::bucket_of(std::string_view name) {
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const unsigned char c : name) hash = (hash ^ c) * 1099511628211u;
  return (hash ^ (hash >> 32)) % kBuckets;
}

const Member* MemberTable::find(std::string_view name) const {
  const auto it = entries_.find(name);
  return it == entries_.end() ? nullptr : &it->second.member;
}

MemberTable::Entry& MemberTable::entry_of(std::string_view name) {
  const auto it = entries_.find(name);
  ASSERT(it != entries_.end());
  return it->second;
}

void MemberTable::add(Member member) {
  auto name = member.name;
  const auto [it, fresh] = entries_.try_emplace(std::move(name));
  ASSERT(fresh);
  it->second.member = std::move(member);
  it->second.place = order_.size();
  order_.push_back(&it->second);
  count(it->second);
}

void MemberTable::erase(const std::string& name) {
  const auto it = entries_.find(name);
  if (it == entries_.end()) return;
  uncount(it->second);
  order_.back()->place = it->second.place;
  order_[it->second.place] = order_.back();
  order_.pop_back();
  entries_.erase(it);
}

void MemberTable::count(Entry& entry) {
  entry.digest = digest_of(entry.member);
  digest_[bucket_of(entry.member.name)] ^= entry.digest;
  if (entry.member.lives()) ++living_;
}

void MemberTable::uncount(Entry& entry) {
  digest_[bucket_of(entry.member.name)] ^= entry.digest;
  if (entry.member.lives()) --living_;
}

std::vector<const Member*> MemberTable::pick(Rng& rng, std::size_t count, const Wanted& wanted) const {
  std::vector<const Member*> out;
  if (order_.size() <= kSmallTable) {
    for (const auto* entry : order_)
      if (wanted(entry->member)) out.push_back(&entry->member);
    rng.shuffle(out);
    if (out.size() > count) out.resize(count);
    return out;
  }
  for (std::size_t tries = 4 * count + 8; tries > 0 && out.size() < count; --tries) {
    const auto* member = &order_[rng.below(order_.size())]->member;
    if (wanted(*member) && std::find(out.begin(), out.end(), member) == out.end()) out.push_back(member);
  }
  return out;
}

}  // namespace core::gossip
