// SPDX-License-Identifier: MPL-2.0
// N real Rafts in virtual time, on a network that drops, repeats, delays and cuts off, and on disks
// that lose at a crash what was not synced. One seed is one history.
//
// Every message passes through its wire form. A checker looks at every step; `broken()` says what
// it found first. Servers are "a", "b", "c", ...
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/rng.h"
#include "core/raft/raft.h"
#include "tests/support/raft_checker.h"
#include "tests/support/raft_disk.h"

namespace test {

struct RaftNetwork {
  std::uint32_t loss_per_mille = 0;
  std::uint32_t duplicate_per_mille = 0;
  core::Duration delay_min = std::chrono::microseconds(200);
  core::Duration delay_max = std::chrono::milliseconds(2);
};

struct RaftClusterOptions {
  std::uint64_t seed = 1;
  RaftNetwork network;
  core::Duration sync_min = std::chrono::microseconds(100);
  core::Duration sync_max = std::chrono::milliseconds(5);
  std::uint64_t snapshot_every = 0;  // applied entries; 0: never
  std::uint64_t trailing = 5;
  core::raft::Config config;  // `self` is filled in
};

class RaftCluster {
 public:
  explicit RaftCluster(RaftClusterOptions options);
  ~RaftCluster();

  // Starts the servers "a".. with empty disks, and makes them one cluster: "a" is told to bootstrap,
  // again if it restarts with nothing on disk.
  void start(std::size_t servers);
  // Starts one more with an empty disk; it belongs to nothing yet.
  core::ServerId start_another();

  void run_for(core::Duration span);
  // False if it did not come true within `limit` of virtual time.
  bool run_until(const std::function<bool()>& holds, core::Duration limit = std::chrono::seconds(30));
  // Runs until a leader has committed an entry of its term, and gives its id.
  core::ServerId elect();

  void crash(const core::ServerId& id);
  void restart(const core::ServerId& id);
  void pause(const core::ServerId& id, core::Duration span);
  // One direction, both directions with everybody, and back.
  void cut(const core::ServerId& from, const core::ServerId& to) { cuts_.insert({from, to}); }
  void isolate(const core::ServerId& id);
  void heal() { cuts_.clear(); }
  void set_network(RaftNetwork network) { options_.network = network; }
  // Tells everybody that their connection to `id` broke.
  void break_connections(const core::ServerId& id);
  // This server's clock gains so many thousandths from now on.
  void set_clock_gain(const core::ServerId& id, std::int64_t per_mille);

  // Each gives the ticket.
  std::uint64_t propose(const core::ServerId& to, const std::string& payload);
  std::uint64_t read(const core::ServerId& at);
  std::uint64_t change(const core::ServerId& at, core::raft::PeerChange change);
  std::uint64_t transfer(const core::ServerId& from, std::optional<core::ServerId> target = std::nullopt);

  // Ids in order; of those that run.
  std::vector<core::ServerId> ids() const;
  std::vector<core::ServerId> running() const;
  bool is_running(const core::ServerId& id) const;
  // The running leader of the highest term, if any.
  std::optional<core::ServerId> leader() const;
  core::raft::StatusReport status(const core::ServerId& id) const;
  core::Index applied(const core::ServerId& id) const;
  const RaftDisk& disk(const core::ServerId& id) const;
  // Everybody who runs has applied all there is, and there is a leader.
  bool settled() const;

  bool acknowledged(std::uint64_t ticket) const { return acknowledged_.contains(ticket); }
  std::size_t acknowledged_count() const { return acknowledged_.size(); }
  // The outcome that answered the ticket, once there is one.
  const core::raft::Outcome* outcome(std::uint64_t ticket) const;
  std::uint64_t messages_sent(const std::string& name) const;
  const RaftChecker& checker() const { return checker_; }
  RaftChecker& checker() { return checker_; }
  const std::string& broken() const { return checker_.broken(); }
  core::Instant now() const { return now_; }
  core::Rng& rng() { return rng_; }

 private:
  struct Node;
  using Action = std::function<void()>;

  Node& node(const core::ServerId& id);
  const Node& node(const core::ServerId& id) const;
  void at(core::Instant when, Action action);
  // Runs the action on that life of the server: not if it crashed, later if it is paused.
  void on(Node& node, core::Duration delay, std::function<void(Node&)> action);
  core::Instant local(const Node& node) const;
  core::Instant wakes_at(const Node& node) const;
  bool advance(core::Instant limit);
  void boot(Node& node);
  void step(Node& node, const core::raft::Input& input);
  void carry_out(Node& node, core::raft::Output out);
  void send(Node& from, const core::raft::Envelope& envelope);
  void deliver(const core::ServerId& from, const core::ServerId& to, const core::Bytes& wire);
  void save(Node& node, core::raft::Save save);
  void sync_done(Node& node);
  void apply(Node& node, const std::vector<core::raft::Entry>& entries);
  void take_snapshot(Node& node);
  void install(Node& node, const core::raft::SnapshotMeta& meta);
  void note(Node& node, const core::raft::Outcome& outcome);
  void read_disk(Node& node, const core::raft::DiskRead& read);
  void store(Node& node, const core::raft::StoreSnapshot& piece);

  RaftClusterOptions options_;
  core::Rng rng_;
  core::raft::Configuration founders_;
  core::Instant now_{std::chrono::seconds(1000)};
  std::uint64_t next_event_ = 0;
  std::map<std::pair<core::Instant, std::uint64_t>, Action> events_;
  std::map<core::ServerId, std::unique_ptr<Node>> nodes_;
  std::set<std::pair<core::ServerId, core::ServerId>> cuts_;
  std::map<std::string, std::uint64_t> sent_;
  std::uint64_t next_ticket_ = 0;
  std::set<std::uint64_t> acknowledged_;
  std::map<std::uint64_t, core::raft::Outcome> outcomes_;
  std::map<std::uint64_t, core::Index> read_floors_;
  RaftChecker checker_;
};

// The bytes of the snapshot of that entry: the same on every server, several pieces long.
core::Bytes snapshot_bytes(const core::raft::SnapshotMeta& meta);

}  // namespace test
