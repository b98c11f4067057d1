// SPDX-License-Identifier: MPL-2.0
// Nodes: what a client says of itself comes with each registration; what operators decided (drain,
// eligibility) and the events of its life stay with the servers' copy.
#include "store/state/apply.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;
using model::Eligibility;
using model::NodeStatus;

const Error kNodeNotFound{Errc::not_found, "node not found"};

void add_event(model::Node& node, std::string message, const char* subsystem, const Draft& draft) {
  if (message.empty()) return;
  auto& events = node.events;
  if (events.size() >= model::kNodeEventsKept)
    events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(model::kNodeEventsKept - 1));
  events.push_back(model::NodeEvent{.message = std::move(message), .subsystem = subsystem, .details = {},
                                    .timestamp = {draft.time()}, .create_index = draft.index()});
}

void put_node_evals(std::vector<model::Evaluation> evals, Draft& draft, Applied& applied) {
  for (auto& eval : evals) eval.node_modify_index = draft.index();
  put_evals(std::move(evals), draft, applied);
}

void keep_what_servers_decided(model::Node& node, const model::Node& stored, const Draft& draft) {
  node.eligibility = stored.eligibility;
  node.drain = stored.drain;
  node.events = stored.events;
  if (stored.status == NodeStatus::down && node.status != NodeStatus::down)
    add_event(node, "Node re-registered", "Cluster", draft);
}

}  // namespace

Status apply(model::NodeRegistered event, Draft& draft, Applied& applied) {
  auto& node = event.node;
  if (node.id.empty()) return Error{Errc::rejected, "missing node ID for client registration"};
  const auto stored = draft.node(node.id);
  if (stored && stored->secret_id != node.secret_id)
    return Error{Errc::denied, "node secret ID does not match"};
  node.status_updated_at = draft.time();
  if (node.computed_class.empty()) node.computed_class = model::compute_class(node);
  if (stored) {
    keep_what_servers_decided(node, *stored, draft);
  } else {
    node.events.clear();
    add_event(node, "Node registered", "Cluster", draft);
  }
  draft.put(std::move(node), Extent::whole);
  applied.node_modify_index = draft.index();
  put_node_evals(std::move(event.evals), draft, applied);
  return core::ok_status();
}

Status apply(model::NodeStatusChanged event, Draft& draft, Applied& applied) {
  bool found = false;
  for (auto& change : event.nodes) {
    const auto stored = draft.node(change.node);
    if (!stored) continue;  // purged meanwhile
    found = true;
    auto node = *stored;
    node.status = change.status;
    node.status_description = std::move(change.description);
    node.status_updated_at = draft.time();
    add_event(node, std::move(change.event), "Cluster", draft);
    draft.put(std::move(node), Extent::changing);
  }
  if (!found) return kNodeNotFound;
  applied.node_modify_index = draft.index();
  put_node_evals(std::move(event.evals), draft, applied);
  return core::ok_status();
}

Status apply(model::NodeDrainChanged event, Draft& draft, Applied& applied) {
  const auto stored = draft.node(event.node);
  if (!stored) return kNodeNotFound;
  auto node = *stored;
  if (event.drain) {
    // A drain that is changed half-way is still the drain that began then.
    if (stored->drain) event.drain->started_at = stored->drain->started_at;
    node.eligibility = Eligibility::ineligible;
  } else if (event.mark_eligible) {
    node.eligibility = Eligibility::eligible;
  }
  node.drain = event.drain;
  add_event(node, std::move(event.event), "Drain", draft);
  draft.put(std::move(node), Extent::changing);
  applied.node_modify_index = draft.index();
  put_node_evals(std::move(event.evals), draft, applied);
  return core::ok_status();
}

Status apply(model::NodeEligibilityChanged event, Draft& draft, Applied& applied) {
  const auto stored = draft.node(event.node);
  if (!stored) return kNodeNotFound;
  if (stored->drain && event.eligibility == Eligibility::eligible)
    return Error{Errc::rejected, "can not set node's scheduling eligibility to eligible while it is draining"};
  if (stored->eligibility != event.eligibility) {
    auto node = *stored;
    node.eligibility = event.eligibility;
    add_event(node, node.eligibility == Eligibility::eligible ? "Node marked as eligible for scheduling"
                                                              : "Node marked as ineligible for scheduling",
              "Cluster", draft);
    draft.put(std::move(node), Extent::changing);
    applied.node_modify_index = draft.index();
  }
  put_node_evals(std::move(event.evals), draft, applied);
  return core::ok_status();
}

Status apply(model::NodesDeregistered event, Draft& draft, Applied& applied) {
  const bool collected = !event.collected_by.empty();
  Collection removed;
  for (const auto& id : event.nodes) {
    const auto stored = draft.node(id);
    // A node that came back after garbage collection looked is no garbage.
    if (!stored || (collected && stored->status != NodeStatus::down)) continue;
    draft.remove(stored);
    ++removed.nodes;
  }
  if (collected) draft.count_collection(event.collected_by, removed);
  else if (removed.nodes == 0) return kNodeNotFound;
  applied.node_modify_index = draft.index();
  put_node_evals(std::move(event.evals), draft, applied);
  return core::ok_status();
}

}  // namespace store::state
