// SPDX-License-Identifier: MPL-2.0
#include "core/sched/ports.h"

#include <catch2/catch.hpp>

#include <set>

namespace {

using namespace core;
using model::NetworkResource;
using sched::Networks;
using sched::PortIndex;
using sched::PortRange;

NetworkResource network(std::string ip, std::int64_t mbits = 1000, std::string device = "eth0") {
  NetworkResource out;
  out.device = std::move(device);
  out.ip = std::move(ip);
  out.mbits = mbits;
  return out;
}

model::Node node_with(std::vector<NetworkResource> networks) {
  model::Node node;
  node.id = {"n1"};
  node.resources.networks = std::move(networks);
  return node;
}

NetworkResource ask(std::vector<std::int64_t> fixed, std::vector<std::string> dynamic = {}, std::int64_t mbits = 0) {
  NetworkResource out;
  out.mbits = mbits;
  for (const auto value : fixed) out.reserved_ports.push_back({"p" + std::to_string(value), value, 0, "default"});
  for (auto& label : dynamic) out.dynamic_ports.push_back({std::move(label), 0, 0, "default"});
  return out;
}

const PortRange kRange;

}  // namespace

TEST_CASE("a static port is given as asked, on the node's address and device", "[sched][ports]") {
  const PortIndex index(node_with({network("10.0.0.1")}));
  Rng rng(1);
  const auto offer = index.offer({{"web", {ask({8080})}}}, kRange, rng);
  REQUIRE(offer.ok());
  const auto& given = offer->at("web").at(0);
  CHECK(given.ip == "10.0.0.1");
  CHECK(given.device == "eth0");
  CHECK(given.reserved_ports.at(0).value == 8080);
}

TEST_CASE("a static port that is taken is refused with its label", "[sched][ports]") {
  PortIndex index(node_with({network("10.0.0.1")}));
  Rng rng(1);
  const auto first = index.offer({{"web", {ask({8080})}}}, kRange, rng);
  REQUIRE(first.ok());
  index.add(*first);
  const auto second = index.offer({{"web", {ask({8080})}}}, kRange, rng);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().detail == "reserved port collision p8080=8080");
}

TEST_CASE("two tasks of one ask cannot share a static port on one address", "[sched][ports]") {
  Rng rng(1);
  const Networks twice{{"a", {ask({80})}}, {"b", {ask({80})}}};
  CHECK_FALSE(PortIndex(node_with({network("10.0.0.1")})).offer(twice, kRange, rng).ok());
  const auto spread = PortIndex(node_with({network("10.0.0.1"), network("10.0.0.2", 1000, "eth1")})).offer(twice, kRange, rng);
  REQUIRE(spread.ok());
  CHECK(spread->at("a").at(0).ip == "10.0.0.1");
  CHECK(spread->at("b").at(0).ip == "10.0.0.2");
}

TEST_CASE("dynamic ports are distinct, in range, and used up to the last one", "[sched][ports]") {
  PortIndex index(node_with({network("10.0.0.1")}));
  Rng rng(7);
  const PortRange narrow{25000, 25009};
  std::set<std::int64_t> seen;
  for (int i = 0; i < 5; ++i) {
    const auto offer = index.offer({{"t", {ask({}, {"a", "b"})}}}, narrow, rng);
    REQUIRE(offer.ok());
    index.add(*offer);
    for (const auto& port : offer->at("t").at(0).dynamic_ports) {
      CHECK(port.value >= narrow.first);
      CHECK(port.value <= narrow.last);
      CHECK(seen.insert(port.value).second);
    }
  }
  const auto offer = index.offer({{"t", {ask({}, {"a"})}}}, narrow, rng);
  REQUIRE_FALSE(offer.ok());
  CHECK(offer.error().detail == "dynamic port selection failed");
}

TEST_CASE("a dynamic port never takes a static port of the same ask", "[sched][ports]") {
  const PortIndex index(node_with({network("10.0.0.1")}));
  Rng rng(3);
  const auto offer = index.offer({{"", {ask({25000}, {"a"})}}}, {25000, 25001}, rng);
  REQUIRE(offer.ok());
  CHECK(offer->at("").at(0).dynamic_ports.at(0).value == 25001);
}

