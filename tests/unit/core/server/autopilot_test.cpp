// SPDX-License-Identifier: MPL-2.0
#include "core/server/autopilot.h"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using core::Duration;
using core::Instant;
using core::ServerId;
using core::server::Autopilot;
using namespace std::chrono_literals;

namespace {

constexpr Instant kStart{1000s};

// A leader "a" of the others as they are told to be; all are healthy voters at first.
class Cluster {
 public:
  explicit Cluster(const std::string& others, Autopilot::Config config = {}) : autopilot_(config) {
    report_.last.index = core::Index{1000};
    report_.configuration.put({.id = {"a"}, .address = "a:1", .voter = true});
    for (const char name : others) add(std::string(1, name), true);
  }
  void add(const std::string& name, bool voter) {
    const core::raft::Peer peer{.id = {name}, .address = name + ":1", .voter = voter};
    report_.configuration.put(peer);
    report_.peers.push_back({.peer = peer, .state = "replicate", .match = core::Index{1000}, .next = core::Index{1001}, .heard_at = kStart});
    gossip_[{name}] = {};
  }
  core::raft::PeerStatus& peer(const std::string& name) {
    for (auto& peer : report_.peers)
      if (peer.peer.id.text == name) return peer;
    throw name;
  }
  // It answers nothing from now on, and gossip says so.
  void fail(const std::string& name) {
    gossip_[{name}] = {.lives = false, .since = now_};
    silent_.insert(name);
  }
  void forget(const std::string& name) { gossip_.erase({name}); }
  Autopilot::Advice look(Duration later) {
    now_ += later;
    for (auto& peer : report_.peers)
      if (!silent_.contains(peer.peer.id.text)) peer.heard_at = now_ - 50ms;
    return autopilot_.look(report_, gossip_, now_);
  }
  Autopilot& autopilot() { return autopilot_; }

 private:
  Autopilot autopilot_;
  Instant now_ = kStart;
  core::raft::StatusReport report_;
  std::map<ServerId, Autopilot::Heard> gossip_;
  std::set<std::string> silent_;
};

using Ids = std::vector<ServerId>;

}  // namespace

TEST_CASE("a non-voter becomes a voter once it was healthy for the stabilization time", "[autopilot]") {
  Cluster cluster("bc");
  CHECK(cluster.look(0s) == Autopilot::Advice{});
  CHECK(cluster.look(30s) == Autopilot::Advice{});
  cluster.add("d", false);
  CHECK(cluster.look(2s).promote.empty());
  CHECK(cluster.look(8s).promote.empty());
  CHECK(cluster.look(2s).promote == Ids{{"d"}});
}

TEST_CASE("a server that was unhealthy meanwhile starts anew", "[autopilot]") {
  Cluster cluster("bc");
  (void)cluster.look(0s);
  (void)cluster.look(30s);
  cluster.add("d", false);
  (void)cluster.look(2s);
  SECTION("its log is too short") { cluster.peer("d").match = core::Index{749}; }
  SECTION("gossip lost it") { cluster.fail("d"); }
  CHECK(cluster.look(9s).promote.empty());
  CHECK(cluster.look(2s).promote.empty());
}

TEST_CASE("a log is long enough when it lacks no more than the trailing entries", "[autopilot]") {
  Cluster cluster("b");
  cluster.add("d", false);
  cluster.peer("d").match = core::Index{750};
  CHECK(cluster.look(0s).promote == Ids{{"d"}});
}

TEST_CASE("a leader that is new to its duty takes the healthy for stable", "[autopilot]") {
  Cluster cluster("b");
  cluster.add("d", false);
  CHECK(cluster.look(0s).promote == Ids{{"d"}});
  cluster.autopilot().rest();
  CHECK(cluster.look(60s).promote == Ids{{"d"}});
}

TEST_CASE("a server that failed for the stabilization time is taken out", "[autopilot]") {
  Cluster cluster("bc");
  CHECK(cluster.look(1s).take_out.empty());
  cluster.fail("c");
  CHECK(cluster.look(9s).take_out.empty());
  CHECK(cluster.look(1s).take_out == Ids{{"c"}});
}

TEST_CASE("a server that gossip lost but that answers the leader stays", "[autopilot]") {
  Cluster cluster("bc");
  cluster.fail("c");
  (void)cluster.look(60s);
  cluster.peer("c").heard_at = kStart + 61s;
  CHECK(cluster.look(1s).take_out.empty());
}

TEST_CASE("a server that gossip never knew is not taken out", "[autopilot]") {
  Cluster cluster("bc");
  cluster.fail("c");
  cluster.forget("c");
  CHECK(cluster.look(60s).take_out.empty());
}

TEST_CASE("at most a minority of the voters is taken out, or none", "[autopilot]") {
  Cluster cluster("bcde");
  cluster.add("n", false);
  for (const auto* name : {"c", "d", "n"}) cluster.fail(name);
  CHECK(cluster.look(20s).take_out == Ids{{"c"}, {"d"}, {"n"}});
  cluster.fail("e");
  CHECK(cluster.look(20s).take_out == Ids{{"n"}});
}

TEST_CASE("one of two voters stays although it failed", "[autopilot]") {
  Cluster cluster("b");
  cluster.fail("b");
  CHECK(cluster.look(60s).take_out.empty());
}

TEST_CASE("as many voters are left as the configuration asks for", "[autopilot]") {
  const auto [quorum, goes] = GENERATE(table<std::size_t, bool>({{2, true}, {3, false}}));
  Cluster cluster("bc", {.min_quorum = quorum});
  cluster.fail("c");
  CHECK(cluster.look(60s).take_out.empty() != goes);
}

TEST_CASE("nobody is taken out when clean-up is switched off", "[autopilot]") {
  Cluster cluster("bc", {.cleanup_dead_servers = false});
  cluster.fail("c");
  CHECK(cluster.look(60s).take_out.empty());
}
