// SPDX-License-Identifier: MPL-2.0
// The cluster as schedulers and leader duties see it, in memory: a projection of the state that Changes
// keep up to date, with the indexes that StateView's questions need. It is rebuilt from the same Changes
// at start. A snapshot costs the same whatever the size of the cluster and may be read on any thread
// while this goes on changing.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/model/change.h"
#include "core/model/view.h"

namespace core::model {

class Cluster {
 public:
  Cluster();
  ~Cluster();
  Cluster(Cluster&&) noexcept;
  Cluster& operator=(Cluster&&) noexcept;

  // In index order. Objects are shared with the changes, not copied.
  void apply(const std::vector<Change>& changes);
  // Does all of the works, in any order and on any threads, and returns once they are done.
  using Together = std::function<void(const std::vector<std::function<void()>>& works)>;
  static void one_by_one(const std::vector<std::function<void()>>& works);
  // All allocations there are, in any order: the same as applying that each changed, and far cheaper. REQUIRES: there
  // are none yet, and no two have the same id.
  void fill(std::vector<AllocPtr> allocs, const Together& together = one_by_one);
  // The state is at this index, though nothing of it may have changed. Never goes back.
  void advance(Index index);
  Index index() const;
  // The cluster as it is now. The same one again while nothing changed.
  std::shared_ptr<const StateView> snapshot();

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace core::model
