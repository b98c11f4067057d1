// SPDX-License-Identifier: MPL-2.0
// The HTTP API as commands use it: an address from -address or NOMAD_ADDR, one request at a time,
// errors worded as Nomad's Go client words them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/args.h"
#include "cli/command.h"
#include "core/base/json.h"
#include "net/http/client.h"

namespace cli {

struct Reply {
  core::json::Document body;
  std::uint64_t index = 0;  // X-Nomad-Index
};

class Api {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  // Adds -address, -region, -namespace, -token and the other flags that all commands share.
  void add_flags(Flags& flags);
  // After parsing: fills in what the environment says. Errc::invalid: "Error initializing client: ...".
  core::Status connect(const Context& context);

  // Errors: unavailable ("Get \"http://...\": dial tcp ...: connect: connection refused"), or any
  // status but 200: "Unexpected response code: 404 (job not found)", not_found for 404.
  core::Result<Reply> get(std::string_view path, Parameters parameters = {}) const;
  core::Result<Reply> put(std::string_view path, std::string body, Parameters parameters = {}) const;
  core::Result<Reply> remove(std::string_view path, Parameters parameters = {}) const;
  // What is not JSON; no answer is looked at.
  core::Status upload(std::string_view path, std::string body) const;
  // The answer's bytes as they come, for as long as they do or until `on_bytes` returns false. Errors as
  // above; io when the stream broke off.
  core::Status stream(std::string_view path, Parameters parameters, const std::function<bool(std::string_view)>& on_bytes) const;
  // All that follows is about this region, whatever the flags said.
  void use_region(std::string region) { region_ = std::move(region); }
  // The same flags for another agent.
  Api at(std::string address) const;
  const std::string& address() const { return address_; }

 private:
  net::http::Outgoing request(net::http::Method method, std::string_view path, Parameters parameters) const;
  core::Result<Reply> send(net::http::Method method, std::string_view path, std::string body, Parameters parameters) const;

  std::string address_, region_, namespace_, token_, unused_;
  bool no_color_ = false, unused_flag_ = false;
};

// Percent-encodes an id for use in a path.
std::string path_id(std::string_view id);

}  // namespace cli
