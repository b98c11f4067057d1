// SPDX-License-Identifier: MPL-2.0
// What goes into a server's step and what comes out.
//
// A Command is what somebody wants changed; on the leader it becomes an Event, goes through Raft and
// is answered when its entry was applied. Tickets are numbers of the driver's choosing; each is
// answered exactly once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/model/change.h"
#include "core/model/event.h"
#include "core/model/view.h"
#include "core/raft/io.h"

namespace core::server {

using Ticket = std::uint64_t;

// ---- commands ----

struct RegisterJob {
  static constexpr const char* kName = "Job.Register";
  model::Job job;
  bool enforce_index = false;
  Index job_modify_index;
  bool preserve_counts = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Job", self.job);
    visit("EnforceIndex", self.enforce_index);
    visit("JobModifyIndex", self.job_modify_index);
    visit("PreserveCounts", self.preserve_counts);
  }
};
struct DeregisterJob {
  static constexpr const char* kName = "Job.Deregister";
  model::JobKey job;
  bool purge = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Job", self.job);
    visit("Purge", self.purge);
  }
};
struct EvaluateJob {
  static constexpr const char* kName = "Job.Evaluate";
  model::JobKey job;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("Job", self.job); }
};
struct RegisterNode {
  static constexpr const char* kName = "Node.Register";
  model::Node node;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("Node", self.node); }
};
struct UpdateNodeStatus {  // a client's heartbeat
  static constexpr const char* kName = "Node.UpdateStatus";
  NodeId node;
  std::string secret_id;
  model::NodeStatus status = model::NodeStatus::ready;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("NodeID", self.node);
    visit("SecretID", self.secret_id);
    visit("Status", self.status);
  }
};
struct DrainNode {
  static constexpr const char* kName = "Node.UpdateDrain";
  NodeId node;
  std::optional<model::DrainStrategy> drain;  // its times are set here; unset: stop draining
  bool mark_eligible = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("NodeID", self.node);
    visit("DrainSpec", self.drain);
    visit("MarkEligible", self.mark_eligible);
  }
};
struct SetEligibility {
  static constexpr const char* kName = "Node.UpdateEligibility";
  NodeId node;
  model::Eligibility eligibility = model::Eligibility::eligible;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("NodeID", self.node);
    visit("Eligibility", self.eligibility);
  }
};
struct EvaluateNode {
  static constexpr const char* kName = "Node.Evaluate";
  NodeId node;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("NodeID", self.node); }
};
struct PurgeNode {
  static constexpr const char* kName = "Node.Deregister";
  NodeId node;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("NodeID", self.node); }
};
struct UpdateAllocs {  // what a client reports of its allocations
  static constexpr const char* kName = "Node.UpdateAllocs";
  NodeId node;
  std::string secret_id;
  std::vector<model::AllocClientUpdate> allocs;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("NodeID", self.node);
    visit("SecretID", self.secret_id);
    visit("Allocs", self.allocs);
  }
};
struct StopAlloc {
  static constexpr const char* kName = "Alloc.Stop";
  AllocId alloc;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("AllocID", self.alloc); }
};
struct CollectGarbage {
  static constexpr const char* kName = "System.GarbageCollect";
  template <class Self, class Visit>
  static void fields(Self&, Visit&&) {}
};
// An operator's restore, in this order: the pieces of the snapshot's database, then the word to use them.
struct SendSnapshotPiece {
  static constexpr const char* kName = "Operator.SnapshotPiece";
  model::SnapshotPieceSent piece;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("Piece", self.piece); }
};
struct RestoreSnapshot {
  static constexpr const char* kName = "Operator.SnapshotRestore";
  model::SnapshotRestored snapshot;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("Snapshot", self.snapshot); }
};
using Command = std::variant<RegisterJob, DeregisterJob, EvaluateJob, RegisterNode, UpdateNodeStatus, DrainNode,
                             SetEligibility, EvaluateNode, PurgeNode, UpdateAllocs, StopAlloc, CollectGarbage,
                             SendSnapshotPiece, RestoreSnapshot>;

// The union of what commands answer; members that a command does not speak of stay empty.
struct Answer {
  Index index;  // of the write; 0 when nothing was written
  EvalId eval_id;
  std::vector<EvalId> eval_ids;
  Index eval_create_index, job_modify_index, node_modify_index;
  Duration heartbeat_ttl{};
  std::uint64_t nodes = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Index", self.index);
    visit("EvalID", self.eval_id);
    visit("EvalIDs", self.eval_ids);
    visit("EvalCreateIndex", self.eval_create_index);
    visit("JobModifyIndex", self.job_modify_index);
    visit("NodeModifyIndex", self.node_modify_index);
    visit("HeartbeatTTL", self.heartbeat_ttl);
    visit("NumNodes", self.nodes);
  }
};

