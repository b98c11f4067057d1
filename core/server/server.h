// SPDX-License-Identifier: MPL-2.0
// A whole server with its hands tied: Raft, the duties of a leader, commands and waiting reads as one
// step function. Its driver carries out what comes out: disk, network, applying, scheduling on
// workers. agent/server does so with libuv, tests/sim with faulty fakes; both run this very code.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/raft/raft.h"
#include "core/server/types.h"

namespace core::server {

struct Config {
  raft::Config raft;
  std::string region = "global";
  // Batches of evaluations given to scheduling workers at once, and how long each may be.
  std::uint32_t workers = 1;
  std::uint32_t evals_per_batch = 64;
  // Heartbeats (server-side half): see core/leader/heartbeats.h.
  Duration min_heartbeat_ttl = 10s;
  double max_heartbeats_per_second = 2000.0;
  Duration heartbeat_grace = 10s;
  Duration failover_heartbeat_ttl = 300s;
  // Garbage collection: how old things must be, and how often to look.
  Duration eval_gc_threshold = 1h, job_gc_threshold = 4h, node_gc_threshold = 24h;
  Duration gc_interval = 5min;
  // A snapshot is due after this many entries since the last.
  std::uint64_t snapshot_every = 65536;
  // Nobody wrote the cluster's first event yet, as far as the restored state knows.
  bool cluster_created = false;
};

struct State;

class Server {
 public:
  // `view` is the state at restored.applied. `rng` seeds all that the server draws.
  Server(Config config, raft::Restored restored, std::shared_ptr<const model::StateView> view, Rng rng,
         Logger logger);
  ~Server();

  // REQUIRES: `now` never falls. `wall` is stamped into events.
  [[nodiscard]] Output step(Input input, Instant now, WallTime wall);
  std::optional<Instant> next_deadline() const;

  raft::StatusReport status() const;
  // We lead, and have applied all that earlier leaders committed.
  bool leads() const;
  Index applied() const;
  const std::shared_ptr<const model::StateView>& view() const;

  struct DutyCounts {  // for telemetry; zero unless we lead
    std::size_t evals_ready = 0, evals_unacked = 0, evals_blocked = 0, evals_waiting = 0, evals_held_back = 0, plans_queued = 0;
    std::size_t heartbeats = 0, proposals = 0, watches = 0;
  };
  DutyCounts counts() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace core::server
