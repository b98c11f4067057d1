// SPDX-License-Identifier: MPL-2.0
#include "tests/support/raft_disk.h"

#include "core/base/assert.h"

namespace test {

using core::Index;
using core::raft::Entry;
using core::raft::Save;

const Entry* RaftDisk::find(Index index) const {
  if (index < first || index > last()) return nullptr;
  return &log[index.value - first.value];
}

void RaftDisk::carry_out(const Save& save) {
  if (save.hard_state) hard = *save.hard_state;
  if (save.reset_to) {
    snapshot = *save.reset_to;
    log.clear();
    first = snapshot.last.index.next();
  }
  if (save.truncate_from) {
    ASSERT(*save.truncate_from >= first);
    ASSERT(*save.truncate_from <= last());
    log.resize(save.truncate_from->value - first.value);
  }
  for (const auto& entry : save.append) {
    ASSERT(entry.id.index == last().next());
    log.push_back(entry);
  }
  if (save.drop_before && *save.drop_before > first) {
    ASSERT(save.drop_before->prev() <= last());
    log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(save.drop_before->value - first.value));
    first = *save.drop_before;
  }
}

void RaftDisk::tear(const Save& save, core::Rng& rng) {
  Save part;
  if (rng.chance(700)) part.hard_state = save.hard_state;
  const bool hard_state_there = part.hard_state == save.hard_state;
  if (hard_state_there && rng.chance(700)) {
    part.reset_to = save.reset_to;
    part.truncate_from = save.truncate_from;
    const auto count = rng.below(save.append.size() + 1);
    part.append.assign(save.append.begin(), save.append.begin() + static_cast<std::ptrdiff_t>(count));
  }
  carry_out(part);
}

void RaftDisk::recover() {
  const Entry* at_snapshot = find(snapshot.last.index);
  const bool joined =
      snapshot.last.index.next() == first || (at_snapshot && at_snapshot->id == snapshot.last);
  if (joined || snapshot.last.index.value == 0) return;
  log.clear();
  first = snapshot.last.index.next();
}

core::raft::Restored RaftDisk::restored(Index applied, core::Rng& rng) const {
  ASSERT(applied >= snapshot.last.index);
  ASSERT(applied <= last());
  core::raft::Restored out;
  out.hard_state = hard;
  out.snapshot = snapshot;
  out.first = first;
  out.applied = applied;
  out.base = snapshot.last;
  out.base_digest = snapshot.digest;
  out.configuration = snapshot.configuration;
  out.configuration_index = snapshot.configuration_index;
  const auto base = snapshot.last.index.value + rng.below(applied.value - snapshot.last.index.value + 1);
  for (const auto& entry : log) {
    if (entry.id.index.value > base) {
      out.tail.push_back(entry);
      continue;
    }
    if (out.terms.empty() || out.terms.back().term != entry.id.term)
      out.terms.push_back({entry.id.term, entry.id.index});
    if (entry.id.index <= snapshot.last.index) continue;
    out.base = entry.id;
    out.base_digest = entry.digest;
    if (entry.kind != core::raft::EntryKind::configuration) continue;
    out.configuration = core::raft::decode_configuration(*entry.payload).value();
    out.configuration_index = entry.id.index;
  }
  return out;
}

}  // namespace test
