// SPDX-License-Identifier: MPL-2.0
#include "agent/server/state_host.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/model/event.h"
#include "store/state/commit.h"

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::server::Applied;

// How long the database may lack what is applied, and how many entries: what is applied again after a
// crash stays small against the start of a process.
constexpr core::Duration kStoreAfter = 100ms;
constexpr std::uint64_t kUnstoredMax = 4096;
// With so many the entries wait for the database: it cannot keep up.
constexpr std::uint64_t kUnstoredLimit = 4 * kUnstoredMax;
// As much is applied in some 20 us. Two threads that wake each other take twice that and more.
constexpr std::size_t kOnLoopBytes = 4 * 1024;
constexpr std::size_t kOnLoopEntries = 4;
// How long to wait before looking whether a full disk has space again.
constexpr core::Duration kFullDiskRetry = 500ms;

bool restores(const core::raft::Entry& entry) { return entry.type == core::model::SnapshotRestored::kType; }

// What a restore has to do does not show in its size.
bool is_small(std::span<const core::raft::Entry> entries) {
  if (entries.empty() || entries.size() > kOnLoopEntries || std::any_of(entries.begin(), entries.end(), restores)) return false;
  std::size_t bytes = 0;
  for (const auto& entry : entries) bytes += entry.payload->size();
  return bytes <= kOnLoopBytes;
}

core::Result<Applied> apply_batch(store::state::StateMachine& machine, std::span<const core::raft::Entry> entries) {
  TRY(auto batch, machine.advance(entries));
  Applied out;
  out.entries.reserve(batch.applied.size());
  for (auto& applied : batch.applied) {
    core::server::Answer answer;
    answer.eval_create_index = applied.eval_create_index;
    answer.job_modify_index = applied.job_modify_index;
    answer.node_modify_index = applied.node_modify_index;
    out.entries.push_back({.id = applied.id, .index = applied.index, .outcome = std::move(applied.outcome), .answer = std::move(answer),
                           .repeats = std::move(applied.repeats)});
  }
  out.changes = std::move(batch.changes);
  out.view = machine.view();
  out.applied = machine.applied().index;
  out.replaced = batch.replaced;
  return out;
}

}  // namespace

StateHost::StateHost(net::uv::Loop& loop, store::state::StateMachine machine, Callbacks callbacks)
    : loop_(loop),
      callbacks_(std::move(callbacks)),
      machine_(std::make_shared<store::state::StateMachine>(std::move(machine))),
      applied_(machine_->view()->index()),
      stored_(applied_),
      store_timer_(loop,
                   [this] {
                     store_due_ = true;
                     next();
                   }),
      worker_(std::in_place, loop, net::uv::Worker::Options{.name = "state"}),
      store_worker_(std::in_place, loop, net::uv::Worker::Options{.name = "store"}) {}

// The workers finish what they were given before they go. What cannot be stored now is applied again.
StateHost::~StateHost() {
  worker_.reset();
  store_worker_.reset();
  static_cast<void>(machine_->commit());
}

void StateHost::apply(std::vector<core::raft::Entry> entries) {
  std::move(entries.begin(), entries.end(), std::back_inserter(queued_));
  next();
}

void StateHost::install(std::string image) {
  queued_.clear();
  image_ = std::move(image);
  next();
}

void StateHost::when_stored(core::Index index, std::function<void(core::Status)> done) {
  ASSERT(index <= applied_);
  if (index <= stored_) return done(core::ok_status());
  if (full_) return done(*full_);
  readers_.emplace(index, std::move(done));
  next();
}

void StateHost::next() {
  if (busy_ || written_ || (image_ && storing_)) return;
  if (image_) return start_install();
  if (store_wanted() && stored_ < applied_ && !storing_) return begin_store();
  if (!queued_.empty() && !(storing_ && must_wait_for_store())) start_apply();
}

// On a full disk it is the timer that asks.
bool StateHost::store_wanted() const {
  return store_due_ || (!full_ && (!readers_.empty() || applied_.value - stored_.value >= kUnstoredMax));
}

bool StateHost::must_wait_for_store() const {
  return applied_.value - stored_.value >= kUnstoredLimit || std::any_of(queued_.begin(), queued_.end(), restores);
}

