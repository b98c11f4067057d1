// SPDX-License-Identifier: MPL-2.0
// A reason to schedule, and what came of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/fields.h"
#include "core/model/job.h"
#include "core/model/shape.h"

namespace core::model {

enum class EvalStatus { blocked, pending, complete, failed, canceled };
constexpr std::array<std::string_view, 5> words(EvalStatus) {
  return {"blocked", "pending", "complete", "failed", "canceled"};
}

namespace trigger {  // Evaluation.TriggeredBy
inline constexpr const char* kJobRegister = "job-register";
inline constexpr const char* kJobDeregister = "job-deregister";
inline constexpr const char* kNodeUpdate = "node-update";
inline constexpr const char* kNodeDrain = "node-drain";
inline constexpr const char* kScheduled = "scheduled";
inline constexpr const char* kRollingUpdate = "rolling-update";
inline constexpr const char* kQueuedAllocs = "queued-allocs";
inline constexpr const char* kMaxPlans = "max-plan-attempts";
inline constexpr const char* kAllocFailure = "alloc-failure";
inline constexpr const char* kAllocStop = "alloc-stop";
inline constexpr const char* kFailedFollowUp = "failed-follow-up";
}  // namespace trigger
namespace core_job {  // JobID of evaluations of type "_core"
inline constexpr const char* kType = "_core";
inline constexpr const char* kEvalGc = "eval-gc";
inline constexpr const char* kNodeGc = "node-gc";
inline constexpr const char* kJobGc = "job-gc";
inline constexpr const char* kForceGc = "force-gc";
}  // namespace core_job

struct ScoreMeta {
  NodeId node;
  std::map<std::string, double> scores;
  double norm_score = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("NodeID", self.node);
    visit("Scores", self.scores);
    visit("NormScore", self.norm_score);
  }
};

// Why a placement went where it did, or nowhere.
struct AllocMetric {
  std::int64_t nodes_evaluated = 0, nodes_filtered = 0, nodes_exhausted = 0;
  std::map<std::string, std::int64_t> nodes_available;      // by datacenter
  std::map<std::string, std::int64_t> class_filtered, constraint_filtered, class_exhausted, dimension_exhausted;
  std::map<std::string, double> scores;                     // "NODEID.binpack", as v0.1.2 reads it
  std::vector<ScoreMeta> score_meta;
  Duration allocation_time{};
  std::int64_t coalesced_failures = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("NodesEvaluated", self.nodes_evaluated);
    visit("NodesFiltered", self.nodes_filtered);
    visit("NodesAvailable", self.nodes_available);
    visit("ClassFiltered", self.class_filtered);
    visit("ConstraintFiltered", self.constraint_filtered);
    visit("NodesExhausted", self.nodes_exhausted);
    visit("ClassExhausted", self.class_exhausted);
    visit("DimensionExhausted", self.dimension_exhausted);
    visit("Scores", self.scores);
    visit("ScoreMetaData", self.score_meta);
    visit("AllocationTime", self.allocation_time);
    visit("CoalescedFailures", self.coalesced_failures);
  }
};

struct Evaluation {
  EvalId id;
  std::string ns = "default";
  std::int64_t priority = kPriorityDefault;
  std::string type;  // the job's, or "_core"
  std::string triggered_by;
  JobId job_id;
  Index job_modify_index;
  NodeId node_id;
  Index node_modify_index;
  EvalStatus status = EvalStatus::pending;
  std::string status_description;
  Duration wait{};       // from the moment it is enqueued
  Timestamp wait_until;  // not before
  EvalId next_eval, previous_eval, blocked_eval;
  std::map<std::string, AllocMetric> failed_groups;  // FailedTGAllocs
  std::map<std::string, bool> class_eligibility;
  bool escaped_computed_class = false;
  std::map<std::string, std::int64_t> queued_allocations;
  Index snapshot_index;
  Index create_index, modify_index;
  WallTime create_time, modify_time;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Namespace", self.ns);
    visit("Priority", self.priority);
    visit("Type", self.type);
    visit("TriggeredBy", self.triggered_by);
    visit("JobID", self.job_id);
    visit("JobModifyIndex", self.job_modify_index);
    visit("NodeID", self.node_id);
    visit("NodeModifyIndex", self.node_modify_index);
    visit("Status", self.status);
    visit("StatusDescription", self.status_description);
    visit("Wait", self.wait);
    visit("WaitUntil", self.wait_until);
    visit("NextEval", self.next_eval);
    visit("PreviousEval", self.previous_eval);
    visit("BlockedEval", self.blocked_eval);
    visit("FailedTGAllocs", self.failed_groups);
    visit("ClassEligibility", self.class_eligibility);
    visit("EscapedComputedClass", self.escaped_computed_class);
    visit("QueuedAllocations", self.queued_allocations);
    visit("SnapshotIndex", self.snapshot_index);
    visit("CreateIndex", self.create_index);
    visit("ModifyIndex", self.modify_index);
    visit("CreateTime", self.create_time);
    visit("ModifyTime", self.modify_time);
  }
  bool terminal() const {
    return status == EvalStatus::complete || status == EvalStatus::failed || status == EvalStatus::canceled;
  }
  JobKey job_key() const { return {ns, job_id}; }
};
using EvalPtr = std::shared_ptr<const Evaluation>;

// The API's Evaluation as JSON text; members that are zero are left out.
std::string eval_to_api(const Evaluation& eval, Shape shape = Shape::current);

}  // namespace core::model
