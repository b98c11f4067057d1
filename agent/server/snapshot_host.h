// SPDX-License-Identifier: MPL-2.0
// The directory of snapshots on its own thread. Snapshots of the state are made beside the work on it: a
// read transaction on a connection of its own, so that the applier never waits. Pieces of them are read for
// other servers, and pieces that others send are kept. The newest two are kept.
#pragma once

#include <memory>
#include <string>

#include "core/raft/io.h"
#include "core/server/peer_api.h"
#include "net/uv/lifetime.h"
#include "net/uv/worker.h"
#include "store/snapshot/snapshots.h"

namespace agent::server {

class SnapshotHost {
 public:
  SnapshotHost(net::uv::Loop& loop, std::unique_ptr<store::snapshot::Snapshots> snapshots, std::string state_path);

  // Of what is applied by then. Errc::busy while one is being made.
  void make(net::uv::Done<core::raft::SnapshotMeta> done);
  // Answers what Raft reads; an error inside it means that there is no such snapshot any more.
  void read(const core::raft::ReadSnapshot& ask, net::uv::Done<core::raft::SnapshotPiece> done);
  // As an install message; see FetchSnapshot.
  void lend(const core::server::FetchSnapshot& ask, net::uv::Done<core::raft::Message> done);
  // Keeps a piece; the offset it wants next. See Snapshots::store.
  void store(core::raft::StoreSnapshot piece, net::uv::Done<std::uint64_t> done);
  // The file of a complete snapshot.
  std::string path_of(const core::raft::EntryId& id) const { return snapshots_->path_of(id); }

 private:
  std::shared_ptr<store::snapshot::Snapshots> snapshots_;  // shared with the job under way on the worker
  std::string state_path_;
  bool making_ = false;
  net::uv::Worker worker_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
