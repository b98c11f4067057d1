// SPDX-License-Identifier: MPL-2.0
// What a seed draws before its history begins: how large the world is, how slow, and what goes wrong in
// it. The ranges are meant to be wider than any real cluster's.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/rng.h"
#include "core/base/time.h"

namespace sim {

struct Timings {  // each thing takes a time drawn uniformly from [0, this)
  core::Duration sync{};
  core::Duration apply{};
  core::Duration store{};  // until the database follows the state
  core::Duration schedule{};
};

struct NetworkOptions {
  core::Duration delay{};          // one way, drawn uniformly from [0, this)
  std::uint32_t lost_per_mille = 0;
  std::uint32_t doubled_per_mille = 0;
  std::uint32_t damaged_per_mille = 0;  // a bit of an entry turns over
  std::uint32_t damaged_pieces_per_mille = 0;  // the same for the pieces of a snapshot
  std::uint32_t stray_per_mille = 0;  // a message arrives seconds late, whoever leads by then
};

// Each kind of fault strikes again and again while faults go on, or not at all in this history.
struct FaultOptions {
  core::Duration pause{};  // until the next fault is drawn from [0, this)
  bool power = true;       // power cuts at a change on disk
  bool blackouts = false;  // the power goes on all servers at once
  bool errors = false;     // a read, write or sync fails
  bool full = false;       // the disk fills up for a while
  bool clock = false;      // wall clocks jump by up to an hour
  bool partitions = false; // the network falls apart for a while
  bool pauses = false;     // a process stands still for a while, then goes on as if nothing had been
  bool rot = false;        // a byte of a log, a snapshot or a database turns over while its server is down
  bool members = false;    // servers are removed, added again, told to hand leadership over
  bool hunts = false;      // whoever leads is struck, and soon after whoever leads then
};

struct Options {
  std::size_t servers = 1;
  std::size_t founders = 1;  // servers of the first configuration; the others are added to it
  std::size_t clients = 1;
  std::size_t jobs = 1;
  std::int64_t node_cpu = 2000;  // of each client
  core::Duration user_pause{};  // between two writes, drawn uniformly from [0, this)
  Timings timings;
  NetworkOptions network;
  FaultOptions faults;
  std::size_t segment_bytes = 0;
  std::uint64_t snapshot_every = 0;
  std::uint64_t trailing = 0;
  core::Duration election = std::chrono::milliseconds(300);  // the least timeout where messages take no time
  bool lease_reads = false;
  std::size_t append_bytes = 0;  // entries that a message carries; 0: as many as usual
  // Each server's clock runs faster or slower by at most this; together less than Raft is told to expect.
  std::int64_t drift_per_mille = 0;
};

// `servers` 0: drawn too.
Options draw_options(core::Rng& rng, std::size_t servers);
std::string to_string(const Options& options);

}  // namespace sim
