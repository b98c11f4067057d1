// SPDX-License-Identifier: MPL-2.0
// Every write there is. An Event says what was decided, with every id, time and random choice already
// in it; Raft is the only way in, and the state machine turns it into Changes. Payloads are compact
// JSON of the field lists, so that history can be printed for people.
//
// Numbers of event types are part of the log format: never reuse one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/fields.h"
#include "core/model/alloc.h"
#include "core/model/eval.h"
#include "core/model/job.h"
#include "core/model/node.h"
#include "core/model/plan.h"

namespace core::model {

struct JobRegistered {
  static constexpr std::uint16_t kType = 1;
  static constexpr const char* kName = "JobRegistered";
  Job job;
  std::vector<Evaluation> evals;  // none or one
  bool enforce_index = false;     // refuse unless the stored job's JobModifyIndex is job_modify_index
  Index job_modify_index;
  bool preserve_counts = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Job", self.job);
    visit("Evals", self.evals);
    visit("EnforceIndex", self.enforce_index);
    visit("JobModifyIndex", self.job_modify_index);
    visit("PreserveCounts", self.preserve_counts);
  }
};

struct JobDeregistered {
  static constexpr std::uint16_t kType = 2;
  static constexpr const char* kName = "JobDeregistered";
  JobKey job;
  bool purge = false;
  std::vector<Evaluation> evals;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Job", self.job);
    visit("Purge", self.purge);
    visit("Evals", self.evals);
  }
};

struct NodeRegistered {
  static constexpr std::uint16_t kType = 3;
  static constexpr const char* kName = "NodeRegistered";
  Node node;
  std::vector<Evaluation> evals;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Node", self.node);
    visit("Evals", self.evals);
  }
};

struct NodeStatusChange {
  NodeId node;
  NodeStatus status = NodeStatus::down;
  std::string description;
  std::string event;  // message for the node's event list; empty for none
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("NodeID", self.node);
    visit("Status", self.status);
    visit("Description", self.description);
    visit("Event", self.event);
  }
};
struct NodeStatusChanged {
  static constexpr std::uint16_t kType = 4;
  static constexpr const char* kName = "NodeStatusChanged";
  std::vector<NodeStatusChange> nodes;
  std::vector<Evaluation> evals;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Nodes", self.nodes);
    visit("Evals", self.evals);
  }
};

struct NodeDrainChanged {
  static constexpr std::uint16_t kType = 5;
  static constexpr const char* kName = "NodeDrainChanged";
  NodeId node;
  std::optional<DrainStrategy> drain;  // unset: stop draining
  bool mark_eligible = false;
  std::string event;
  std::vector<Evaluation> evals;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("NodeID", self.node);
    visit("DrainStrategy", self.drain);
    visit("MarkEligible", self.mark_eligible);
    visit("Event", self.event);
    visit("Evals", self.evals);
  }
};

struct NodeEligibilityChanged {
  static constexpr std::uint16_t kType = 6;
  static constexpr const char* kName = "NodeEligibilityChanged";
  NodeId node;
  Eligibility eligibility = Eligibility::eligible;
  std::vector<Evaluation> evals;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("NodeID", self.node);
    visit("Eligibility", self.eligibility);
    visit("Evals", self.evals);
  }
};

struct NodesDeregistered {
  static constexpr std::uint16_t kType = 7;
  static constexpr const char* kName = "NodesDeregistered";
  std::vector<NodeId> nodes;
  std::vector<Evaluation> evals;
  std::string collected_by;  // "node-gc" when garbage collection asked for it
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Nodes", self.nodes);
    visit("Evals", self.evals);
    visit("CollectedBy", self.collected_by);
  }
};

struct EvalsUpdated {
  static constexpr std::uint16_t kType = 8;
  static constexpr const char* kName = "EvalsUpdated";
  std::vector<Evaluation> evals;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("Evals", self.evals); }
};

// What garbage collection found old enough. Missing ids are skipped.
struct Reaped {
  static constexpr std::uint16_t kType = 9;
  static constexpr const char* kName = "Reaped";
  std::string collected_by;  // "eval-gc", "job-gc", ...
  std::vector<EvalId> evals;
  std::vector<AllocId> allocs;
  std::vector<JobKey> jobs;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("CollectedBy", self.collected_by);
    visit("Evals", self.evals);
    visit("Allocs", self.allocs);
    visit("Jobs", self.jobs);
  }
};

// Verified plans and the evaluations they finish, in one step.
struct PlansApplied {
  static constexpr std::uint16_t kType = 10;
  static constexpr const char* kName = "PlansApplied";
  std::vector<Plan> plans;
  std::vector<Evaluation> evals;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Plans", self.plans);
    visit("Evals", self.evals);
  }
};

struct AllocClientUpdate {
  AllocId id;
  ClientStatus client_status = ClientStatus::pending;
  std::string client_description;
  std::map<std::string, TaskState> task_states;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("ClientStatus", self.client_status);
    visit("ClientDescription", self.client_description);
    visit("TaskStates", self.task_states);
  }
};
struct AllocsUpdatedByClient {
  static constexpr std::uint16_t kType = 11;
  static constexpr const char* kName = "AllocsUpdatedByClient";
  std::vector<AllocClientUpdate> allocs;
  std::vector<Evaluation> evals;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Allocs", self.allocs);
    visit("Evals", self.evals);
  }
};

struct AllocTransitionsSet {
  static constexpr std::uint16_t kType = 12;
  static constexpr const char* kName = "AllocTransitionsSet";
  std::map<AllocId, DesiredTransition> allocs;
  std::vector<Evaluation> evals;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Allocs", self.allocs);
    visit("Evals", self.evals);
  }
};

// Written once, by the first leader.
struct ClusterCreated {
  static constexpr std::uint16_t kType = 13;
  static constexpr const char* kName = "ClusterCreated";
  std::string cluster_id;
  std::string region;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ClusterID", self.cluster_id);
    visit("Region", self.region);
  }
};

// A piece of a snapshot that is to be restored. Pieces come in order; one that begins anew, or is of another
// restore, discards those before it.
struct SnapshotPieceSent {
  static constexpr std::uint16_t kType = 14;
  static constexpr const char* kName = "SnapshotPieceSent";
  std::string restore;  // names the attempt
  std::uint64_t offset = 0;
  std::string bytes;  // base64
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Restore", self.restore);
    visit("Offset", self.offset);
    visit("Bytes", self.bytes);
  }
};

// The pieces are the whole: their database takes the place of the state.
struct SnapshotRestored {
  static constexpr std::uint16_t kType = 15;
  static constexpr const char* kName = "SnapshotRestored";
  std::string restore;
  std::uint64_t size = 0;
  std::string digest;  // of the database as the snapshot's trailer says it, in hex
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Restore", self.restore);
    visit("Size", self.size);
    visit("Digest", self.digest);
  }
};

using Event = std::variant<JobRegistered, JobDeregistered, NodeRegistered, NodeStatusChanged, NodeDrainChanged,
                           NodeEligibilityChanged, NodesDeregistered, EvalsUpdated, Reaped, PlansApplied,
                           AllocsUpdatedByClient, AllocTransitionsSet, ClusterCreated, SnapshotPieceSent, SnapshotRestored>;

std::uint16_t type_of(const Event& event);
const char* name_of(const Event& event);
bool is_event_name(std::string_view name);
Bytes encode_payload(const Event& event);
// Errc::corrupt for an unknown type or a payload that does not decode.
Result<Event> decode_event(std::uint16_t type, ByteView payload);

}  // namespace core::model
