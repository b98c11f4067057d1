// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/discovery/consul_messages.h"

using namespace agent::discovery;

TEST_CASE("a Consul agent's word about itself is read", "[discovery][consul]") {
  const auto self = decode_consul_self(R"({"Config":{"Datacenter":"dc7","NodeName":"n1","NodeID":"x","Revision":"c2f1","Server":true,"Version":"1.9.5"},
    "Coord":{"Vec":[0,1]},"Member":{"Name":"n1","Port":8301,"Tags":{"dc":"dc7","segment":"west"}},"Meta":{}})");
  REQUIRE(self.ok());
  CHECK(*self == ConsulSelf{.version = "1.9.5", .revision = "c2f1", .datacenter = "dc7", .name = "n1", .segment = "west", .server = true});
}

TEST_CASE("what no Consul would say of itself is refused", "[discovery][consul]") {
  const auto text = GENERATE(as<std::string>{}, "", "[]", "{}", "null", "<html>", R"({"Config":"no"})", R"({"Config":{"Version":7}})", R"({"Config":{}})",
                             R"({"Config":{"Version":")" + std::string(257, 'v') + R"("}})", std::string(200, '['));
  CAPTURE(text);
  const auto self = decode_consul_self(text);
  REQUIRE_FALSE(self.ok());
  CHECK(self.error().code == core::Errc::corrupt);
}

TEST_CASE("addresses are those of the service, or of its node where it has none", "[discovery][consul]") {
  const auto found = decode_consul_addresses(R"([
    {"Node":"a","Address":"10.0.0.1","ServiceAddress":"10.1.0.1","ServicePort":4648,"ServiceTags":["serf"]},
    {"Node":"b","Address":"10.0.0.2","ServiceAddress":"","ServicePort":4648},
    {"Node":"b","Address":"10.0.0.2","ServiceAddress":null,"ServicePort":4648},
    {"Node":"c","Address":"fd00::7","ServicePort":5000},
    {"Node":"d","Address":"server-4.example","ServicePort":4648}])");
  REQUIRE(found.ok());
  CHECK(*found == Addresses{"10.1.0.1:4648", "10.0.0.2:4648", "[fd00::7]:5000", "server-4.example:4648"});
}

TEST_CASE("an address that cannot be used takes none of the others away", "[discovery][consul]") {
  const auto bad = GENERATE(as<std::string>{}, R"({"Address":"","ServicePort":4648})", R"({"Address":"10.0.0.9","ServicePort":0})",
                            R"({"Address":"10.0.0.9","ServicePort":65536})", R"({"Address":"10.0.0.9","ServicePort":-1})",
                            R"({"Address":"a b","ServicePort":1})", R"({"Address":"a\nb","ServicePort":1})", R"({"Address":"http://x/","ServicePort":1})",
                            R"({"Address":")" + std::string(254, 'a') + R"(","ServicePort":1})", "null", "{}");
  CAPTURE(bad);
  const auto found = decode_consul_addresses("[" + bad + R"(,{"Address":"10.0.0.1","ServicePort":4648}])");
  REQUIRE(found.ok());
  CHECK(*found == Addresses{"10.0.0.1:4648"});
}

TEST_CASE("a list of addresses is heard to its limit", "[discovery][consul]") {
  std::string all;
  for (int port = 1; port <= 1000; ++port) all += std::string(all.empty() ? "" : ",") + R"({"Address":"10.0.0.1","ServicePort":)" + std::to_string(port) + "}";
  const auto found = decode_consul_addresses("[" + all + "]");
  REQUIRE(found.ok());
  CHECK(found->size() == kAddressesMax);
}

TEST_CASE("what is no list of addresses or datacenters is refused", "[discovery][consul]") {
  const auto text = GENERATE(as<std::string>{}, "", "{}", "null", "true", "[1]", R"([{"Address":7}])", R"([{"ServicePort":"x"}])", "[[]]");
  CAPTURE(text);
  CHECK_FALSE(decode_consul_addresses(text).ok());
  CHECK_FALSE(decode_consul_datacenters(text).ok());
}

TEST_CASE("datacenters stay in Consul's order", "[discovery][consul]") {
  CHECK(*decode_consul_datacenters(R"(["b","a","c"])") == std::vector<std::string>{"b", "a", "c"});
  CHECK_FALSE(decode_consul_datacenters("[]").ok());
  CHECK_FALSE(decode_consul_datacenters(R"([""])").ok());
}

TEST_CASE("a registration says what Consul needs to advertise and check a service", "[discovery][consul]") {
  const ConsulService service{.id = "i", .name = "nomad", .address = "10.0.0.1", .port = 4647, .tags = {"rpc", "x"},
                              .check = {.id = "c", .name = "RPC Check", .http = {}, .tcp = "10.0.0.1:4647"}};
  CHECK(encode_registration(service) ==
        R"({"ID":"i","Name":"nomad","Address":"10.0.0.1","Port":4647,"Tags":["rpc","x"],"Meta":{"external-source":"nomad"},)"
        R"("Check":{"CheckID":"c","Name":"RPC Check","TCP":"10.0.0.1:4647","Interval":"10s","Timeout":"3s"}})");
}

TEST_CASE("what is registered is read back", "[discovery][consul]") {
  const auto there = decode_registered(R"({"i":{"ID":"i","Service":"nomad","Tags":["rpc"],"Meta":{},"Port":4647,"Address":"10.0.0.1","Weights":{"Passing":1}},
    "redis":{"ID":"redis","Service":"redis","Tags":null,"Port":-5,"Address":""}})");
  REQUIRE(there.ok());
  CHECK(there->size() == 2);
  CHECK(there->at("i").name == "nomad");
  CHECK(there->at("i").address == "10.0.0.1");
  CHECK(there->at("i").port == 4647);
  CHECK(there->at("i").tags == std::vector<std::string>{"rpc"});
  CHECK(there->at("redis").port == 0);
  CHECK_FALSE(decode_registered("[]").ok());
  CHECK_FALSE(decode_registered(R"({"i":3})").ok());
}
