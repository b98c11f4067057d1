// SPDX-License-Identifier: MPL-2.0
#include "agent/http/routes.h"
#include "core/base/fields.h"

namespace agent::http {
namespace {

using core::NodeId;
using core::server::Answer;
using core::server::Ask;
namespace json = core::json;

std::string node_answer(const Answer& answer) {
  json::Writer w;
  w.begin_object();
  w.key("EvalIDs");
  core::encode(w, answer.eval_ids);
  w.key("EvalCreateIndex");
  w.uint64(answer.eval_create_index.value);
  w.key("NodeModifyIndex");
  w.uint64(answer.node_modify_index.value);
  w.key("HeartbeatTTL");
  w.uint64(0);
  w.key("NumNodes");
  w.uint64(answer.nodes);
  w.key("Index");
  w.uint64(answer.index.value);
  w.key("LastContact");
  w.uint64(0);
  w.key("KnownLeader");
  w.boolean(false);
  w.end_object();
  return w.take();
}

struct DrainBody {
  std::optional<core::model::DrainStrategy> drain;
  bool mark_eligible = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("DrainSpec", self.drain);
    visit("MarkEligible", self.mark_eligible);
  }
};

// v0.1.2 switches draining on and off by a query parameter and sends no body.
core::Result<core::server::DrainNode> old_drain(const Call& call, NodeId node) {
  const auto text = call.request().query.get("enable");
  if (!text || text->empty()) return core::Error{core::Errc::invalid, "missing enable value"};
  const auto enable = bool_parameter(call.request(), "enable", false);
  if (!enable.ok()) return core::Error{core::Errc::invalid, "invalid enable value"};
  core::server::DrainNode command{.node = std::move(node), .drain = std::nullopt, .mark_eligible = !*enable};
  if (*enable) command.drain = core::model::DrainStrategy{.deadline = core::Duration(-1), .ignore_system_jobs = false, .force_deadline = {}, .started_at = {}};
  return command;
}

core::Result<core::server::DrainNode> drain_in(const Call& call, NodeId node) {
  if (call.request().body.empty()) return old_drain(call, std::move(node));
  TRY(const auto document, call.body());
  DrainBody body;
  TRY(core::decode(document.root(), body));
  return core::server::DrainNode{.node = std::move(node), .drain = body.drain, .mark_eligible = body.mark_eligible};
}

void drain(const Call& call, NodeId node) {
  auto command = drain_in(call, std::move(node));
  if (!command.ok()) return call.fail(command.error());
  call.write(std::move(*command), node_answer);
}

void eligibility(const Call& call, NodeId node) {
  auto document = call.body();
  if (!document.ok()) return call.fail(document.error());
  std::string word;
  if (document->root().kind() == json::Kind::object)
    if (const auto found = document->root().find("Eligibility"); found.present && found.value.kind() == json::Kind::string)
      word = found.value.string();
  const auto eligibility = core::from_word<core::model::Eligibility>(word);
  if (!eligibility) return call.fail(500, "invalid scheduling eligibility \"" + word + "\"");
  call.write(core::server::SetEligibility{.node = std::move(node), .eligibility = *eligibility}, node_answer);
}

}  // namespace

void nodes(const Call& call) { call.read(Ask::nodes, "", ""); }

void node(const Call& call) {
  auto [id, action] = split(call.request().rest(), {"/allocations", "/evaluate", "/drain", "/eligibility", "/purge"});
  if (id.empty()) return call.fail(500, "missing node ID");
  if (action.empty()) return call.read(Ask::node, id, "node not found");
  if (action == "allocations") return call.read(Ask::node_allocs, id, "node not found");
  if (!call.writes()) return call.invalid_method();
  NodeId node{std::move(id)};
  if (action == "evaluate") return call.write(core::server::EvaluateNode{std::move(node)}, node_answer);
  if (action == "purge") return call.write(core::server::PurgeNode{std::move(node)}, node_answer);
  if (action == "drain") return drain(call, std::move(node));
  eligibility(call, std::move(node));
}

}  // namespace agent::http
