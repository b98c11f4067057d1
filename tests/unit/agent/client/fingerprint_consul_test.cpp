// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/client/fingerprint_consul.h"

using agent::client::fingerprint_consul;
using agent::discovery::ConsulSelf;

namespace {

const ConsulSelf kSelf{.version = "1.9.5", .revision = "c2f1", .datacenter = "dc7", .name = "n1", .segment = {}, .server = false};

core::model::Node node() {
  core::model::Node out;
  out.attributes = core::model::StringMap(std::map<std::string, std::string>{{"cpu.arch", "amd64"}});
  return out;
}

}  // namespace

TEST_CASE("what Consul says of itself becomes attributes and a link of the node", "[client][fingerprint][consul]") {
  auto n = node();
  CHECK(fingerprint_consul(kSelf, n));
  CHECK(n.attributes.to_map() == std::map<std::string, std::string>{{"consul.datacenter", "dc7"},
                                                                    {"consul.revision", "c2f1"},
                                                                    {"consul.server", "false"},
                                                                    {"consul.version", "1.9.5"},
                                                                    {"cpu.arch", "amd64"},
                                                                    {"unique.consul.name", "n1"}});
  CHECK(n.links.find("consul") == "dc7.n1");
  CHECK_FALSE(fingerprint_consul(kSelf, n));
}

TEST_CASE("nothing of Consul stays when it is gone", "[client][fingerprint][consul]") {
  auto n = node();
  CHECK(fingerprint_consul(kSelf, n));
  CHECK(fingerprint_consul(std::nullopt, n));
  CHECK(n.attributes == node().attributes);
  CHECK(n.links.empty());
  CHECK_FALSE(fingerprint_consul(std::nullopt, n));
}

TEST_CASE("a Consul without a name gets no link", "[client][fingerprint][consul]") {
  auto n = node();
  auto self = kSelf;
  self.name.clear();
  CHECK(fingerprint_consul(self, n));
  CHECK(n.links.empty());
}
