// SPDX-License-Identifier: MPL-2.0
#include "agent/http/own_node.h"

#include <utility>

namespace agent::http {
namespace {

// Asks the servers whether there is such an object, and says that it cannot be reached from here.
void explain(const Call& call, core::server::Ask ask, const std::string& id, std::string unknown) {
  core::server::Query query;
  query.ask = ask;
  query.id = id;
  call.gateway().query(std::move(query), [call, unknown = std::move(unknown)](auto answer) {
    if (!answer.ok()) return call.fail(answer.error());
    call.fail(404, answer->json ? "No path to node" : unknown);
  });
}

}  // namespace

bool begin_client_call(const Call& call) {
  if (call.is(net::http::Method::options)) {
    auto allowed = Response::empty(200);
    allowed.headers.set("Access-Control-Allow-Methods", "GET");
    call.send(std::move(allowed));
    return false;
  }
  return true;
}

void with_alloc(const Call& call, const core::AllocId& id, AllocHandler handle) {
  auto* own = call.api().own_node;
  if (const auto alloc = own == nullptr ? nullptr : own->node.alloc(id)) return handle(call, *own, alloc);
  explain(call, core::server::Ask::alloc, id.text, "Unknown allocation \"" + id.text + "\"");
}

void with_node(const Call& call, std::function<void(const Call&, OwnNode&)> handle) {
  auto* own = call.api().own_node;
  const std::string id(call.request().query.get("node_id").value_or(""));
  if (own != nullptr && (id.empty() || id == own->node.node().id.text)) return handle(call, *own);
  if (id.empty()) return call.fail(400, "No local Node and node_id not provided");
  explain(call, core::server::Ask::node, id, "Unknown node ID");
}

}  // namespace agent::http
