// SPDX-License-Identifier: MPL-2.0
#include "core/client/client.h"

#include <algorithm>

#include "core/base/assert.h"

namespace core::client {
namespace {

bool tells_an_end(const Report& report) {
  return std::any_of(report.updates.begin(), report.updates.end(), [](const auto& update) {
    return update.client_status != model::ClientStatus::pending && update.client_status != model::ClientStatus::running;
  });
}

}  // namespace

Client::Client(Config config, Restored restored, Rng rng, Logger logger, Now now)
    : config_(config),
      rng_(rng),
      log_(std::move(logger)),
      started_at_(now.at),
      contact_(rng_.fork()),
      assignments_(rng_.fork(), restored.seen),
      reports_(rng_.fork()),
      dead_(config.collection),
      collect_at_(now.at + config.collection.interval) {
  for (auto& item : restored.allocs) {
    const auto id = item.alloc->id;
    assignments_.restore(id, item.alloc->alloc_modify_index);
    allocs_.emplace(id, AllocRunner(std::move(item), config_.allocs, rng_.fork(), now));
  }
}

Output Client::step(const Input& input, Now now) {
  Output out;
  if (!begun_) {
    begun_ = true;
    for (auto& [id, runner] : allocs_) {
      runner.begin(now, out.save.then);
      touch(id);
    }
  }
  std::visit([&](const auto& in) { on(in, now, out); }, input);
  look_at_touched(now, out);
  contact_.wake(now, out.send);
  assignments_.wake(now, contact_.registered(), out.send);
  if (auto report = reports_.take_due(now, contact_.registered())) {
    if (tells_an_end(*report)) out.save.then.push_back(std::move(*report));
    else out.send.push_back(std::move(*report));
  }
  save_seen(out);
  return out;
}

// What has been seen must be on disk before it is acted on, so it can wait for what is being fetched: a
// placement then takes one sync.
void Client::save_seen(Output& out) {
  if (!seen_unsaved_ || (out.save.empty() && assignments_.fetching())) return;
  seen_unsaved_ = false;
  out.save.records.push_back(assignments_.seen());
}

std::optional<Instant> Client::next_deadline() const {
  auto next = earlier(contact_.next_deadline(), assignments_.next_deadline(contact_.registered()));
  next = earlier(next, reports_.next_deadline(contact_.registered()));
  next = earlier(next, earlier(deadlines_.next(), disconnects_.next()));
  return earlier(next, begun_ ? collect_at_ : Instant::min());
}

const AllocRunner* Client::alloc(const AllocId& id) const {
  const auto it = allocs_.find(id);
  return it == allocs_.end() ? nullptr : &it->second;
}

AllocRunner* Client::find(const AllocId& id) {
  const auto it = allocs_.find(id);
  return it == allocs_.end() ? nullptr : &it->second;
}

// Once a step, for every allocation it concerned: what to record, what to report, when to look again.
void Client::look_at_touched(Now now, Output& out) {
  for (const auto& id : touched_) {
    auto* runner = find(id);
    if (runner == nullptr) continue;
    if (runner->gone()) {
      out.save.records.push_back(AllocForgotten{id});
      reports_.forget(id);
      deadlines_.erase(id);
      disconnects_.erase(id);
      dead_.erase(id);
      allocs_.erase(id);
      continue;
    }
    for (auto& record : runner->take_changed()) out.save.records.push_back(std::move(record));
    if (!runner->removing() || assignments_.listed(id)) reports_.put(runner->report(), now);
    if (runner->done() && !runner->removing()) dead_.add(id, now.wall);
    if (const auto next = runner->next_deadline()) deadlines_.set(id, *next);
    else deadlines_.erase(id);
    if (const auto next = disconnect_deadline(*runner)) disconnects_.set(id, *next);
    else disconnects_.erase(id);
  }
  touched_.clear();
}

// ---- the servers ---------------------------------------------------------------------------------

void Client::on(const Registered& in, Now now, Output& out) {
  LOG(log_, info, "node registered", {"heartbeat_ttl", in.ttl});
  contact_.on_registered(in.ttl, now, out.send);
  if (assignments_.on_cluster(in.cluster_id)) out.save.records.push_back(assignments_.seen());
}

void Client::on(const RegisterFailed& in, Now now, Output&) {
  LOG(log_, warn, "registration failed", {"error", in.error});
  contact_.on_register_failed(now);
}

void Client::on(const HeartbeatAnswered& in, Now now, Output&) {
  if (const auto heard = contact_.heard_at(); heard && now.at - *heard > 2 * in.ttl)
    LOG(log_, warn, "missed heartbeat", {"since_last", now.at - *heard}, {"heartbeat_ttl", in.ttl});
  contact_.on_heartbeat(in.ttl, now);
  for (const auto& [id, runner] : allocs_)
    if (const auto next = disconnect_deadline(runner)) disconnects_.set(id, *next);
}

void Client::on(const HeartbeatFailed& in, Now now, Output& out) {
  LOG(log_, warn, "heartbeat failed", {"error", in.error});
  contact_.on_heartbeat_failed(in.error, now, out.send);
}

void Client::on(const NodeChanged&, Now now, Output&) { contact_.on_node_changed(now); }

void Client::on(const Assigned& in, Now now, Output& out) {
  const bool first = !assignments_.contacted();
  const auto before = assignments_.seen().index;
  if (!assignments_.on_assigned(in)) {
    LOG(log_, debug, "ignored assignments older than those seen", {"index", in.index}, {"seen", before});
    return;
  }
  if (assignments_.seen().index != before) seen_unsaved_ = true;
  remove_unlisted(now, out);
  if (!first) return;
  for (auto& [id, runner] : allocs_) {
    runner.contacted(now, out.save.then);
    touch(id);
  }
}

void Client::on(const WatchEnded& in, Now now, Output&) {
  LOG(log_, debug, "watch of assignments ended", {"error", in.error});
  assignments_.on_watch_ended(now);
}

void Client::on(const Fetched& in, Now now, Output& out) {
  std::size_t accepted = 0;
  for (const auto& alloc : in.allocs) {
    ASSERT(alloc != nullptr);
    if (!assignments_.accept(*alloc)) continue;
    ++accepted;
    if (auto* runner = find(alloc->id)) {
      if (runner->removing()) continue;
      out.save.records.push_back(AllocSaved{alloc});
      runner->update(alloc, now, out.save.then);
      touch(alloc->id);
    } else if (!alloc->client_terminal() && !leaving_) {
      add(alloc, now, out);
    }
  }
  assignments_.on_fetched(accepted, now);
}

void Client::on(const FetchFailed& in, Now now, Output&) {
  LOG(log_, warn, "fetching allocations failed", {"error", in.error});
  assignments_.on_fetch_failed(now);
}

void Client::on(const ReportAccepted&, Now, Output&) { reports_.on_accepted(); }

void Client::on(const ReportFailed& in, Now now, Output&) {
  LOG(log_, warn, "reporting allocations failed", {"error", in.error});
  reports_.on_failed(now);
}

// ---- allocations come and go ---------------------------------------------------------------------

void Client::add(const model::AllocPtr& alloc, Now now, Output& out) {
  LOG(log_, info, "allocation added", {"alloc", alloc->id}, {"name", alloc->name});
  collect(1, now, out);
  out.save.records.push_back(AllocSaved{alloc});
  auto [it, inserted] = allocs_.emplace(alloc->id, AllocRunner(alloc, config_.allocs, rng_.fork(), now));
  ASSERT(inserted);
  it->second.begin(now, out.save.then);
  touch(alloc->id);
}

void Client::remove(const AllocId& id, Now now, Output& out) {
  auto* runner = find(id);
  ASSERT(runner != nullptr);
  if (runner->removing()) return;
  ++removing_;
  dead_.erase(id);
  runner->remove(now, out.save.then);
  touch(id);
}

// What the servers no longer know is of no use to anybody.
void Client::remove_unlisted(Now now, Output& out) {
  for (const auto& [id, runner] : allocs_) {
    if (assignments_.listed(id) || runner.removing()) continue;
    LOG(log_, info, "allocation is no longer assigned", {"alloc", id});
    remove(id, now, out);
  }
}

void Client::collect(std::size_t coming, Now now, Output& out) {
  for (const auto& id : dead_.pick(allocs_.size(), coming, removing_)) {
    LOG(log_, info, "removing a dead allocation", {"alloc", id});
    remove(id, now, out);
  }
}

void Client::on(const AllocPrepared& in, Now now, Output& out) {
  auto* runner = find(in.alloc);
  if (runner == nullptr) return;
  if (!in.status.ok()) LOG(log_, error, "preparing an allocation failed", {"alloc", in.alloc}, {"error", in.status.error()});
  runner->on_prepared(in, now, out.save.then);
  touch(in.alloc);
}

void Client::on(const AllocRemoved& in, Now now, Output& out) {
  if (!in.status.ok())
    LOG(log_, warn, "directories of an allocation could not be removed", {"alloc", in.alloc}, {"error", in.status.error()});
  auto* runner = find(in.alloc);
  if (runner == nullptr) return;
  runner->on_removed(in);
  ASSERT(removing_ > 0);
  --removing_;
  touch(in.alloc);
  look_at_touched(now, out);  // it no longer counts
  if (dead_.disk_short()) measure(out);
  collect(0, now, out);
}

void Client::on(const DiskMeasured& in, Now now, Output& out) {
  measuring_ = false;
  dead_.set_disk(in);
  collect(0, now, out);
}

void Client::on(const CollectAsked& in, Now now, Output& out) {
  const auto ids = in.alloc.empty() ? dead_.all() : std::vector<AllocId>{in.alloc};
  for (const auto& id : ids)
    if (dead_.contains(id)) remove(id, now, out);
}

void Client::on(const LeaveAsked&, Now now, Output& out) {
  leaving_ = true;
  for (const auto& [id, runner] : allocs_) remove(id, now, out);
}

// ---- tasks ---------------------------------------------------------------------------------------

template <class TaskInput>
  requires requires(const TaskInput& in) { in.task.alloc; }
void Client::on(const TaskInput& in, Now now, Output& out) {
  auto* runner = find(in.task.alloc);
  if (runner == nullptr) return;
  runner->on_task(in, now, out.save.then);
  touch(in.task.alloc);
}

void Client::on(const RestartAsked& in, Now now, Output& out) {
  auto* runner = find(in.alloc);
  if (runner == nullptr) return;
  runner->restart(in.task, now, out.save.then);
  touch(in.alloc);
}

void Client::on(const SignalAsked& in, Now now, Output& out) {
  auto* runner = find(in.alloc);
  if (runner == nullptr) return;
  runner->signal(in.task, in.signal, now, out.save.then);
  touch(in.alloc);
}

void Client::on(const Woke&, Now now, Output& out) {
  for (const auto& id : deadlines_.take_due(now.at)) {
    find(id)->wake(now, out.save.then);
    touch(id);
  }
  stop_disconnected(now, out);
  if (collect_at_ > now.at) return;
  collect_at_ = now.at + config_.collection.interval;
  measure(out);
}

// What was measured before no longer counts.
void Client::measure(Output& out) {
  dead_.set_disk({});
  if (!measuring_) out.save.then.push_back(MeasureDisk{});
  measuring_ = true;
}

// ---- without servers -----------------------------------------------------------------------------

// A job may say that it must not run for long on a node that has lost its servers, because they will
// have it run elsewhere by then.
std::optional<Instant> Client::disconnect_deadline(const AllocRunner& runner) const {
  if (runner.done() || runner.stopping() || runner.alloc()->job == nullptr) return std::nullopt;
  const auto* group = runner.alloc()->job->group(runner.alloc()->task_group);
  if (group == nullptr || !group->stop_after_client_disconnect) return std::nullopt;
  return contact_.heard_at().value_or(started_at_) + *group->stop_after_client_disconnect;
}

void Client::stop_disconnected(Now now, Output& out) {
  for (const auto& id : disconnects_.take_due(now.at)) {
    LOG(log_, warn, "stopping an allocation: no server was heard for too long", {"alloc", id});
    find(id)->stop(now, out.save.then);
    touch(id);
  }
}

}  // namespace core::client
