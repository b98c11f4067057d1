// SPDX-License-Identifier: MPL-2.0
// Commands on their way through Raft: who asked, and where in the log their event ended up.
//
//   propose -> Raft -> Appended(ticket, entry) -> applied: answered by what the state machine says
//                   -> Refused(ticket)         -> answered: no leader, or busy
//                   leadership lost in between -> answered: unknown fate
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/server/types.h"

namespace core::server {

// What is answered to a request that was settled before.
Result<Answer> settled_answer(const model::SettledRequest& request);

class Proposals {
 public:
  // The lease of the evaluation whose plan or outcome an event carries.
  struct LeaseRef {
    EvalId eval;
    std::string token;
    std::uint64_t plan = 0;  // of leader::PlanCheck; 0 when the event carries no plan
    Instant submitted{};     // the plan, by its scheduler
  };
  // What is to happen when the entry was applied. ticket 0: nobody waits (a duty of the leader).
  struct Pending {
    Ticket ticket = 0;
    Answer answer;  // completed by what the state machine adds
    std::optional<LeaseRef> lease;
    RequestId request = {};  // unset: it will not come again
  };

  // Queues an event for the next raft::Proposed. Errc::busy when too many are in flight.
  Status add(model::Event event, WallTime now, Pending pending);
  // An event of the same request is in flight. Looks through all of them.
  bool under_way(const RequestId& request) const;
  // What was queued since the last call.
  raft::Proposed take_queued();
  bool has_queued() const { return !queued_.proposals.empty(); }
  std::size_t in_flight() const { return waiting_.size() + appended_.size(); }

  void on_appended(const raft::Appended& appended);
  void on_refused(const raft::Refused& refused, std::vector<Reply>& replies);
  // REQUIRES: index order.
  void on_applied(const AppliedEntry& entry, std::vector<Reply>& replies);
  // Leases whose event was applied, or refused, since the last call.
  std::vector<LeaseRef> take_settled() { return std::exchange(settled_, {}); }
  std::vector<LeaseRef> take_refused() { return std::exchange(refused_, {}); }
  // Whoever waits is told `error` and waits no more; what was proposed goes on.
  void answer_all(const Error& error, std::vector<Reply>& replies);
  // Leadership is lost: entries in the log may or may not survive.
  void abandon(std::vector<Reply>& replies);

 private:
  std::uint64_t next_ticket_ = 1;  // tickets towards Raft; those of callers stay inside Pending
  raft::Proposed queued_;
  std::map<std::uint64_t, Pending> waiting_;               // given to Raft, not yet appended
  std::map<Index, std::pair<raft::EntryId, Pending>> appended_;
  std::vector<LeaseRef> settled_, refused_;
};

}  // namespace core::server
