// SPDX-License-Identifier: MPL-2.0
// Allocations whose tasks are dead, oldest first: what to remove when there are too many on this node
// or its disk is short.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>

#include "core/client/io.h"

namespace core::client {

struct CollectionRules {
  Duration interval = 60s;
  std::size_t allocs_max = 50;       // on the node, dead or alive
  double disk_used_percent = 80;
  double inodes_used_percent = 70;
  std::size_t parallel = 2;          // removals at a time
};

class DeadAllocs {
 public:
  explicit DeadAllocs(CollectionRules rules) : rules_(rules) {}

  // Since when it has been dead; known already: nothing changes.
  void add(const AllocId& alloc, WallTime since);
  void erase(const AllocId& alloc);
  bool contains(const AllocId& alloc) const { return since_.contains(alloc); }
  bool disk_short() const;
  void set_disk(const DiskMeasured& disk) { disk_ = disk; }

  // What to remove now, oldest first. `on_node`: all allocations here; `coming`: about to be added;
  // `removing`: removals under way, which count as gone.
  std::vector<AllocId> pick(std::size_t on_node, std::size_t coming, std::size_t removing) const;
  std::vector<AllocId> all() const;
  const CollectionRules& rules() const { return rules_; }

 private:
  CollectionRules rules_;
  std::set<std::pair<WallTime, AllocId>> by_age_;
  std::map<AllocId, WallTime> since_;
  DiskMeasured disk_;
};

}  // namespace core::client
