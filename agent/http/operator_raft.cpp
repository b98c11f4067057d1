// SPDX-License-Identifier: MPL-2.0
// /v1/operator/raft/*: who is in the cluster, one less, another leader.
#include "agent/http/routes.h"
#include "core/base/fields.h"

namespace agent::http {
namespace {

using core::server::ServerName;

// The server that "id" or "address" names; Errc::invalid for both.
core::Result<ServerName> server_in(const Call& call) {
  const auto& query = call.request().query;
  ServerName name{.id = core::ServerId{std::string(query.get("id").value_or(""))}, .address = std::string(query.get("address").value_or(""))};
  if (!name.id.text.empty() && !name.address.empty()) return core::Error{core::Errc::invalid, "Must specify only one of ?id or ?address"};
  return name;
}

// Nomad answers 500 for a server that is not there.
void fail(const Call& call, const core::Error& error) {
  if (error.code == core::Errc::not_found) call.fail(500, error.detail);
  else call.fail(error);
}

// A server as an answer shows it; null when none is known.
void write_server(core::json::Writer& w, const char* key, const ServerName& server) {
  w.key(key);
  if (server.id.text.empty()) return w.null();
  core::encode(w, server);
}

}  // namespace

void raft_configuration(const Call& call) {
  if (!call.is(net::http::Method::get)) return call.send(Response::empty(405));
  if (!call.api().self.raft_json) return call.fail(501, "Invalid method");
  call.gateway().leader(call.request().query.has("stale"), [call](auto leader) {
    if (!leader.ok()) return call.fail(leader.error());
    call.ok(call.api().self.raft_json());
  });
}

void raft_peer(const Call& call) {
  if (!call.is(net::http::Method::delete_)) return call.send(Response::empty(405));
  const auto which = server_in(call);
  if (!which.ok()) return call.fail(which.error());
  if (which->id.text.empty() && which->address.empty())
    return call.fail(400, "Must specify either ?id with the server's ID or ?address with IP:port of peer to remove");
  call.gateway().remove_server(*which, [call](const core::Result<core::Unit>& removed) {
    if (!removed.ok()) return fail(call, removed.error());
    call.ok_empty({});
  });
}

// Without a name, to the server that is most up to date.
void raft_transfer_leadership(const Call& call) {
  if (!call.writes()) return call.send(Response::empty(405));
  const auto to = server_in(call);
  if (!to.ok()) return call.fail(to.error());
  call.gateway().hand_over(*to, [call](const core::Result<core::server::HandedOver>& handed) {
    if (!handed.ok()) return fail(call, handed.error());
    core::json::Writer w;
    w.begin_object();
    write_server(w, "From", handed->from);
    write_server(w, "To", handed->to);
    w.key("Noop");
    w.boolean(handed->noop);
    w.key("Err");
    w.null();
    w.end_object();
    call.ok(w.take());
  });
}

}  // namespace agent::http
