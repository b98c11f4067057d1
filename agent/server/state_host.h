// SPDX-License-Identifier: MPL-2.0
// The state machine on threads of its own: committed entries in, what they changed back on the loop, in
// order. Entries that are committed while a batch is being applied go together in the next one.
//
// A few small entries are applied on the loop itself while the thread has nothing to do: waking a thread and
// being woken by it takes longer. What became of an evaluation comes with the write that follows it.
//
// The database follows: it is written when a reader waits for it, when much has gathered, or a moment
// after the first change it lacks, so that many batches share a transaction. That is another thread's work,
// and applying goes on meanwhile, until the database is far behind. After a crash the log makes up for what
// it lacks. A full disk is told and waited out; applying goes on.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/server/types.h"
#include "net/uv/lifetime.h"
#include "net/uv/timer.h"
#include "net/uv/worker.h"
#include "store/state/state_machine.h"

namespace agent::server {

class StateHost {
 public:
  struct Callbacks {
    std::function<void(core::server::Applied)> on_applied;
    std::function<void(const core::Error&)> on_failed;  // state and log may differ: end the process
    std::function<void(std::optional<core::Error>)> on_full;  // the database waits for space; nothing: there is some again
    std::function<void()> on_write;  // before the database is written, and after: give views of it back
  };

  StateHost(net::uv::Loop& loop, store::state::StateMachine machine, Callbacks callbacks);
  ~StateHost();

  void apply(std::vector<core::raft::Entry> entries);
  // Replaces the state by a snapshot's; on_applied tells of it. What is queued is part of the snapshot.
  void install(std::string image);
  // Calls `done` once the database holds what was applied up to `index`, or with Errc::no_space when the
  // disk is too full for it; maybe before it returns.
  // REQUIRES: on_applied told of that index, or it was applied before the start.
  void when_stored(core::Index index, std::function<void(core::Status)> done);

 private:
  void next();
  void start_apply();
  void on_advanced(core::Result<core::server::Applied> applied);
  void tell(core::server::Applied applied);
  void start_install();
  bool store_wanted() const;
  bool must_wait_for_store() const;
  void begin_store();
  void start_store(std::shared_ptr<store::state::Commit> commit);
  void end_store();
  void wait_for_space(const core::Error& error);
  void wake_readers();

  net::uv::Loop& loop_;
  Callbacks callbacks_;
  std::shared_ptr<store::state::StateMachine> machine_;  // the state thread's while busy_
  std::vector<core::raft::Entry> queued_;
  std::optional<std::string> image_;  // to be installed before what is queued
  core::Index applied_, stored_, storing_up_to_;
  std::multimap<core::Index, std::function<void(core::Status)>> readers_;  // wait for the database
  bool busy_ = false;
  bool storing_ = false;  // a commit is under way
  bool written_ = false;  // and was carried out; it ends when the state thread has nothing to do
  bool store_due_ = false;
  std::optional<core::Error> full_;
  net::uv::Timer store_timer_;
  std::optional<net::uv::Worker> worker_, store_worker_;
  net::uv::Lifetime lifetime_;
};

}  // namespace agent::server
