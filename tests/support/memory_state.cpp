// SPDX-License-Identifier: MPL-2.0
#include "tests/support/memory_state.h"

namespace test {

using namespace core;
using namespace core::model;

namespace {

template <class Map, class Key>
typename Map::mapped_type find_in(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

template <class Map, class Wanted>
std::vector<typename Map::mapped_type> filter(const Map& map, Wanted&& wanted) {
  std::vector<typename Map::mapped_type> out;
  for (const auto& [key, item] : map)
    if (wanted(*item)) out.push_back(item);
  return out;
}

}  // namespace

MemoryState& MemoryState::at(Index index) {
  index_ = std::max(index_, index);
  return *this;
}
MemoryState& MemoryState::put(NodePtr node) {
  at(node->modify_index);
  nodes_[node->id] = std::move(node);
  return *this;
}
MemoryState& MemoryState::put(JobPtr job) {
  at(job->modify_index);
  jobs_[key(*job)] = std::move(job);
  return *this;
}
MemoryState& MemoryState::put(EvalPtr eval) {
  at(eval->modify_index);
  evals_[eval->id] = std::move(eval);
  return *this;
}
MemoryState& MemoryState::put(AllocPtr alloc) {
  at(alloc->modify_index);
  allocs_[alloc->id] = std::move(alloc);
  return *this;
}

MemoryState& MemoryState::apply(const std::vector<Change>& changes) {
  struct Visitor {
    MemoryState& state;
    void operator()(const JobChanged& c) { state.put(c.job); }
    void operator()(const JobRemoved& c) { state.jobs_.erase(c.job); }
    void operator()(const NodeChanged& c) { state.put(c.node); }
    void operator()(const NodeRemoved& c) { state.nodes_.erase(c.node); }
    void operator()(const EvalChanged& c) { state.put(c.eval); }
    void operator()(const EvalRemoved& c) { state.evals_.erase(c.eval); }
    void operator()(const AllocChanged& c) { state.put(c.alloc); }
    void operator()(const AllocRemoved& c) { state.allocs_.erase(c.alloc); }
    void operator()(const RequestSettled& c) { state.requests_[c.request->id] = c.request; }
    void operator()(const RequestForgotten& c) { state.requests_.erase(c.request); }
  };
  for (const auto& change : changes) {
    std::visit(Visitor{*this}, change.fact);
    at(change.index);
  }
  return *this;
}

NodePtr MemoryState::node(const NodeId& id) const { return find_in(nodes_, id); }
JobPtr MemoryState::job(const JobKey& job) const { return find_in(jobs_, job); }
EvalPtr MemoryState::eval(const EvalId& id) const { return find_in(evals_, id); }
AllocPtr MemoryState::alloc(const AllocId& id) const { return find_in(allocs_, id); }
RequestPtr MemoryState::request(const RequestId& id) const { return find_in(requests_, id); }
void MemoryState::each_node(const std::function<void(const NodePtr&)>& visit) const {
  for (const auto& [id, node] : nodes_) visit(node);
}
void MemoryState::each_job(const std::function<void(const JobPtr&)>& visit) const {
  for (const auto& [id, job] : jobs_) visit(job);
}
void MemoryState::each_eval(const std::function<void(const EvalPtr&)>& visit) const {
  for (const auto& [id, eval] : evals_) visit(eval);
}
std::vector<AllocPtr> MemoryState::allocs_on(const NodeId& node) const {
  return filter(allocs_, [&](const Allocation& a) { return a.node_id == node; });
}
std::vector<AllocPtr> MemoryState::allocs_of(const JobKey& job) const {
  return filter(allocs_, [&](const Allocation& a) { return a.job_key() == job; });
}
std::vector<AllocPtr> MemoryState::allocs_of(const EvalId& eval) const {
  return filter(allocs_, [&](const Allocation& a) { return a.eval_id == eval; });
}
std::vector<EvalPtr> MemoryState::evals_of(const JobKey& job) const {
  return filter(evals_, [&](const Evaluation& e) { return e.job_key() == job; });
}
Amount MemoryState::used_on(const NodeId& node) const {
  Amount used;
  for (const auto& alloc : allocs_on(node))
    if (!alloc->terminal()) used += amount(*alloc);
  return used;
}

}  // namespace test
