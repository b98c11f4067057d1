// SPDX-License-Identifier: MPL-2.0
// What the HTTP API needs of the region's cluster, wherever it is: on this very agent, or on servers that are
// an RPC away. Calls answer once, later, on the loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/server/peer_api.h"
#include "core/server/query.h"
#include "core/server/types.h"
#include "net/uv/done.h"
#include "store/env.h"

namespace agent {

// A snapshot of the state, to be read and then gone; open for writing, so that it can go a little at a time.
struct SavedState {
  std::shared_ptr<store::File> file;
  std::uint64_t bytes = 0;
  core::Bytes sha256;
  core::Index index;  // of the state
};

// A stretch of a server's log.
struct LogPage {
  std::vector<core::raft::Entry> entries;  // from the index asked for on, all of them committed
  core::Index committed;                   // the last that is
};

class Gateway {
 public:
  virtual ~Gateway() = default;

  virtual void command(core::server::Command command, net::uv::Done<core::server::Answer> done) = 0;
  virtual void query(core::server::Query query, net::uv::Done<core::server::QueryAnswer> done) = 0;
  // "host:port" of the leader's RPC; empty while there is none.
  virtual void leader(bool stale, net::uv::Done<std::string> done) = 0;
  // RPC addresses of the region's voters.
  virtual void peers(net::uv::Done<std::vector<std::string>> done) = 0;
  // The state as of now; `stale`: as this server knows it, though it may be behind.
  virtual void save_state(bool stale, net::uv::Done<SavedState> done) = 0;
  // Makes a snapshot's state that of the whole cluster; the index from which on it is. A snapshot that is
  // damaged or of something else is Errc::rejected, and nothing is changed.
  virtual void restore_state(core::Bytes snapshot, net::uv::Done<core::Index> done) = 0;
  // Entries of this very server's log from `from` on, or from its first one; none when nothing behind is
  // committed yet. not_found: the log begins later.
  virtual void read_log(core::Index from, net::uv::Done<LogPage> done) = 0;
  // Takes a server out of the cluster.
  virtual void remove_server(core::server::ServerName which, net::uv::Done<core::Unit> done) = 0;
  // Makes another server the leader; with an empty name, whichever is most up to date.
  virtual void hand_over(core::server::ServerName to, net::uv::Done<core::server::HandedOver> done) = 0;
};

}  // namespace agent
