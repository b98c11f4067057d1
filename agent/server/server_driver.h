// SPDX-License-Identifier: MPL-2.0
// Lends core/server its hands: what comes out of a step goes to disk, network, state and workers; what
// they say goes into the next step. Also the place where callers wait for their answers.
//
//   submit ─┐                        ┌─> LogWriter ──> Saved ─────┐
//   watch  ─┼─> core::server::step ──┼─> StateHost ──> Applied ───┼─> step ...
//   timer  ─┘                        ├─> SchedulerPool ─> Scheduled┘
//                                    └─> replies, woken watches
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/server/log_writer.h"
#include "agent/server/meters.h"
#include "agent/server/raft_times.h"
#include "agent/server/restore.h"
#include "agent/server/scheduler_pool.h"
#include "agent/server/snapshot_host.h"
#include "agent/server/state_host.h"
#include "core/server/peer_api.h"
#include "core/server/query.h"
#include "core/server/server.h"
#include "net/uv/loop.h"
#include "net/uv/timer.h"

namespace agent::server {

class ServerDriver {
 public:
  struct Options {
    core::server::Config server;
    std::uint64_t seed = 0;
    // The first configuration of a new cluster; empty: none is begun. Only for a fresh directory.
    core::raft::Configuration bootstrap;
    // Entries kept behind a snapshot for followers that are a little late.
    std::uint64_t trailing_entries = 10240;
    Meters meters = {};
  };
  struct Hooks {
    std::function<void(const core::raft::Envelope&)> send;  // to another server
    std::function<void(const core::Error&)> on_failed;      // this server cannot go on
    std::function<core::Status()> set_state_aside = {};     // the state is damaged: the next start is to build it anew
    std::function<void()> on_leadership;                    // another server leads than before, or none
    std::function<void(const core::raft::Configuration&)> on_configuration;  // in force from now on
    std::function<void(const core::Error&)> on_log_damaged = {};             // told again and again
  };
  using AnswerDone = net::uv::Done<core::server::Answer>;
  using StatusDone = net::uv::Done<core::Unit>;

  // Starts from what restore() found; a new cluster is begun if `options` says with whom.
  ServerDriver(net::uv::Loop& loop, Options options, Restored restored, Hooks hooks, core::Logger logger);
  ~ServerDriver();

  // Answered once the change is committed and applied, or refused: Errc::no_leader when this server does
  // not lead.
  void submit(core::server::Command command, core::RequestId id, AnswerDone done);
  // Answered when the state is as new as any write acknowledged before the call.
  void barrier(AnswerDone done);
  // Calls `wake` once: at the next change of the key, or after `wait`.
  core::server::Ticket watch(core::server::WatchKey key, core::Duration wait, std::function<void()> wake);
  void unwatch(core::server::Ticket ticket);
  // Calls `done` once the database at state_path() holds all that view() shows, or with Errc::no_space when
  // the disk is too full for it; maybe before it returns.
  void when_stored(std::function<void(core::Status)> done) { state_.when_stored(server_.view()->index(), std::move(done)); }
  void receive(core::raft::Received message);
  void unreachable(const core::ServerId& peer);
  // Makes this the first entry of an empty log; does nothing if there are entries or a leader.
  void bootstrap(core::raft::Configuration configuration);
  // Answered once the change is committed, or refused; only a leader can make one.
  void change_peers(core::raft::PeerChange change, StatusDone done);
  // Hands leadership over: to `target`, or to the server whose log is most up to date.
  void transfer(std::optional<core::ServerId> target, StatusDone done);
  // Entries from `from` to `last`, at least one and no more than `bytes_max` holds. Errc::not_found if the
  // log lacks the first. Those that are not committed may be others later.
  void read_log(core::Index from, core::Index last, std::size_t bytes_max, net::uv::Done<std::vector<core::raft::Entry>> done) {
    log_writer_.read({.to = {}, .from = from, .last = last, .bytes_max = bytes_max}, std::move(done));
  }
  // A piece of a snapshot, for a server that lost its own. Errc::not_found.
  void read_snapshot(const core::server::FetchSnapshot& ask, net::uv::Done<core::raft::Message> done) { snapshots_.lend(ask, std::move(done)); }
  // Runs `work` where the log is written, between saves.
  template <class Work, class Done>
  void on_log_thread(Work work, Done done) { log_writer_.run(std::move(work), std::move(done)); }
  // Of what is applied; nothing new while one is under way.
  void take_snapshot();
  // `tell` is called each time barriers begin to make sense: when has_leader() becomes true.
  void on_leader(std::function<void()> tell) { on_leader_ = std::move(tell); }
  // `tell` is called before the database is written and after: whoever holds a view of it open gives it back,
  // or its write-ahead log could never begin anew.
  void on_write(std::function<void()> tell) { on_write_ = std::move(tell); }
  // Ends this server; what is damaged is built anew at the next start.
  void state_damaged(const core::Error& error);

