// SPDX-License-Identifier: MPL-2.0
// Two regions of three servers each, on hosts of their own, while the link between the regions is cut.
#include <catch2/catch.hpp>

#include <map>
#include <memory>

#include "tests/integration/gossip.h"
#include "tests/integration/network.h"

using namespace integration;
using namespace std::chrono_literals;

namespace {

constexpr int kEach = 3;
constexpr Ports kPorts{4646, 4647, 4648};

// Hosts 0 to 2 are of "eu", 3 to 5 of "us".
class World {
 public:
  explicit World(Network& network) : network_(network) {
    for (int i = 0; i < 2 * kEach; ++i)
      servers_.push_back(std::make_unique<Agent>(Agent::Options{.arguments = {}, .config = config(i), .data_dir = directories_[i].path(), .ports = kPorts,
                                                                .host = network.address(i), .patience = 20s}));
    for (int i = 0; i < 2 * kEach; ++i) network.on_host(i, [&] { servers_[static_cast<std::size_t>(i)]->start(); });
  }
  Agent& eu(int i) { return *servers_[static_cast<std::size_t>(i)]; }
  Agent& us(int i) { return *servers_[static_cast<std::size_t>(kEach + i)]; }
  // Each takes a job for its own region, or the other.
  bool writes_at_home(const std::string& id) { return writes_to("eu", eu(0), id + "-eu") && writes_to("us", us(0), id + "-us"); }
  bool writes_across(const std::string& id) {
    for (int i = 0; i < kEach; ++i) {
      const auto job = id + "-" + std::to_string(i);
      if (!writes_to("us", eu(i), job + "-from-eu") || !writes_to("eu", us(i), job + "-from-us")) return false;
    }
    return true;
  }
  // Every region has all that was acknowledged for it, and nothing of the other.
  bool has_all() {
    for (const auto& [region, ids] : acknowledged_)
      for (const auto& id : ids)
        if (eu(1).get("/v1/job/" + id + "?region=" + region).status != 200 || us(1).get("/v1/job/" + id + "?region=" + region).status != 200 ||
            (region == "eu" ? us(2) : eu(2)).get("/v1/job/" + id).status != 404)
          return false;
    return true;
  }
  void cut_link() {
    for (int i = 0; i < kEach; ++i)
      for (int j = kEach; j < 2 * kEach; ++j) network_.cut(i, j), network_.cut(j, i);
  }

 private:
  bool writes_to(const std::string& region, const Agent& through, const std::string& id) {
    if (!writes(through, id, "?region=" + region)) return false;
    acknowledged_[region].push_back(id);
    return true;
  }
  std::string config(int i) const {
    std::vector<std::string> all;
    for (int other = 0; other < 2 * kEach; ++other) all.push_back(serf_of(kPorts, network_.address(other)));
    return "region = \"" + std::string(i < kEach ? "eu" : "us") + "\"\n" +
           alone("s" + std::to_string(i), "  bootstrap_expect = " + std::to_string(kEach) + "\n" + retry(all), network_.address(i));
  }
  Network& network_;
  std::map<std::string, std::vector<std::string>> acknowledged_;
  Directory directories_[2 * kEach];
  std::vector<std::unique_ptr<Agent>> servers_;
};

}  // namespace

TEST_CASE("two regions that lose their link serve themselves, and each other when it is back", "[integration][regions][network]") {
  Network network(2 * kEach);
  if (skipped(network.missing())) return;
  World world(network);
  REQUIRE(await([&] { return world.writes_at_home("begin"); }, 40s));
  REQUIRE(await([&] { return world.writes_across("first"); }, 40s));
  for (auto* server : {&world.eu(1), &world.us(1)}) {
    const auto body = peers(*server);
    CHECK(std::count(body.begin(), body.end(), ':') == kEach);
  }

  for (int round = 0; round < 2; ++round) {
    CAPTURE(round);
    const auto id = "cut-" + std::to_string(round);
    world.cut_link();
    REQUIRE(world.writes_at_home(id));
    // Nobody hangs: a read finds no server, and a write of unknown fate says so.
    CHECK(world.eu(0).get("/v1/jobs?region=us").status == 500);
    CHECK(world.us(0).put("/v1/jobs?region=eu", api_job(id + "-lost", "exit 0")).status == 500);
    // In the second round the cut lasts until each side holds the other for failed.
    if (round == 1) {
      CHECK(await([&] { return world.eu(2).get("/v1/regions").body == R"(["eu"])" && world.us(2).get("/v1/regions").body == R"(["us"])"; }, 60s));
      CHECK(world.eu(2).get("/v1/jobs?region=us").body == "No path to region");
      CHECK(world.writes_at_home(id + "-long"));
    }
    network.heal();
    CHECK(await([&] { return world.writes_across(id + "-healed"); }, 120s));
    CHECK(world.eu(0).get("/v1/regions").body == R"(["eu","us"])");
    CHECK(world.us(2).get("/v1/job/" + id + "-healed-0-from-us?region=eu").status == 200);
  }
  CHECK(await([&] { return world.has_all(); }));
}
