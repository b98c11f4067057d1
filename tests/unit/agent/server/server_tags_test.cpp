// SPDX-License-Identifier: MPL-2.0
#include "agent/server/server_tags.h"

#include <catch2/catch.hpp>

using namespace agent::server;

namespace {

const ServerTags kServer{.region = "global", .datacenter = "dc1", .build = "1.0", .id = {"5f1c"}, .rpc_host = "10.0.0.1", .rpc_port = 4647, .expect = 3};

core::gossip::Member member_with(core::gossip::Tags tags) {
  core::gossip::Member member;
  member.name = "a.global";
  member.endpoint = {"10.0.0.9", 4648};
  member.tags = std::move(tags);
  return member;
}

}  // namespace

TEST_CASE("a server is read back from its tags", "[agent][gossip]") {
  const auto read = server_in(member_with(to_tags(kServer)));
  REQUIRE(read);
  CHECK(read->region == "global");
  CHECK(read->datacenter == "dc1");
  CHECK(read->id == kServer.id);
  CHECK(read->rpc_address() == "10.0.0.1:4647");
  CHECK(read->expect == 3);
}

TEST_CASE("tags that are no server's are not taken for one", "[agent][gossip]") {
  for (const auto* missing : {"role", "region", "id", "port"}) {
    auto tags = to_tags(kServer);
    tags.erase(missing);
    CHECK_FALSE(server_in(member_with(tags)));
  }
  for (const auto& [key, value] : {std::pair{"role", "consul"}, {"port", "70000"}, {"port", "x"}, {"expect", "-1"}}) {
    auto tags = to_tags(kServer);
    tags[key] = value;
    CHECK_FALSE(server_in(member_with(tags)));
  }
}

TEST_CASE("without an address of its own RPC is where gossip is", "[agent][gossip]") {
  auto tags = to_tags(kServer);
  tags.erase("rpc_addr");
  CHECK(server_in(member_with(tags))->rpc_address() == "10.0.0.9:4647");
  tags["rpc_addr"] = "fd00::1";
  CHECK(server_in(member_with(tags))->rpc_address() == "[fd00::1]:4647");
}

TEST_CASE("a member looks as Nomad's tools read it", "[agent][gossip]") {
  CHECK(member_json(member_with({{"role", "nomad"}})) ==
        R"({"Name":"a.global","Addr":"10.0.0.9","Port":4648,"Tags":{"role":"nomad"},"Status":"alive","ProtocolMin":1,"ProtocolMax":1,"ProtocolCur":1,"DelegateMin":1,"DelegateMax":1,"DelegateCur":1})");
  CHECK(members_json({}) == "[]");
}
