// SPDX-License-Identifier: MPL-2.0
#include "agent/client/server_names.h"

#include <algorithm>
#include <utility>

#include "agent/config_ports.h"

namespace agent::client {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration kRefresh = 60s;
// A name that cannot be looked up is tried again soon, then less and less often.
constexpr core::Duration kRetryMin = 1s;
constexpr core::Duration kRetryMax = 30s;

}  // namespace

ServerNames::ServerNames(net::uv::Loop& loop, core::Logger logger) : loop_(loop), log_(std::move(logger)), again_(loop, [this] { look_up(); }) {}

core::Status ServerNames::set(const std::vector<std::string>& texts) {
  std::vector<Name> names;
  for (const auto& text : texts) {
    Name name;
    TRY(name.host, net::uv::parse_host_port(text, config::kRpcPort));
    name.numeric = name.tried = net::uv::is_ip(name.host.host);
    if (name.numeric) name.addresses = {{name.host.host, name.host.port}};
    names.push_back(std::move(name));
  }
  const bool was_looking = looking();
  names_ = std::move(names);
  retry_ = kRetryMin;
  again_.disarm();
  look_up();
  if (was_looking && !looking() && on_known_) on_known_();
  return core::ok_status();
}

std::vector<net::uv::Address> ServerNames::addresses() const {
  std::vector<net::uv::Address> out;
  for (const auto& name : names_)
    for (const auto& address : name.addresses)
      if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
  return out;
}

bool ServerNames::looking() const {
  return addresses().empty() && std::any_of(names_.begin(), names_.end(), [](const Name& name) { return !name.tried; });
}

void ServerNames::look_up() {
  for (std::size_t at = 0; at < names_.size(); ++at) {
    auto& name = names_[at];
    if (name.numeric || name.lookup) continue;
    name.lookup.emplace(loop_, name.host, [this, at](auto result) { answered(at, std::move(result)); });
  }
}

void ServerNames::answered(std::size_t at, core::Result<std::vector<net::uv::Address>> result) {
  auto& name = names_[at];
  name.lookup.reset();
  const bool was_looking = looking();
  name.tried = true;
  if (result.ok()) {
    name.addresses = std::move(*result);
    name.failed = false;
  } else if (!std::exchange(name.failed, true)) {
    LOG(log_, warn, "cannot look up server", {"name", name.host.host}, {"error", result.error()});
  }
  const bool busy = std::any_of(names_.begin(), names_.end(), [](const Name& other) { return other.lookup.has_value(); });
  if (!busy) {
    const bool failed = std::any_of(names_.begin(), names_.end(), [](const Name& other) { return other.failed; });
    again_.arm(loop_.now() + (failed ? retry_ : kRefresh));
    retry_ = failed ? std::min(retry_ * 2, kRetryMax) : kRetryMin;
  }
  if (was_looking && !looking() && on_known_) on_known_();
}

}  // namespace agent::client