  bool leads() const { return server_.leads(); }
  const core::ServerId& self() const { return options_.server.raft.self; }
  const std::shared_ptr<const core::model::StateView>& view() const { return server_.view(); }
  core::raft::StatusReport status() const { return server_.status(); }
  const std::optional<core::ServerId>& leader() const { return leader_; }
  // This server leads and has taken up its duties, or another one does.
  bool has_leader() const { return leads() || (leader_ && !elected()); }
  // Elected, but not done yet with what earlier leaders committed.
  bool about_to_lead() const { return elected() && !leads(); }
  const core::raft::Configuration& configuration() const { return configuration_; }
  // No other server could lead.
  bool alone() const { return configuration_.voters() == 1 && configuration_.is_voter(self()); }
  core::server::ClusterStatus cluster() const;
  core::server::Server::DutyCounts counts() const { return server_.counts(); }
  const std::string& state_path() const { return state_path_; }
  const Meters& meters() const { return options_.meters; }

 private:
  void feed(core::server::Input input);
  void carry_out(core::server::Output& out);
  void carry_out(core::raft::Output& out);
  void carry_out(const core::raft::ReadLog& ask);
  void carry_out(const core::raft::ReadSnapshot& ask);
  void carry_out(core::raft::StoreSnapshot piece);
  void answer(core::server::Reply& reply);
  void flush_requests();
  void finish(const core::raft::Outcome& operation);
  // The log and the state wait for space each on its own.
  void snapshot_taken(core::Result<core::raft::SnapshotMeta> snapshot);
  void on_full(std::optional<core::Error>& whose, std::optional<core::Error> reason);
  bool elected() const { return leader_ == options_.server.raft.self; }
  void count_role(core::raft::Role role);
  void tell_leadership(const std::optional<core::raft::LeadershipChanged>& changed);
  void arm();

  net::uv::Loop& loop_;
  Options options_;
  Hooks hooks_;
  core::Logger log_;
  std::unique_ptr<store::Lock> lock_;
  std::string state_path_;
  core::server::Server server_;
  core::raft::Configuration configuration_;  // in force
  std::unordered_map<core::server::Ticket, StatusDone> operations_;  // changes of peers and transfers under way
  core::server::Ticket next_ticket_ = 1;
  struct Waiting {
    AnswerDone done;
    core::metrics::Sample took;
    core::Instant asked;
  };
  std::unordered_map<core::server::Ticket, Waiting> waiting_;
  std::unordered_map<core::server::Ticket, std::function<void()>> watching_;
  std::vector<core::server::Request> requests_;  // of this turn of the loop
  std::deque<core::server::Input> inputs_;
  bool stepping_ = false;
  bool snapshot_under_way_ = false;
  std::optional<core::ServerId> leader_;
  core::raft::Role role_ = core::raft::Role::follower;
  bool led_ = false, had_leader_ = false;  // before the step
  std::function<void()> on_leader_, on_write_;
  RaftTimes raft_times_;
  std::optional<core::Error> log_full_, state_full_;

  LogWriter log_writer_;
  StateHost state_;
  SchedulerPool schedulers_;
  SnapshotHost snapshots_;
  net::uv::Timer timer_;
  net::uv::Deferred flush_;
};

}  // namespace agent::server
