// SPDX-License-Identifier: MPL-2.0
// The Raft log on its own thread. Saves are carried out in order; those that arrive while one sync is
// under way wait and share the next one (group commit).
//
// A full disk is told and waited out: the batch stays unacknowledged and is tried again. Any other failure is
// final: nothing more is acknowledged, and the owner must end the process (a failed fsync is never
// retried, since what the kernel dropped then cannot be known).
//
// Between saves it reads the log again and again, a little at a time, so that damage is found while others
// still have what is lost. It reads what the system has in memory as that, and the rest from the disk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/log.h"
#include "core/raft/io.h"
#include "net/uv/lifetime.h"
#include "net/uv/timer.h"
#include "net/uv/worker.h"
#include "store/log/raft_log.h"

namespace agent::server {

class LogWriter {
 public:
  struct Callbacks {
    // Durable, in order: first what was promised about the saves, then the number of the last one.
    std::function<void(std::vector<core::raft::Envelope> then_send, core::raft::Saved saved)> on_saved;
    std::function<void(const core::Error&)> on_failed;
    std::function<void(std::optional<core::Error>)> on_full;  // writes wait for space; nothing: there is some again
    std::function<void(const core::Error&)> on_damaged;       // entries cannot be read back; told again and again
  };

  LogWriter(net::uv::Loop& loop, std::unique_ptr<store::log::RaftLog> log, Callbacks callbacks,
            core::Logger logger);

  void save(core::raft::Save save);
  void read(core::raft::ReadLog ask, net::uv::Done<std::vector<core::raft::Entry>> done);
  // Runs `work` between saves and reads, on the same thread.
  template <class Work, class T = typename std::invoke_result_t<Work&>::Value>
  void run(Work work, std::type_identity_t<net::uv::Done<T>> done) {
    const auto submitted = worker_.submit(std::move(work), done);
    if (!submitted.ok()) loop_.defer(lifetime_.guard([done, error = submitted.error()] { done(error); }));
  }

 private:
  void start();
  void finish(const core::Result<bool>& outcome);
  // What tidying has left to do.
  struct Left {
    bool to_drop = false;
    bool to_prepare = false;
  };
  void tidy();
  void scrub();

  net::uv::Loop& loop_;
  Callbacks callbacks_;
  core::Logger log_;
  std::shared_ptr<store::log::RaftLog> disk_;  // shared with jobs under way on the worker
  std::vector<core::raft::Save> queued_;
  std::vector<core::raft::Save> in_flight_;
  std::optional<core::Index> drop_before_;  // until all that goes with it is gone
  int saves_since_tidied_ = 0;
  bool busy_ = false;
  bool failed_ = false;
  bool full_ = false;
  bool unprepared_ = false;  // and said so
  net::uv::Timer retry_;
  net::uv::Timer scrub_;
  net::uv::Worker worker_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
