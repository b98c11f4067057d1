// SPDX-License-Identifier: MPL-2.0
// A view with plans laid over it: what the state will be once they are applied. Schedulers work on one,
// so that the evaluations of a batch, and plans still on their way through the log, see each other.
#pragma once

#include <map>
#include <set>

#include "core/model/plan.h"
#include "core/model/view.h"

namespace core::model {

class Overlay final : public StateView {
 public:
  // `base` outlives this.
  explicit Overlay(const StateView& base) : base_(base) {}

  // Stops and placements of the plan become part of the view. A placement whose job version is not
  // the current one is left out, because that version is not to be had here: its room is not counted.
  void add(const Plan& plan);

  Index index() const override { return base_.index(); }
  NodePtr node(const NodeId& id) const override { return base_.node(id); }
  JobPtr job(const JobKey& job) const override { return base_.job(job); }
  EvalPtr eval(const EvalId& id) const override { return base_.eval(id); }
  AllocPtr alloc(const AllocId& id) const override;
  RequestPtr request(const RequestId& id) const override { return base_.request(id); }
  void each_node(const std::function<void(const NodePtr&)>& visit) const override { base_.each_node(visit); }
  void each_job(const std::function<void(const JobPtr&)>& visit) const override { base_.each_job(visit); }
  void each_eval(const std::function<void(const EvalPtr&)>& visit) const override { base_.each_eval(visit); }
  std::vector<AllocPtr> allocs_on(const NodeId& node) const override;
  std::vector<AllocPtr> allocs_of(const JobKey& job) const override;
  std::vector<AllocPtr> allocs_of(const EvalId& eval) const override;
  std::vector<EvalPtr> evals_of(const JobKey& job) const override { return base_.evals_of(job); }
  std::size_t node_count() const override { return base_.node_count(); }
  Amount used_on(const NodeId& node) const override;
  void each_node_use(const std::function<void(const NodePtr&, const Amount&)>& visit) const override;

 private:
  void put(AllocPtr alloc);

  const StateView& base_;
  std::map<AllocId, AllocPtr> allocs_;  // new or changed ones
  std::map<NodeId, std::set<AllocId>> by_node_;
  std::map<JobKey, std::set<AllocId>> by_job_;
  std::map<EvalId, std::set<AllocId>> by_eval_;
  std::map<NodeId, Amount> added_;      // to what the base view says is used
};

}  // namespace core::model
