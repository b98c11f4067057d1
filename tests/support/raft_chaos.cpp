// SPDX-License-Identifier: MPL-2.0
#include "tests/support/raft_chaos.h"

#include "tests/support/raft_cluster.h"

namespace test {
namespace {

using namespace core::raft;
using core::Duration;
using core::Rng;
using core::ServerId;
using namespace std::chrono_literals;

RaftClusterOptions draw_options(std::uint64_t seed, Rng& rng) {
  RaftClusterOptions options;
  options.seed = seed;
  const bool nervous = rng.chance(500);  // many elections, few of them undisturbed
  options.config.election_timeout = nervous ? 40ms : 200ms;
  options.config.heartbeat_interval = nervous ? 10ms : 40ms;
  if (nervous) options.config.news_wait = 2ms;
  options.config.catch_up_timeout = 3s;
  options.config.lease_reads = rng.chance(300);
  options.config.snapshot_chunk_bytes = 64;
  if (rng.chance(500)) {  // memory for a handful of entries: followers are fed from disk
    options.config.tail_bytes = 600;
    options.config.append_bytes = rng.chance(500) ? 1 : 100;
    options.config.in_flight_appends = 1 + rng.below(4);
  }
  if (rng.chance(500)) options.snapshot_every = 10 + rng.below(40);
  options.trailing = rng.below(12);
  options.network.loss_per_mille = static_cast<std::uint32_t>(rng.chance(500) ? rng.below(300) : 0);
  options.network.duplicate_per_mille = static_cast<std::uint32_t>(rng.chance(500) ? rng.below(500) : 0);
  options.network.delay_max = 1ms + rng.jitter(rng.chance(300) ? 100ms : 5ms);
  // A disk slower than the election timeout would let no election end.
  options.sync_max = 1ms + rng.jitter(rng.chance(400) ? options.config.election_timeout * 3 / 4 : 5ms);
  return options;
}

class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : rng_(seed * 2 + 1), cluster_(draw_options(seed, rng_)) {}

  ChaosReport run() {
    cluster_.start(1 + rng_.below(5));
    const Duration gap = rng_.chance(500) ? 40ms : 4ms;
    for (int i = 0; i < 400 && cluster_.broken().empty(); ++i) {
      act();
      cluster_.run_for(rng_.jitter(gap));
    }
    make_peace();
    return report();
  }

 private:
  ServerId any() {
    const auto ids = cluster_.ids();
    return ids[rng_.below(ids.size())];
  }
  ServerId somebody_running() {
    const auto ids = cluster_.running();
    return ids.empty() ? any() : ids[rng_.below(ids.size())];
  }
  ServerId victim() { return rng_.chance(500) ? cluster_.leader().value_or(any()) : any(); }
  ServerId leader_or_any() { return rng_.chance(900) ? cluster_.leader().value_or(any()) : any(); }

  void act() {
    const auto draw = rng_.below(100);
    if (draw < 50) return write();
    if (draw < 62) return read();
    if (draw < 65) return cluster_.crash(victim());
    if (draw < 68) return bounce(victim());
    if (draw < 80) return cluster_.restart(any());
    if (draw < 82) return cluster_.isolate(victim());
    if (draw < 86) return cluster_.cut(victim(), any());
    if (draw < 90) return cluster_.heal();
    if (draw < 92) return cluster_.pause(victim(), rng_.jitter(800ms));
    if (draw < 93) return cluster_.break_connections(any());
    if (draw < 96) return transfer();
    change();
  }

  // Too quick for anybody to notice, but not for what was unsynced.
  void bounce(const ServerId& id) {
    cluster_.crash(id);
    cluster_.restart(id);
  }
  void write() {
    const auto to = leader_or_any();
    if (!cluster_.is_running(to)) return;
    const auto count = 1 + rng_.below(8);
    for (std::uint64_t i = 0; i < count; ++i) cluster_.propose(to, "write " + std::to_string(++writes_));
  }
  void read() {
    const auto id = any();
    if (!cluster_.is_running(id)) return;
    cluster_.read(id);
    ++reads_;
  }
  void transfer() {
    const auto id = leader_or_any();
    if (cluster_.is_running(id)) cluster_.transfer(id);
  }
  void change() {
    const auto id = leader_or_any();
    if (!cluster_.is_running(id)) return;
    const auto draw = rng_.below(10);
    const auto other = any();
    if (draw < 3 && cluster_.ids().size() < 7) {
      const auto fresh = cluster_.start_another();
      changes_.push_back(cluster_.change(id, AddPeer{{fresh, fresh.text + ":4647", rng_.chance(800)}}));
    } else if (draw < 5) {
      changes_.push_back(cluster_.change(id, AddPeer{{other, other.text + ":4647", true}}));
    } else if (draw < 6) {
      changes_.push_back(cluster_.change(id, PromotePeer{other}));
    } else if (draw < 8) {
      changes_.push_back(cluster_.change(id, RemovePeer{other}));
    } else {
      changes_.push_back(
          cluster_.change(id, UpdateAddress{other, other.text + ":" + std::to_string(rng_.below(9))}));
    }
  }

  bool members_agree() {
    const auto leader = cluster_.leader();
    if (!leader) return false;
    const auto status = cluster_.status(*leader);
    if (status.last.index != cluster_.checker().newest()) return false;
    for (const auto& peer : status.configuration.peers)
      if (cluster_.applied(peer.id) != cluster_.checker().newest()) return false;
    return true;
  }

  void make_peace() {
    if (!cluster_.broken().empty()) return;
    cluster_.heal();
    cluster_.set_network({});
    for (const auto& id : cluster_.ids()) {
      cluster_.pause(id, Duration{});
      cluster_.restart(id);
    }
    if (!cluster_.run_until([this]() { return members_agree(); }) && cluster_.broken().empty())
      cluster_.checker().complain("the cluster did not come together after the trouble ended");
    // A hand-over may still be under way: like any client, ask again.
    for (int attempt = 0; attempt < 50 && cluster_.broken().empty(); ++attempt) {
      const auto leader = cluster_.leader();
      const auto ticket = leader ? cluster_.propose(*leader, "after the trouble") : 0;
      if (cluster_.run_until([&]() { return cluster_.acknowledged(ticket); }, 100ms)) return;
    }
    cluster_.checker().complain("a write in peace was not acknowledged");
  }

  ChaosReport report() {
    ChaosReport out;
    out.broken = cluster_.broken();
    out.committed = cluster_.checker().newest().value;
    out.acknowledged = cluster_.acknowledged_count();
    out.reads = reads_;
    out.snapshots_sent = cluster_.messages_sent("install-request");
    out.transfers = cluster_.messages_sent("timeout-now");
    for (const auto ticket : changes_) {
      const auto* outcome = cluster_.outcome(ticket);
      const auto* done = outcome ? std::get_if<PeerChangeDone>(outcome) : nullptr;
      if (done != nullptr && done->status.ok()) ++out.changes;
    }
    const auto& history = cluster_.checker().history();
    if (!history.empty()) {
      out.terms = history.back().id.term.value;
      out.fingerprint = core::to_hex(history.back().digest) + " " +
                        std::to_string(cluster_.now().time_since_epoch().count());
    }
    return out;
  }

  Rng rng_;
  RaftCluster cluster_;
  std::uint64_t writes_ = 0;
  std::uint64_t reads_ = 0;
  std::vector<std::uint64_t> changes_;
};

}  // namespace

ChaosReport run_chaos(std::uint64_t seed) { return Chaos(seed).run(); }

}  // namespace test
