// SPDX-License-Identifier: MPL-2.0
#include <map>

#include "core/server/commands.h"

namespace core::server {
namespace {

const Error kNodeNotFound{Errc::not_found, "node not found"};

// A client proves that it is the node by the secret it registered with.
Result<model::NodePtr> authenticated(const NodeId& id, const std::string& secret, const Setting& s) {
  const auto node = s.view.node(id);
  if (!node) return kNodeNotFound;
  if (node->secret_id != secret) return Error{Errc::denied, "node secret ID does not match"};
  return node;
}

std::vector<EvalId> ids(const std::vector<model::Evaluation>& evals) {
  std::vector<EvalId> out;
  for (const auto& eval : evals) out.push_back(eval.id);
  return out;
}

template <class Event>
Prepared write(Event event) {
  Answer answer;
  answer.eval_ids = ids(event.evals);
  return Write{std::move(event), std::move(answer)};
}

// The evaluation that looks for a new place for a failed allocation.
bool wants_rescheduling(const model::Allocation& alloc, const model::AllocClientUpdate& update) {
  return update.client_status == model::ClientStatus::failed && !alloc.server_terminal() &&
         alloc.next_allocation.empty() && alloc.followup_eval.empty();
}

}  // namespace

std::vector<model::Evaluation> make_node_evals(const NodeId& node, Index node_modify_index,
                                               std::string_view triggered_by, Setting& s) {
  std::map<model::JobKey, model::AllocPtr> jobs;
  for (const auto& alloc : s.view.allocs_on(node))
    if (!alloc->terminal()) jobs.emplace(alloc->job_key(), alloc);
  std::vector<model::Evaluation> evals;
  for (const auto& [job, alloc] : jobs) {
    const auto current = s.view.job(job);
    auto eval = make_eval(current ? *current : *alloc->job, triggered_by, s);
    eval.node_id = node;
    eval.node_modify_index = node_modify_index;
    evals.push_back(std::move(eval));
  }
  return evals;
}

Result<Prepared> prepare(RegisterNode&& command, Setting& s) {
  auto node = std::move(command.node);
  TRY(model::validate(node));
  const auto stored = s.view.node(node.id);
  if (stored && stored->secret_id != node.secret_id) return Error{Errc::denied, "node secret ID does not match"};
  node.computed_class = model::compute_class(node);
  node.status_updated_at = s.now;
  model::NodeRegistered event{.node = std::move(node), .evals = {}};
  const bool comes_back = stored && stored->status == model::NodeStatus::down;
  if (event.node.status == model::NodeStatus::down || comes_back)
    event.evals = make_node_evals(event.node.id, stored ? stored->modify_index : Index{}, model::trigger::kNodeUpdate, s);
  return write(std::move(event));
}

Result<Prepared> prepare(const UpdateNodeStatus& command, Setting& s) {
  TRY(const auto node, authenticated(command.node, command.secret_id, s));
  if (node->status == command.status) {
    Answer answer;
    answer.node_modify_index = node->modify_index;
    return Prepared(std::move(answer));
  }
  const bool comes_back = node->status == model::NodeStatus::down && command.status == model::NodeStatus::ready;
  model::NodeStatusChanged event;
  event.nodes.push_back({.node = node->id, .status = command.status, .description = "",
                         .event = comes_back ? "Node reregistered by heartbeat" : ""});
  if (comes_back || command.status == model::NodeStatus::down)
    event.evals = make_node_evals(node->id, node->modify_index, model::trigger::kNodeUpdate, s);
  return write(std::move(event));
}

Result<Prepared> prepare(const DrainNode& command, Setting& s) {
  const auto node = s.view.node(command.node);
  if (!node) return Error{Errc::rejected, "node not found"};
  model::NodeDrainChanged event{.node = command.node, .drain = command.drain, .mark_eligible = command.mark_eligible,
                                .event = "Node drain disabled", .evals = {}};
  if (event.drain) {
    event.event = node->drain ? "Node drain stategy updated" : "Node drain strategy set";
    event.drain->started_at = node->drain ? node->drain->started_at : Timestamp{s.now};
    event.drain->force_deadline = {};
    if (event.drain->deadline > Duration::zero()) event.drain->force_deadline = Timestamp{s.now + event.drain->deadline};
  }
  event.evals = make_node_evals(node->id, node->modify_index, model::trigger::kNodeDrain, s);
  return write(std::move(event));
}

Result<Prepared> prepare(const SetEligibility& command, Setting& s) {
  const auto node = s.view.node(command.node);
  if (!node) return Error{Errc::rejected, "node not found"};
  if (node->drain && command.eligibility == model::Eligibility::eligible)
    return Error{Errc::rejected, "can not set node's scheduling eligibility to eligible while it is draining"};
  return write(model::NodeEligibilityChanged{.node = command.node, .eligibility = command.eligibility, .evals = {}});
}

Result<Prepared> prepare(const EvaluateNode& command, Setting& s) {
  if (command.node.empty()) return Error{Errc::rejected, "missing node ID for evaluation"};
  const auto node = s.view.node(command.node);
  if (!node) return Error{Errc::rejected, "node not found"};
  model::EvalsUpdated event{make_node_evals(node->id, node->modify_index, model::trigger::kNodeUpdate, s)};
  Answer answer;
  answer.node_modify_index = node->modify_index;
  if (event.evals.empty()) {
    answer.index = s.view.index();
    return Prepared(std::move(answer));
  }
  answer.eval_ids = ids(event.evals);
  return Prepared(Write{std::move(event), std::move(answer)});
}

Result<Prepared> prepare(const PurgeNode& command, Setting& s) {
  const auto node = s.view.node(command.node);
  if (!node) return Error{Errc::rejected, "node not found"};
  return write(model::NodesDeregistered{
      .nodes = {command.node},
      .evals = make_node_evals(node->id, node->modify_index, model::trigger::kNodeUpdate, s),
      .collected_by = ""});
}

Result<Prepared> prepare(const UpdateAllocs& command, Setting& s) {
  TRY(authenticated(command.node, command.secret_id, s));
  model::AllocsUpdatedByClient event{.allocs = {}, .evals = {}};
  std::map<model::JobKey, model::JobPtr> failed;
  for (const auto& update : command.allocs) {
    const auto alloc = s.view.alloc(update.id);
    if (!alloc) continue;  // collected meanwhile
    if (alloc->node_id != command.node) return Error{Errc::denied, "allocation " + update.id.text + " is not on this node"};
    event.allocs.push_back(update);
    if (!wants_rescheduling(*alloc, update)) continue;
    if (const auto job = s.view.job(alloc->job_key()); job && !job->stop) failed.emplace(alloc->job_key(), job);
  }
  if (event.allocs.empty()) return Prepared(Answer{});
  for (const auto& [key, job] : failed) event.evals.push_back(make_eval(*job, model::trigger::kAllocFailure, s));
  return write(std::move(event));
}

}  // namespace core::server