TEST_CASE("the same seed draws the same ports", "[sched][ports]") {
  const PortIndex index(node_with({network("10.0.0.1")}));
  Rng one(42), two(42);
  const Networks wanted{{"t", {ask({}, {"a", "b", "c"})}}};
  CHECK(index.offer(wanted, kRange, one)->at("t") == index.offer(wanted, kRange, two)->at("t"));
}

TEST_CASE("a port mapped to -1 inside is the host's port", "[sched][ports]") {
  const PortIndex index(node_with({network("10.0.0.1")}));
  Rng rng(1);
  auto wanted = ask({8080}, {"d"});
  wanted.reserved_ports[0].to = -1;
  wanted.dynamic_ports[0].to = -1;
  const auto given = index.offer({{"", {wanted}}}, kRange, rng)->at("").at(0);
  CHECK(given.reserved_ports[0].to == 8080);
  CHECK(given.dynamic_ports[0].to == given.dynamic_ports[0].value);
}

TEST_CASE("ports that the node reserves are never given", "[sched][ports]") {
  auto node = node_with({network("10.0.0.1")});
  node.reserved.networks = {ask({22})};
  const PortIndex index(node);
  Rng rng(1);
  CHECK_FALSE(index.offer({{"t", {ask({22})}}}, kRange, rng).ok());
  CHECK(index.offer({{"t", {ask({23})}}}, kRange, rng).ok());
}

TEST_CASE("bandwidth is counted a device", "[sched][ports]") {
  PortIndex index(node_with({network("10.0.0.1", 100)}));
  Rng rng(1);
  const auto first = index.offer({{"t", {ask({}, {}, 60)}}}, kRange, rng);
  REQUIRE(first.ok());
  index.add(*first);
  const auto second = index.offer({{"t", {ask({}, {}, 60)}}}, kRange, rng);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().detail == "bandwidth exceeded");
  CHECK(index.collides({{"t", {network("10.0.0.1", 60)}}}));
  CHECK_FALSE(index.collides({{"t", {network("10.0.0.1", 40)}}}));
}

TEST_CASE("a node without networks has none to give", "[sched][ports]") {
  Rng rng(1);
  const auto offer = PortIndex(node_with({})).offer({{"t", {ask({80})}}}, kRange, rng);
  REQUIRE_FALSE(offer.ok());
  CHECK(offer.error().detail == "no networks available");
}

TEST_CASE("a network given as CIDR offers each of its addresses", "[sched][ports]") {
  auto wide = network("");
  wide.cidr = "192.168.1.0/31";
  PortIndex index(node_with({wide}));
  Rng rng(1);
  std::set<std::string> ips;
  for (int i = 0; i < 2; ++i) {
    const auto offer = index.offer({{"t", {ask({80})}}}, kRange, rng);
    REQUIRE(offer.ok());
    index.add(*offer);
    ips.insert(offer->at("t").at(0).ip);
  }
  CHECK(ips == std::set<std::string>{"192.168.1.0", "192.168.1.1"});
  CHECK_FALSE(index.offer({{"t", {ask({80})}}}, kRange, rng).ok());
}

TEST_CASE("an allocation's ports come back when it is removed", "[sched][ports]") {
  PortIndex index(node_with({network("10.0.0.1")}));
  Rng rng(1);
  model::Allocation alloc;
  alloc.task_resources["web"].networks = index.offer({{"web", {ask({80}, {"d"})}}}, kRange, rng)->at("web");
  const Networks same{{"web", alloc.task_resources["web"].networks}};
  CHECK_FALSE(index.collides(same));
  index.add(alloc);
  CHECK(index.collides(same));
  index.remove(alloc);
  CHECK_FALSE(index.collides(same));
}

TEST_CASE("a port on an address the node does not have collides", "[sched][ports]") {
  const PortIndex index(node_with({network("10.0.0.1")}));
  auto foreign = ask({80});
  foreign.ip = "10.9.9.9";
  CHECK(index.collides({{"t", {foreign}}}));
}
