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

core::Result<Reply> Api::send(int method_number, std::string_view path, std::string body, Parameters parameters) const {
  const auto method = static_cast<Method>(method_number);
  if (!region_.empty()) parameters.emplace_back("region", region_);
  if (!namespace_.empty()) parameters.emplace_back("namespace", namespace_);
  TRY(const auto url, net::http::parse_url(address_, kHttpPort));
  net::http::Outgoing request{.method = method, .target = target(path, parameters), .timeout = kTimeout};
  request.body = std::move(body);
  request.headers.add("Accept", "application/json");
  if (!token_.empty()) request.headers.add("X-Nomad-Token", token_);
  const auto shown = method_name(method) + " \"" + address_ + request.target + "\": ";
  auto response = net::http::fetch(url, std::move(request));
  if (!response.ok()) return Error{Errc::unavailable, shown + response.error().detail};
  const auto text = response->body.text();
  if (response->status != 200)
    return Error{response->status == 404 ? Errc::not_found : Errc::rejected,
                 "Unexpected response code: " + std::to_string(response->status) + " (" + text + ")"};
  auto document = core::json::parse(text.empty() ? "null" : text, {.bytes = 256 * core::limits::kMiB});
  if (!document.ok()) return core::within(shown + "the answer is not JSON", std::move(document).error());
  return Reply{std::move(*document), index_of(*response)};
}

core::Result<Reply> Api::get(std::string_view path, Parameters parameters) const {
  return send(static_cast<int>(Method::get), path, "", std::move(parameters));
}
core::Result<Reply> Api::put(std::string_view path, std::string body, Parameters parameters) const {
  return send(static_cast<int>(Method::put), path, std::move(body), std::move(parameters));
}
core::Result<Reply> Api::remove(std::string_view path, Parameters parameters) const {
  return send(static_cast<int>(Method::delete_), path, "", std::move(parameters));
}

}  // namespace cli