// ---- in ----

struct Request {
  Ticket ticket = 0;
  Command command;
  RequestId id;  // unset: nobody will ask for it again
};
struct Requested {
  std::vector<Request> requests;
};
// "May I read my own state and call it current?" Answered by a Reply with Answer::index set, once this
// server has applied at least that index.
struct BarrierAsked {
  Ticket ticket = 0;
};
// What blocking queries wait for: any change to one kind of object, or to one object, or to the
// allocations and evaluations that belong to one.
enum class Topic : std::uint8_t {
  nodes, node, jobs, job, evals, eval, allocs, alloc, node_allocs, job_allocs, job_evals, eval_allocs
};
struct WatchKey {
  Topic topic = Topic::nodes;
  std::string id;  // empty for whole tables; "<namespace>\n<id>" for jobs
  friend auto operator<=>(const WatchKey&, const WatchKey&) = default;
};
std::string watch_id(const model::JobKey& job);
// Wakes the ticket once: at the next change, or at the deadline. Ask before reading, or a change in
// between goes unseen.
struct WatchAsked {
  Ticket ticket = 0;
  WatchKey key;
  Instant deadline;
};
struct WatchDropped {
  Ticket ticket = 0;
};
// What became of one committed entry.
struct AppliedEntry {
  raft::EntryId id;
  Index index;              // of what it wrote, ahead of the log's own number once a snapshot was restored
  Status outcome = Unit{};  // an Error: the event was refused and changed nothing
  Answer answer;            // indexes and evaluation of what was written
  model::RequestPtr repeats;  // not null: an earlier entry settled the request, and this one changed nothing
};
// The state machine applied a batch. `view` is the state right behind it.
struct Applied {
  std::vector<AppliedEntry> entries;
  std::vector<model::Change> changes;
  std::shared_ptr<const model::StateView> view;
  // The log's own number of the newest entry in it. The view's index is ahead of it once a snapshot was
  // restored whose indexes were.
  Index applied;
  bool replaced = false;  // by a snapshot: `changes` does not say all that became other
};
// A worker is done with the tasks of one batch.
struct Scheduled;
// The deadline has come.
struct Woke {};

// What a worker makes of one evaluation.
struct ScheduleTask {
  model::EvalPtr eval;
  std::string token;       // the broker's lease
  std::uint64_t seed = 0;  // for the worker's generator
  std::uint32_t attempt = 0;  // plans that were refused or cut down before
};
struct ScheduleBatch {
  std::uint32_t worker = 0;
  std::vector<ScheduleTask> tasks;
  std::shared_ptr<const model::StateView> view;
  std::vector<model::Plan> in_flight;  // accepted, but not part of the view yet
  WallTime now;
};
struct ScheduleResult {
  EvalId eval;
  std::string token;
  std::uint32_t attempt = 0;
  std::string type;                           // the evaluation's
  Duration took{};                            // to schedule it; not measured for core evaluations
  bool core = false;                          // a core evaluation: only `collected` counts
  model::Plan plan;                           // may be empty
  std::vector<model::Evaluation> evals;       // the evaluation as it ends, and those that follow it
  std::vector<model::Event> collected;        // of a core evaluation: what to remove
};
struct Scheduled {
  std::uint32_t worker = 0;
  std::vector<ScheduleResult> results;
};

struct RaftInput {
  raft::Input input;
};
// The disk has no room for writes, or (no reason) has room again. While it is full commands that would
// write are refused, and those under way are answered: they are carried out once there is room, or never.
struct DiskFull {
  std::optional<Error> reason;
};
using Input = std::variant<Requested, BarrierAsked, WatchAsked, WatchDropped, RaftInput, Applied, Scheduled, Woke, DiskFull>;

// ---- out ----

struct Reply {
  Ticket ticket = 0;
  Result<Answer> result;
};
struct Output {
  std::vector<raft::Output> raft;  // to be carried out in order, see core/raft/io.h
  std::vector<Reply> replies;
  std::vector<Ticket> woken;       // watches that fired
  std::vector<ScheduleBatch> schedule;
  std::vector<Duration> plans_settled;  // parts of the state now: how long each took since its scheduler was done
  bool take_snapshot = false;      // of the state as applied so far; answer with raft::SnapshotTaken
  bool diverged = false;           // this server's history is not the cluster's: stop
  std::optional<raft::LeadershipChanged> leadership;
  std::vector<raft::Outcome> operations;  // TransferDone, PeerChangeDone: asked for through RaftInput
  std::optional<raft::Configuration> configuration;  // in force from now on
};

}  // namespace core::server
