// SPDX-License-Identifier: MPL-2.0
// What the servers have assigned to this node, as far as it may be believed: a list older than one
// already seen comes from a server that lags behind, and is ignored. Works out what to fetch and what
// the servers no longer know.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/base/rng.h"
#include "core/client/io.h"

namespace core::client {

class Assignments {
 public:
  Assignments(Rng rng, SeenSaved seen) : rng_(rng), seen_(std::move(seen)) {}

  // Whose assignments these are. Another cluster counts from anew. True if that changed what is seen.
  bool on_cluster(const std::string& cluster_id);
  // False if the list is older than one already seen.
  bool on_assigned(Assigned in);
  // What was asked for and came: known from now on at its index. Nothing for an allocation that is
  // older than what was listed; it will be fetched again.
  bool accept(const model::Allocation& alloc);
  // `accepted`: how many of the answers were new. None means that the server lags: it is given time.
  void on_fetched(std::size_t accepted, Now now);
  void on_fetch_failed(Now now);
  void on_watch_ended(Now now);
  // A version that an earlier agent acted on.
  void restore(const AllocId& alloc, Index index) { known_[alloc] = index; }
  void forget(const AllocId& alloc) { known_.erase(alloc); }

  void wake(Now now, bool registered, std::vector<Request>& send);
  std::optional<Instant> next_deadline(bool registered) const;

  // Is it still on the newest list? REQUIRES: contacted().
  bool listed(const AllocId& alloc) const { return listed_.contains(alloc); }
  // A list has been seen since this agent started.
  bool contacted() const { return contacted_; }
  const SeenSaved& seen() const { return seen_; }
  bool fetching() const { return fetching_; }

 private:
  void find_missing();
  Duration backoff(int& failures);

  Rng rng_;
  SeenSaved seen_;
  std::map<AllocId, Index> listed_;
  std::map<AllocId, Index> known_;  // AllocModifyIndex of what we act on, or chose not to act on
  std::set<AllocId> missing_;       // listed newer than known
  bool contacted_ = false;
  bool watching_ = false;
  bool fetching_ = false;
  int watch_failures_ = 0;
  int fetch_failures_ = 0;
  Instant watch_at_ = Instant::min();
  Instant fetch_at_ = Instant::min();
};

}  // namespace core::client
