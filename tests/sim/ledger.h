// SPDX-License-Identifier: MPL-2.0
// What the cluster promised, kept outside of it: every entry that a server called committed, every
// answer that a user was given, who led which term. A server that later says otherwise is caught here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/raft/types.h"
#include "store/state/state_machine.h"
#include "tests/sim/world.h"

namespace sim {

class Ledger {
 public:
  explicit Ledger(World& world) : world_(world) {}

  // I2, I3: at one index there is one committed entry, for all servers and for ever.
  void on_committed(const core::ServerId& server, const std::vector<core::raft::Entry>& entries);
  // I1: a term has one leader.
  void on_leader(const core::ServerId& server, core::Term term);
  // A request takes effect once: what its first entry made of it stands, and later ones change nothing.
  void on_applied(const core::ServerId& server, const store::state::Applied& applied, const std::vector<core::model::Change>& batch);
  // I4, I6: the write that was asked for stands at the index that was answered.
  void on_acknowledged(const core::RequestId& request, core::Index index);

  // I5: a read sees what was acknowledged, or read, before it was asked: take the floor when it is asked,
  // and hand it in with the index of the state that may answer.
  core::Index read_floor() const { return seen_; }
  void on_read(const core::ServerId& server, core::Index floor, core::Index answered);
  // From now on nothing goes wrong any more: soon after, no server has a reason to look for another leader.
  void on_calm() { calm_since_ = world_.now(); }
  void on_leader_lost(const core::ServerId& server);

  // All committed entries, in order from the first.
  const std::vector<core::raft::Entry>& entries() const { return entries_; }
  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t reads() const { return reads_; }
  // Entries that wrote a request again.
  std::uint64_t repeated() const { return repeated_; }

 private:
  World& world_;
  std::vector<core::raft::Entry> entries_;
  std::map<core::Term, core::ServerId> leaders_;
  std::map<core::RequestId, core::Index> first_;  // where each request stands
  std::uint64_t acknowledged_ = 0, repeated_ = 0, reads_ = 0;
  core::Index seen_;  // by somebody who was answered
  std::optional<core::Instant> calm_since_;
};

}  // namespace sim
