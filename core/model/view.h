// SPDX-License-Identifier: MPL-2.0
// The read-only questions core may ask of state: what schedulers, plan checks and leader duties see.
// An implementation is a consistent view at one index. Everything is returned in id order.
#pragma once

#include <functional>
#include <vector>

#include "core/model/alloc.h"
#include "core/model/eval.h"
#include "core/model/job.h"
#include "core/model/node.h"
#include "core/model/request.h"

namespace core::model {

class StateView {
 public:
  virtual ~StateView() = default;

  virtual Index index() const = 0;
  virtual NodePtr node(const NodeId& id) const = 0;        // null if there is none
  virtual JobPtr job(const JobKey& job) const = 0;         // the current version; null if there is none
  virtual EvalPtr eval(const EvalId& id) const = 0;
  virtual AllocPtr alloc(const AllocId& id) const = 0;
  virtual RequestPtr request(const RequestId& id) const = 0;  // null if it was not settled, or long ago
  virtual void each_node(const std::function<void(const NodePtr&)>& visit) const = 0;
  virtual void each_job(const std::function<void(const JobPtr&)>& visit) const = 0;
  virtual void each_eval(const std::function<void(const EvalPtr&)>& visit) const = 0;
  virtual std::vector<AllocPtr> allocs_on(const NodeId& node) const = 0;
  virtual std::vector<AllocPtr> allocs_of(const JobKey& job) const = 0;
  virtual std::vector<AllocPtr> allocs_of(const EvalId& eval) const = 0;
  virtual std::vector<EvalPtr> evals_of(const JobKey& job) const = 0;
  virtual std::size_t node_count() const = 0;
  // Sum over non-terminal allocations on the node; kept up to date, not summed when asked.
  virtual Amount used_on(const NodeId& node) const = 0;
  // Every node with what used_on() says of it, in one walk.
  virtual void each_node_use(const std::function<void(const NodePtr&, const Amount&)>& visit) const {
    each_node([&](const NodePtr& node) { visit(node, used_on(node->id)); });
  }
};

}  // namespace core::model
