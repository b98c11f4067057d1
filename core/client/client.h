// SPDX-License-Identifier: MPL-2.0
// The face of a node: a whole client without its processes. Input in, Output out; io.h says what the
// driver owes both.
//
// Promises: what is done was recorded before; assignments older than one already seen change nothing;
// no task is stopped but by the servers' word, its own group, a person, or the job's own rule for lost
// contact; an agent that starts again adopts the tasks it finds and starts none twice.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/deadlines.h"
#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/client/alloc_runner.h"
#include "core/client/assignments.h"
#include "core/client/contact.h"
#include "core/client/dead_allocs.h"
#include "core/client/io.h"
#include "core/client/reports.h"

namespace core::client {

struct Config {
  AllocRunner::Options allocs;
  CollectionRules collection;
};

class Client {
 public:
  Client(Config config, Restored restored, Rng rng, Logger logger, Now now);

  // REQUIRES: `now.at` never falls.
  [[nodiscard]] Output step(const Input& input, Now now);
  // When to feed Woke; it may move with every step.
  std::optional<Instant> next_deadline() const;

  // Null if the allocation is not on this node.
  const AllocRunner* alloc(const AllocId& id) const;
  const std::map<AllocId, AllocRunner>& allocs() const { return allocs_; }
  bool registered() const { return contact_.registered(); }
  std::optional<Instant> heard_at() const { return contact_.heard_at(); }

 private:
  void on(const Registered& in, Now now, Output& out);
  void on(const RegisterFailed& in, Now now, Output& out);
  void on(const HeartbeatAnswered& in, Now now, Output& out);
  void on(const HeartbeatFailed& in, Now now, Output& out);
  void on(const NodeChanged& in, Now now, Output& out);
  void on(const Assigned& in, Now now, Output& out);
  void on(const WatchEnded& in, Now now, Output& out);
  void on(const Fetched& in, Now now, Output& out);
  void on(const FetchFailed& in, Now now, Output& out);
  void on(const ReportAccepted& in, Now now, Output& out);
  void on(const ReportFailed& in, Now now, Output& out);
  void on(const AllocPrepared& in, Now now, Output& out);
  void on(const AllocRemoved& in, Now now, Output& out);
  void on(const DiskMeasured& in, Now now, Output& out);
  void on(const Woke& in, Now now, Output& out);
  void on(const RestartAsked& in, Now now, Output& out);
  void on(const SignalAsked& in, Now now, Output& out);
  void on(const CollectAsked& in, Now now, Output& out);
  void on(const LeaveAsked& in, Now now, Output& out);
  template <class TaskInput>
    requires requires(const TaskInput& in) { in.task.alloc; }
  void on(const TaskInput& in, Now now, Output& out);

  AllocRunner* find(const AllocId& id);
  void add(const model::AllocPtr& alloc, Now now, Output& out);
  void remove(const AllocId& id, Now now, Output& out);
  void remove_unlisted(Now now, Output& out);
  void collect(std::size_t coming, Now now, Output& out);
  void measure(Output& out);
  void touch(const AllocId& id) { touched_.insert(id); }
  void look_at_touched(Now now, Output& out);
  void save_seen(Output& out);
  void stop_disconnected(Now now, Output& out);
  std::optional<Instant> disconnect_deadline(const AllocRunner& runner) const;

  Config config_;
  Rng rng_;
  Logger log_;
  Instant started_at_;
  Contact contact_;
  Assignments assignments_;
  Reports reports_;
  DeadAllocs dead_;
  std::map<AllocId, AllocRunner> allocs_;
  Deadlines<AllocId> deadlines_;     // of the runners
  Deadlines<AllocId> disconnects_;   // of those that must not run without servers
  std::set<AllocId> touched_;        // by this step: their records, reports and deadlines may have changed
  std::size_t removing_ = 0;
  bool begun_ = false;
  bool measuring_ = false;
  bool seen_unsaved_ = false;
  bool leaving_ = false;
  Instant collect_at_ = Instant::min();
};

}  // namespace core::client
