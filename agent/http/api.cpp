// SPDX-License-Identifier: MPL-2.0
#include "agent/http/api.h"

#include <algorithm>
#include <array>
#include <memory>

#include "core/base/integer.h"
#include "core/base/time.h"

namespace agent::http {
namespace {

using namespace std::chrono_literals;
using core::Errc;
using core::Error;

// Query parameters that a v0.1.2 client may send.
constexpr std::array<std::string_view, 7> kOldParameters{"region", "stale", "index", "wait", "address", "node", "enable"};

void add_meta(net::http::Headers& headers, const core::server::QueryAnswer& answer) {
  headers.add("X-Nomad-Index", std::to_string(std::max<std::uint64_t>(answer.index.value, 1)));
  headers.add("X-Nomad-KnownLeader", answer.known_leader ? "true" : "false");
  headers.add("X-Nomad-LastContact", std::to_string(answer.last_contact / 1ms));
}

bool pretty(const Request& request) {
  const auto value = request.query.get("pretty");
  return value && *value != "0";
}

}  // namespace

int status_of(Errc code) {
  switch (code) {
    case Errc::invalid: return 400;
    case Errc::denied: return 403;
    case Errc::not_found: return 404;
    case Errc::conflict: return 409;
    case Errc::too_large: return 413;
    case Errc::busy: return 429;
    case Errc::unsupported: return 501;
    case Errc::rejected:
    case Errc::no_leader:
    case Errc::unknown_fate:
    case Errc::timeout:
    case Errc::unavailable:
    case Errc::corrupt:
    case Errc::io:
    case Errc::no_space:
    case Errc::permission:
    case Errc::in_use: return 500;
  }
  UNREACHABLE();
}

core::Result<core::server::Query> query_from(const Request& request, core::server::Ask ask, std::string id) {
  core::server::Query query;
  query.ask = ask;
  query.id = std::move(id);
  const auto& given = request.query;
  if (const auto ns = given.get("namespace"); ns && !ns->empty()) query.ns = *ns;
  if (const auto prefix = given.get("prefix")) query.prefix = *prefix;
  if (const auto token = given.get("next_token")) query.next_token = *token;
  query.stale = given.has("stale") && *given.get("stale") != "false";
  if (const auto text = given.get("index"); text && !text->empty()) {
    const auto index = core::parse_integer<std::uint64_t>(*text);
    if (!index) return Error{Errc::invalid, "Invalid index"};
    query.min_index = *index;
  }
  if (const auto text = given.get("wait"); text && !text->empty()) {
    const auto wait = core::parse_duration(*text);
    if (!wait.ok()) return Error{Errc::invalid, "Invalid wait time"};
    query.wait = *wait;
  }
  if (const auto text = given.get("per_page"); text && !text->empty())
    query.per_page = core::parse_integer<std::uint64_t>(*text).value_or(0);
  TRY(query.resources, bool_parameter(request, "resources", false));
  TRY(query.task_states, bool_parameter(request, "task_states", true));
  return query;
}

core::Result<bool> bool_parameter(const Request& request, std::string_view name, bool absent) {
  const auto text = request.query.get(name);
  if (!text || text->empty()) return absent;
  for (const auto yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (*text == yes) return true;
  for (const auto no : {"0", "f", "F", "false", "FALSE", "False"})
    if (*text == no) return false;
  const std::string value(*text);
  return Error{Errc::rejected, "Failed to parse value of \"" + std::string(name) + "\" (" + value +
                                   ") as a bool: strconv.ParseBool: parsing \"" + value + "\": invalid syntax"};
}

IdAndAction split(std::string_view rest, std::initializer_list<std::string_view> actions) {
  for (const auto action : actions)
    if (rest.size() > action.size() && rest.ends_with(action))
      return {std::string(rest.substr(0, rest.size() - action.size())), std::string(action.substr(1))};
  return {std::string(rest), ""};
}

std::string Call::region() const {
  const auto asked = request_.query.get("region");
  return asked && !asked->empty() ? std::string(*asked) : api_->self.region;
}

bool Call::elsewhere() const {
  if (region() == api_->self.region || is(net::http::Method::options)) return false;
  pass_on(region());
  return true;
}

// What came from another region goes to no third one.
void Call::pass_on(const std::string& to) const {
  if (request_.passed == net::http::Passed::last || !api_->pass_on) return fail(500, "No path to region");
  api_->pass_on(to, request_, responder_,
                {.on_head = [call = *this](Response& head) { head = call.with_extra_headers(std::move(head)); },
                 .on_failed = [call = *this](const core::Error& error) { call.fail(error); }});
}

// A v0.1.2 client names itself nowhere; what tells it apart is what it does not send.
bool Call::old_client() const {
  if (api_->compat != Compat::automatic) return api_->compat == Compat::v0_1_2;
  const auto agent = request_.headers.find("User-Agent");
  if (!agent || !agent->starts_with("Go")) return false;
  if (!request_.keep_alive || request_.headers.find("Accept") || request_.headers.find("X-Nomad-Token")) return false;
  const auto& given = request_.query.parameters();
  return std::all_of(given.begin(), given.end(), [](const auto& parameter) {
    return std::find(kOldParameters.begin(), kOldParameters.end(), parameter.first) != kOldParameters.end();
  });
}

core::Result<core::json::Document> Call::body() const {
  if (request_.body.empty()) return Error{Errc::invalid, "Request body is empty"};
  return core::json::parse(request_.body, {.allow_trailing = true});
}

Call Call::for_any_origin() const {
  auto call = *this;
  call.any_origin_ = true;
  return call;
}

Response Call::with_extra_headers(Response response) const {
  if (any_origin_) {
    response.headers.set("Access-Control-Allow-Origin", "*");
    response.headers.set("Access-Control-Allow-Credentials", "true");
  }
  // Else the agent that passed it on has some of its own.
  if (request_.passed == net::http::Passed::no) api_->extra_headers.for_each([&](auto name, auto value) { response.headers.set(name, value); });
  return response;
}

void Call::send(Response response) const { responder_.send(with_extra_headers(std::move(response))); }
void Call::start(Response head) const { responder_.start(with_extra_headers(std::move(head))); }

void Call::ok(std::string json) const {
  if (pretty(request_))
    if (auto indented = core::json::pretty(json); indented.ok()) json = std::move(*indented);
  send(Response::json(std::move(json)));
}

void Call::ok(std::string json, core::Index index) const {
  if (pretty(request_))
    if (auto indented = core::json::pretty(json); indented.ok()) json = std::move(*indented);
  auto response = Response::json(std::move(json));
  response.headers.set("X-Nomad-Index", std::to_string(index.value));
  send(std::move(response));
}

void Call::ok_empty(core::Index index) const {
  auto response = Response::empty(200);
  if (index.value > 0) response.headers.set("X-Nomad-Index", std::to_string(index.value));
  send(std::move(response));
}

void Call::fail(const core::Error& error) const { fail(status_of(error.code), error.detail); }
void Call::fail(int status, std::string_view words) const { send(Response::text(status, words)); }

void Call::read(core::server::Ask ask, std::string id, std::string_view missing, Wrap wrap) const {
  if (!is(net::http::Method::get)) return invalid_method();
  auto query = query_from(request_, ask, std::move(id));
  if (!query.ok()) return fail(query.error());
  if (old_client()) query->shape = core::model::Shape::v0_1_2;
  gateway().query(std::move(*query), [call = *this, text = std::string(missing), wrap](auto answer) {
    if (!answer.ok()) return call.fail(answer.error());
    if (!answer->json) {
      auto response = Response::text(404, text);
      add_meta(response.headers, *answer);
      return call.send(std::move(response));
    }
    net::http::Body body(answer->json);
    if (wrap != nullptr) body = net::http::Body(wrap(*answer));
    if (pretty(call.request_))
      if (auto indented = core::json::pretty(body.text()); indented.ok()) body = net::http::Body(std::move(*indented));
    auto response = Response::json(std::move(body));
    add_meta(response.headers, *answer);
    if (!answer->next_token.empty()) response.headers.set("X-Nomad-NextToken", answer->next_token);
    call.send(std::move(response));
  });
}

void Call::write(core::server::Command command,
                 std::function<std::string(const core::server::Answer&)> render) const {
  gateway().command(std::move(command), [call = *this, render = std::move(render)](auto answer) {
    if (!answer.ok()) return call.fail(answer.error());
    call.ok(render(*answer), answer->index);
  });
}

}  // namespace agent::http
