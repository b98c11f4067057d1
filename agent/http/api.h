// SPDX-License-Identifier: MPL-2.0
// What the API's handlers work with, and the few things all of them do: read the common parameters,
// refuse a wrong method, answer with the meta headers, turn errors into Nomad's status codes and texts.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/gateway.h"
#include "core/base/json.h"
#include "core/server/keyring.h"
#include "net/http/message.h"
#include "net/http/responder.h"
#include "net/relay/asker.h"
#include "net/uv/loop.h"

namespace agent::http {

using net::http::Request;
using net::http::Responder;
using net::http::Response;

enum class Compat { automatic, off, v0_1_2 };  // which clients get the shapes of v0.1.2

struct Health {
  bool ok = false;
  std::string message;
  template <class S, class Visit>
  static void fields(S& self, Visit&& visit) {
    visit("ok", self.ok);
    visit("message", self.message);
  }
};

// What this agent says of itself; filled in by agent/run.cpp.
struct Self {
  std::function<std::string()> config_json;  // secrets redacted
  std::function<std::string()> member_json;
  std::function<std::string()> stats_json;   // {section: {key: text}}
  std::function<std::string()> members_json; // array of members, this agent's region and all others
  std::function<std::vector<std::string>()> servers;  // unset: no client here
  std::function<core::Status(std::vector<std::string>)> set_servers;
  std::function<Health()> client_health, server_health;  // unset: no such half here
  // How many were joined, or the first error if none was; unset: no server here.
  std::function<void(const std::vector<std::string>&, net::uv::Done<std::size_t>)> join;
  std::function<void(const std::string& name, bool prune)> force_leave;  // unset: no server here
  // The keys of gossip, on all servers; unset: no server here.
  std::function<void(core::server::KeyringOp, const std::string& key, net::uv::Done<core::server::KeyringReport>)> keyring;
  std::function<std::vector<std::string>()> regions;                    // unset: no server here
  std::function<std::string()> raft_json;  // the voters and who leads; unset: no server here
  // The rendezvous of servers; unset: this agent offers none.
  std::function<core::Result<std::string>(std::string_view token, core::ByteView body)> rendezvous_visit = {};
  std::function<core::Status(std::string_view token, const std::string& infrastructure, const std::string& address)> rendezvous_leave = {};
  std::function<std::string()> metrics_json = {};  // of the last interval
  std::function<std::string()> metrics_text = {};  // for Prometheus; unset: not wanted
  std::string name, region, datacenter;
  bool server = false;
};

struct OwnNode;
struct Streams;

struct Api {
  Gateway& gateway;
  Self self;
  Streams& streams;
  OwnNode* own_node = nullptr;  // null: no client here
  // Has a server of the region answer a request; on an agent without one, a server that it knows. Unset: nobody can.
  std::function<void(const std::string& region, const Request&, const Responder&, net::relay::Hooks)> pass_on = {};
  Compat compat = Compat::automatic;
  net::http::Headers extra_headers;  // http_api_response_headers
};

// One request being answered.
class Call {
 public:
  Call(const Api& api, Request request, Responder responder)
      : api_(&api), request_(std::move(request)), responder_(std::move(responder)) {}

  const Api& api() const { return *api_; }
  Gateway& gateway() const { return api_->gateway; }
  const Request& request() const { return request_; }
  // For answers in pieces; other answers go through what is below.
  const Responder& responder() const { return responder_; }
  bool is(net::http::Method method) const { return request_.method == method; }
  bool writes() const { return is(net::http::Method::put) || is(net::http::Method::post); }
  // As asked for; this agent's own if none is.
  std::string region() const;
  // Passes the request on if it is for another region. True: nothing is left to do here.
  bool elsewhere() const;
  void pass_on(const std::string& region) const;
  // Does this client decode the shapes of v0.1.2 only?
  bool old_client() const;
  // The same call, answered so that web pages of any origin may read it.
  Call for_any_origin() const;

  // The body as JSON; Errc::invalid "Request body is empty", or where it is malformed.
  core::Result<core::json::Document> body() const;

  void ok(std::string json) const;                       // no index
  void ok(std::string json, core::Index index) const;    // a write's answer
  void ok_empty(core::Index index) const;
  void fail(const core::Error& error) const;
  void fail(int status, std::string_view words) const;
  // Text or bytes from disk, or a preflight: no JSON, no index.
  void send(Response response) const;
  // The head of a stream; pieces follow through responder().
  void start(Response head) const;
  void invalid_method() const { fail(405, "Invalid method"); }
  // Runs the query and answers with what it says; `missing` is the text of a 404. `wrap` makes the
  // answer's JSON where that is more than the state keeps.
  using Wrap = std::string (*)(const core::server::QueryAnswer& answer);
  void read(core::server::Ask ask, std::string id, std::string_view missing, Wrap wrap = nullptr) const;
  // Submits the command; `render` makes the answer's JSON.
  void write(core::server::Command command,
             std::function<std::string(const core::server::Answer&)> render) const;

 private:
  Response with_extra_headers(Response response) const;

  const Api* api_;
  Request request_;
  Responder responder_;
  bool any_origin_ = false;
};

// The common query parameters as a Query; Errc::invalid "Invalid index", "Invalid wait time".
core::Result<core::server::Query> query_from(const Request& request, core::server::Ask ask, std::string id);
// A Go boolean; Errc::rejected in Go's words.
core::Result<bool> bool_parameter(const Request& request, std::string_view name, bool absent);
// The HTTP status Nomad answers with.
int status_of(core::Errc code);
// Keeps the request's handler from running for more than the path's own object: splits "ID/action".
struct IdAndAction {
  std::string id;
  std::string action;  // empty: the object itself
};
// The action is the last of `actions` (each "/name") that `rest` ends with; ids may hold slashes.
IdAndAction split(std::string_view rest, std::initializer_list<std::string_view> actions);

}  // namespace agent::http
