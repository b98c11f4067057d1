// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/consul_search.h"

#include <algorithm>
#include <utility>

#include "agent/discovery/consul_messages.h"
#include "net/http/target.h"

namespace agent::discovery {

std::optional<std::string> ConsulSearch::next() const {
  if (!knows_datacenters_) return "/v1/catalog/datacenters";
  if (datacenters_.empty()) return std::nullopt;
  const auto escaped = [](const std::string& text) { return net::http::percent_encode(text); };
  return "/v1/catalog/service/" + escaped(rules_.service) + "?dc=" + escaped(datacenters_.back()) + "&tag=" + escaped(rules_.tag) +
         "&near=_agent&stale=&wait=2s";
}

void ConsulSearch::answered(const core::Result<core::Bytes>& body) {
  if (knows_datacenters_) heard_servers(body);
  else heard_datacenters(body);
}

void ConsulSearch::heard_datacenters(const core::Result<core::Bytes>& body) {
  knows_datacenters_ = true;
  auto names = body.ok() ? decode_consul_datacenters(*body) : core::Result<std::vector<std::string>>(body.error());
  if (!names.ok()) {
    first_error_ = names.error();
    return;
  }
  const auto nearest = names->front();
  names->erase(names->begin());
  rng_.shuffle(*names);
  names->resize(std::min(names->size(), rules_.datacenters_max - 1));
  datacenters_ = std::move(*names);
  datacenters_.push_back(nearest);
}

void ConsulSearch::heard_servers(const core::Result<core::Bytes>& body) {
  datacenters_.pop_back();
  const auto servers = body.ok() ? decode_consul_addresses(*body) : core::Result<Addresses>(body.error());
  if (!servers.ok()) {
    if (!first_error_) first_error_ = servers.error();
    return;
  }
  for (const auto& server : *servers)
    if (found_.size() < kAddressesMax && std::find(found_.begin(), found_.end(), server) == found_.end()) found_.push_back(server);
  if (rules_.first_is_enough && !found_.empty()) datacenters_.clear();
}

core::Result<Addresses> ConsulSearch::outcome() const {
  ASSERT(!next());
  if (found_.empty() && first_error_) return *first_error_;
  return found_;
}

}  // namespace agent::discovery