void StateHost::start_apply() {
  auto entries = std::exchange(queued_, {});
  if (is_small(entries)) return on_advanced(apply_batch(*machine_, entries));
  busy_ = true;
  const auto submitted = worker_->submit([machine = machine_, entries = std::move(entries)] { return apply_batch(*machine, entries); },
                                        lifetime_.guard([this](core::Result<Applied> applied) {
                                          busy_ = false;
                                          on_advanced(std::move(applied));
                                        }));
  ASSERT(submitted.ok());  // one job at a time
}

void StateHost::on_advanced(core::Result<Applied> applied) {
  if (!applied.ok()) return callbacks_.on_failed(applied.error());
  applied_ = applied->view->index();
  if (!store_timer_.armed()) store_timer_.arm(loop_.now() + kStoreAfter);
  tell(std::move(*applied));
}

// The thread is put to work before the loop looks at what it did; what the loop would apply itself waits, for
// all is told in order.
void StateHost::tell(Applied applied) {
  const bool on_loop = is_small(queued_);
  if (!on_loop) next();
  callbacks_.on_applied(std::move(applied));
  if (written_ && !busy_) end_store();
  else if (on_loop) next();
}

void StateHost::start_install() {
  busy_ = true;
  callbacks_.on_write();
  const auto submitted = worker_->submit(
      [machine = machine_, image = *std::exchange(image_, std::nullopt)]() -> core::Result<Applied> {
        TRY(machine->install(image));
        return Applied{.entries = {}, .changes = {}, .view = machine->view(), .applied = machine->applied().index, .replaced = true};
      },
      lifetime_.guard([this](core::Result<Applied> installed) {
        busy_ = false;
        callbacks_.on_write();
        if (!installed.ok()) return callbacks_.on_failed(installed.error());
        applied_ = stored_ = installed->view->index();
        if (std::exchange(full_, std::nullopt)) callbacks_.on_full(std::nullopt);
        tell(std::move(*installed));
        wake_readers();
      }));
  ASSERT(submitted.ok());  // one job at a time
}

void StateHost::begin_store() {
  busy_ = true;
  store_due_ = false;
  store_timer_.disarm();
  using store::state::Commit;
  const auto submitted = worker_->submit([machine = machine_] { return machine->begin_commit(); },
                                         lifetime_.guard([this](core::Result<std::shared_ptr<Commit>> begun) {
                                           busy_ = false;
                                           if (!begun.ok()) return callbacks_.on_failed(begun.error());
                                           ASSERT(*begun != nullptr);
                                           start_store(std::move(*begun));
                                           next();
                                         }));
  ASSERT(submitted.ok());  // one job at a time
}

void StateHost::start_store(std::shared_ptr<store::state::Commit> commit) {
  storing_ = true;
  callbacks_.on_write();
  storing_up_to_ = commit->index();
  const auto submitted = store_worker_->submit(
      [machine = machine_, commit = std::move(commit)]() -> core::Status {
        commit->write();
        return core::ok_status();
      },
      lifetime_.guard([this](const core::Status&) {
        written_ = true;
        if (!busy_) end_store();
      }));
  ASSERT(submitted.ok());  // one job at a time
}

void StateHost::end_store() {
  storing_ = written_ = false;
  const auto committed = machine_->end_commit();
  callbacks_.on_write();
  if (!committed.ok() && committed.error().code == core::Errc::no_space) return wait_for_space(committed.error());
  if (!committed.ok()) return callbacks_.on_failed(committed.error());
  stored_ = storing_up_to_;
  if (stored_ < applied_ && !store_timer_.armed()) store_timer_.arm(loop_.now() + kStoreAfter);
  const bool was_full = std::exchange(full_, std::nullopt).has_value();
  next();
  wake_readers();
  if (was_full) callbacks_.on_full(std::nullopt);
}

void StateHost::wait_for_space(const core::Error& error) {
  const bool first = !full_.has_value();
  full_ = core::Error{core::Errc::no_space, "the disk is full, the newest changes cannot be read until it has space: " + error.detail};
  store_timer_.arm(loop_.now() + kFullDiskRetry);
  next();
  for (auto& [index, done] : std::exchange(readers_, {})) done(*full_);
  if (first) callbacks_.on_full(error);
}

void StateHost::wake_readers() {
  while (!readers_.empty() && readers_.begin()->first <= stored_) {
    const auto reader = readers_.extract(readers_.begin());
    reader.mapped()(core::ok_status());
  }
}

}  // namespace agent::server
