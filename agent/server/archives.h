// SPDX-License-Identifier: MPL-2.0
// Snapshots as an operator takes them away and brings them back: files like those a server keeps for itself
// (docs/formats/snapshot.md), whole and proving themselves.
//
//   save:    current? ─> all stored ─> made beside the work, on a thread ─> read by whoever asked
//   restore: checked whole on a thread ─> its pieces through the log, one after the other ─> "now use them"
//
// One of each at a time.
#pragma once

#include <memory>
#include <string>

#include "agent/gateway.h"
#include "agent/server/forwarder.h"
#include "agent/server/queries.h"
#include "core/base/log.h"
#include "core/base/rng.h"
#include "net/uv/lifetime.h"
#include "net/uv/worker.h"

namespace agent::server {

class Archives {
 public:
  struct Options {
    std::string directory;  // for files that are being made
    std::string region;
  };

  // All outlive this.
  Archives(net::uv::Loop& loop, store::Env& env, ServerDriver& driver, Forwarder& forwarder, Queries& queries, Options options,
           core::Rng rng, core::Logger logger);

  // As Gateway says. Errc::busy while one is being made, or restored.
  void save(bool stale, net::uv::Done<SavedState> done);
  void restore(core::Bytes snapshot, net::uv::Done<core::Index> done);

 private:
  struct Coming;
  using ComingPtr = std::shared_ptr<Coming>;  // passes from each piece's answer to the next

  void make(net::uv::Done<SavedState> done);
  void send_next(const ComingPtr& coming);
  void finish(const ComingPtr& coming, core::Result<core::Index> result);

  store::Env& env_;
  ServerDriver& driver_;
  Forwarder& forwarder_;
  Queries& queries_;
  Options options_;
  core::Rng rng_;
  core::Logger log_;
  bool saving_ = false, restoring_ = false;
  net::uv::Worker worker_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
