// SPDX-License-Identifier: MPL-2.0
#include "agent/client/fingerprint_consul.h"

#include <map>
#include <string>

namespace agent::client {

bool fingerprint_consul(const std::optional<discovery::ConsulSelf>& consul, core::model::Node& node) {
  auto attributes = node.attributes.to_map();
  auto links = node.links.to_map();
  const auto set = [](std::map<std::string, std::string>& in, const char* key, const std::string& value) {
    in.erase(key);
    if (!value.empty()) in.emplace(key, value);
  };
  const auto self = consul.value_or(discovery::ConsulSelf{});
  set(attributes, "consul.server", !consul ? "" : self.server ? "true" : "false");
  set(attributes, "consul.version", self.version);
  set(attributes, "consul.revision", self.revision);
  set(attributes, "consul.datacenter", self.datacenter);
  set(attributes, "consul.segment", self.segment);
  set(attributes, "unique.consul.name", self.name);
  set(links, "consul", self.datacenter.empty() || self.name.empty() ? "" : self.datacenter + "." + self.name);
  const core::model::StringMap new_attributes(attributes), new_links(links);
  if (new_attributes == node.attributes && new_links == node.links) return false;
  node.attributes = new_attributes;
  node.links = new_links;
  return true;
}

}  // namespace agent::client
