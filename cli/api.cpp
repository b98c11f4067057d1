// SPDX-License-Identifier: MPL-2.0
#include "cli/api.h"

#include <charconv>

#include "core/base/limits.h"
#include "net/http/client.h"

namespace cli {
namespace {

using core::Errc;
using core::Error;
using net::http::Method;

constexpr std::uint16_t kHttpPort = 4646;
constexpr core::Duration kTimeout = std::chrono::minutes(10);  // longer than any blocking query

std::string method_name(Method method) {
  switch (method) {
    case Method::put: return "Put";
    case Method::delete_: return "Delete";
    default: return "Get";
  }
}

std::string target(std::string_view path, const Api::Parameters& parameters) {
  std::string out(path);
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    out += separator + net::http::percent_encode(name) + "=" + net::http::percent_encode(value);
    separator = '&';
  }
  return out;
}

core::Status refusal(const net::http::Response& response) {
  if (response.status == 200) return core::ok_status();
  return Error{response.status == 404 ? Errc::not_found : Errc::rejected,
               "Unexpected response code: " + std::to_string(response.status) + " (" + response.body.text() + ")"};
}

std::uint64_t index_of(const net::http::Response& response) {
  const auto text = response.headers.find("X-Nomad-Index").value_or("0");
  std::uint64_t index = 0;
  std::from_chars(text.data(), text.data() + text.size(), index);
  return index;
}

}  // namespace

std::string path_id(std::string_view id) { return net::http::percent_encode(id); }

void Api::add_flags(Flags& flags) {
  flags.text("address", address_).text("region", region_).text("namespace", namespace_).text("token", token_);
  flags.boolean("no-color", no_color_);
  for (const auto name : {"ca-cert", "ca-path", "client-cert", "client-key", "tls-server-name"}) flags.text(name, unused_);
  flags.boolean("tls-skip-verify", unused_flag_).boolean("insecure", unused_flag_);
}

core::Status Api::connect(const Context& context) {
  const auto or_env = [&](std::string& value, const char* name) {
    if (value.empty()) value = context.env(name);
  };
  or_env(address_, "NOMAD_ADDR");
  or_env(region_, "NOMAD_REGION");
  or_env(namespace_, "NOMAD_NAMESPACE");
  or_env(token_, "NOMAD_TOKEN");
  if (address_.empty()) address_ = "http://127.0.0.1:4646";
  if (const auto url = net::http::parse_url(address_, kHttpPort); !url.ok())
    return Error{Errc::invalid, "Error initializing client: invalid address '" + address_ + "': " + url.error().detail};
  return core::ok_status();
}

Api Api::at(std::string address) const {
  auto other = *this;
  other.address_ = std::move(address);
  return other;
}

// One with what all requests of this command carry.
net::http::Outgoing Api::request(Method method, std::string_view path, Parameters parameters) const {
  if (!region_.empty()) parameters.emplace_back("region", region_);
  if (!namespace_.empty()) parameters.emplace_back("namespace", namespace_);
  net::http::Outgoing out{.method = method, .target = target(path, parameters), .timeout = kTimeout};
  out.headers.add("Accept", "application/json");
  if (!token_.empty()) out.headers.add("X-Nomad-Token", token_);
  return out;
}

core::Status Api::stream(std::string_view path, Parameters parameters, const std::function<bool(std::string_view)>& on_bytes) const {
  TRY(const auto url, net::http::parse_url(address_, kHttpPort));
  auto outgoing = request(Method::get, path, std::move(parameters));
  outgoing.timeout = core::Duration::zero();
  const auto shown = "Get \"" + address_ + outgoing.target + "\": ";
  bool any = false;
  const auto response = net::http::fetch_stream(url, std::move(outgoing), [&](std::string_view bytes) { return any = true, on_bytes(bytes); });
  if (!response.ok()) return Error{any ? Errc::io : Errc::unavailable, shown + response.error().detail};
  return refusal(*response);
}

core::Status Api::upload(std::string_view path, std::string body) const {
  TRY(const auto url, net::http::parse_url(address_, kHttpPort));
  auto outgoing = request(Method::put, path, {});
  outgoing.body = std::move(body);
  const auto shown = method_name(Method::put) + " \"" + address_ + outgoing.target + "\": ";
  const auto response = net::http::fetch(url, std::move(outgoing));
  if (!response.ok()) return Error{Errc::unavailable, shown + response.error().detail};
  return refusal(*response);
}

core::Result<Reply> Api::send(Method method, std::string_view path, std::string body, Parameters parameters) const {
  TRY(const auto url, net::http::parse_url(address_, kHttpPort));
  auto outgoing = request(method, path, std::move(parameters));
  outgoing.body = std::move(body);
  const auto shown = method_name(method) + " \"" + address_ + outgoing.target + "\": ";
  auto response = net::http::fetch(url, std::move(outgoing));
  if (!response.ok()) return Error{Errc::unavailable, shown + response.error().detail};
  TRY(refusal(*response));
  const auto text = response->body.text();
  auto document = core::json::parse(text.empty() ? "null" : text, {.bytes = 256 * core::limits::kMiB});
  if (!document.ok()) return core::within(shown + "the answer is not JSON", std::move(document).error());
  return Reply{std::move(*document), index_of(*response)};
}

core::Result<Reply> Api::get(std::string_view path, Parameters parameters) const {
  return send(Method::get, path, "", std::move(parameters));
}
core::Result<Reply> Api::put(std::string_view path, std::string body, Parameters parameters) const {
  return send(Method::put, path, std::move(body), std::move(parameters));
}
core::Result<Reply> Api::remove(std::string_view path, Parameters parameters) const {
  return send(Method::delete_, path, "", std::move(parameters));
}

}  // namespace cli
