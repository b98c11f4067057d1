// SPDX-License-Identifier: MPL-2.0
// A StateView that is a few maps and answers every question by walking them: obviously right, and what
// faster views are compared with. put() stores what it is given as it is and raises index() to it.
#pragma once

#include <algorithm>
#include <map>

#include "core/model/change.h"
#include "core/model/view.h"

namespace test {

class MemoryState : public core::model::StateView {
 public:
  MemoryState& put(core::model::NodePtr node);
  MemoryState& put(core::model::JobPtr job);
  MemoryState& put(core::model::EvalPtr eval);
  MemoryState& put(core::model::AllocPtr alloc);
  MemoryState& apply(const std::vector<core::model::Change>& changes);
  MemoryState& at(core::Index index);

  core::Index index() const override { return index_; }
  core::model::NodePtr node(const core::NodeId& id) const override;
  core::model::JobPtr job(const core::model::JobKey& job) const override;
  core::model::EvalPtr eval(const core::EvalId& id) const override;
  core::model::AllocPtr alloc(const core::AllocId& id) const override;
  core::model::RequestPtr request(const core::RequestId& id) const override;
  void each_node(const std::function<void(const core::model::NodePtr&)>& visit) const override;
  void each_job(const std::function<void(const core::model::JobPtr&)>& visit) const override;
  void each_eval(const std::function<void(const core::model::EvalPtr&)>& visit) const override;
  std::vector<core::model::AllocPtr> allocs_on(const core::NodeId& node) const override;
  std::vector<core::model::AllocPtr> allocs_of(const core::model::JobKey& job) const override;
  std::vector<core::model::AllocPtr> allocs_of(const core::EvalId& eval) const override;
  std::vector<core::model::EvalPtr> evals_of(const core::model::JobKey& job) const override;
  std::size_t node_count() const override { return nodes_.size(); }
  core::model::Amount used_on(const core::NodeId& node) const override;

 private:
  core::Index index_;
  std::map<core::NodeId, core::model::NodePtr> nodes_;
  std::map<core::model::JobKey, core::model::JobPtr> jobs_;
  std::map<core::EvalId, core::model::EvalPtr> evals_;
  std::map<core::AllocId, core::model::AllocPtr> allocs_;
  std::map<core::RequestId, core::model::RequestPtr> requests_;
};

}  // namespace test
