// SPDX-License-Identifier: MPL-2.0
// Makes snapshots of the state beside the work on it: a read transaction on a thread and a connection of
// its own, so that the applier never waits. The newest two are kept.
#pragma once

#include <memory>
#include <string>

#include "core/raft/types.h"
#include "net/uv/worker.h"
#include "store/snapshot/snapshots.h"

namespace agent::server {

class SnapshotMaker {
 public:
  SnapshotMaker(net::uv::Loop& loop, std::unique_ptr<store::snapshot::Snapshots> snapshots, std::string state_path);

  // Of what is applied by then. Errc::busy while one is being made.
  void make(net::uv::Done<core::raft::SnapshotMeta> done);

 private:
  std::shared_ptr<store::snapshot::Snapshots> snapshots_;  // shared with the job under way on the worker
  std::string state_path_;
  net::uv::Worker worker_;
};

}  // namespace agent::server
