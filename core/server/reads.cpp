// SPDX-License-Identifier: MPL-2.0
#include "core/server/reads.h"

namespace core::server {

std::string watch_id(const model::JobKey& job) { return job.ns + "\n" + job.id.text; }

namespace {

struct Touch {
  std::vector<WatchKey> operator()(const model::JobChanged& c) const { return job(key(*c.job)); }
  std::vector<WatchKey> operator()(const model::JobRemoved& c) const { return job(c.job); }
  std::vector<WatchKey> operator()(const model::NodeChanged& c) const { return node(c.node->id); }
  std::vector<WatchKey> operator()(const model::NodeRemoved& c) const { return node(c.node); }
  std::vector<WatchKey> operator()(const model::EvalChanged& c) const { return eval(c.eval->id, c.eval->job_key()); }
  std::vector<WatchKey> operator()(const model::EvalRemoved& c) const { return eval(c.eval, c.job); }
  std::vector<WatchKey> operator()(const model::AllocChanged& c) const {
    auto keys = alloc(c.alloc->id, c.alloc->node_id, c.alloc->job_key());
    keys.push_back({Topic::eval_allocs, c.alloc->eval_id.text});
    return keys;
  }
  std::vector<WatchKey> operator()(const model::AllocRemoved& c) const { return alloc(c.alloc, c.node, c.job); }
  std::vector<WatchKey> operator()(const model::RequestSettled&) const { return {}; }
  std::vector<WatchKey> operator()(const model::RequestForgotten&) const { return {}; }

 private:
  static std::vector<WatchKey> job(const model::JobKey& k) { return {{Topic::jobs, ""}, {Topic::job, watch_id(k)}}; }
  static std::vector<WatchKey> node(const NodeId& id) { return {{Topic::nodes, ""}, {Topic::node, id.text}}; }
  static std::vector<WatchKey> eval(const EvalId& id, const model::JobKey& job) {
    return {{Topic::evals, ""}, {Topic::eval, id.text}, {Topic::job_evals, watch_id(job)}};
  }
  static std::vector<WatchKey> alloc(const AllocId& id, const NodeId& node, const model::JobKey& job) {
    return {{Topic::allocs, ""}, {Topic::alloc, id.text}, {Topic::node_allocs, node.text}, {Topic::job_allocs, watch_id(job)}};
  }
};

}  // namespace

std::vector<WatchKey> touched(const model::Change& change) { return std::visit(Touch{}, change.fact); }

void Reads::wait_applied(Ticket ticket, Index index) { barriers_.emplace(index, ticket); }

std::vector<Ticket> Reads::take_applied(Index applied) {
  std::set<Ticket> ready;
  while (!barriers_.empty() && barriers_.begin()->first <= applied) {
    ready.insert(barriers_.begin()->second);
    barriers_.erase(barriers_.begin());
  }
  return {ready.begin(), ready.end()};
}

void Reads::watch(Ticket ticket, WatchKey key, Instant deadline) {
  forget(ticket);
  watches_[key].insert(ticket);
  keys_.emplace(ticket, std::move(key));
  deadlines_.set(ticket, deadline);
}

void Reads::drop(Ticket ticket) { forget(ticket); }

void Reads::forget(Ticket ticket) {
  const auto it = keys_.find(ticket);
  if (it == keys_.end()) return;
  const auto watch = watches_.find(it->second);
  watch->second.erase(ticket);
  if (watch->second.empty()) watches_.erase(watch);
  keys_.erase(it);
  deadlines_.erase(ticket);
}

std::vector<Ticket> Reads::take_woken(const std::vector<model::Change>& changes) {
  std::set<Ticket> woken;
  if (watches_.empty()) return {};
  for (const auto& change : changes)
    for (const auto& key : touched(change))
      if (const auto it = watches_.find(key); it != watches_.end()) woken.insert(it->second.begin(), it->second.end());
  for (const auto ticket : woken) forget(ticket);
  return {woken.begin(), woken.end()};
}

std::vector<Ticket> Reads::take_expired(Instant now) {
  auto due = deadlines_.take_due(now);
  for (const auto ticket : due) forget(ticket);
  return due;
}

std::vector<Ticket> Reads::take_all() {
  std::vector<Ticket> all;
  for (const auto& [ticket, key] : keys_) all.push_back(ticket);
  for (const auto ticket : all) forget(ticket);
  return all;
}

}  // namespace core::server
