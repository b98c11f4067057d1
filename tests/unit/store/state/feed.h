// SPDX-License-Identifier: MPL-2.0
// A log for the state machine: turns events into the entries that Raft would commit, one second apart.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/model/event.h"
#include "core/raft/types.h"
#include "store/state/state_machine.h"

namespace test {

inline constexpr core::WallTime kEpoch{1'800'000'000'000'000'000};

class Feed {
 public:
  core::raft::Entry entry(const core::model::Event& event, core::RequestId request = {}) {
    return append(core::raft::EntryKind::command, core::model::type_of(event), core::model::encode_payload(event), request);
  }
  core::raft::Entry noop() { return append(core::raft::EntryKind::noop, 0, ""); }
  core::raft::Entry configuration(const core::raft::Configuration& configuration) {
    return append(core::raft::EntryKind::configuration, 0, core::raft::encode(configuration));
  }
  void pass(core::Duration time) { time_ = time_ + time; }

  core::Index last() const { return last_; }
  core::WallTime time() const { return time_; }
  // All entries made so far.
  const std::vector<core::raft::Entry>& log() const { return log_; }

 private:
  core::raft::Entry append(core::raft::EntryKind kind, std::uint16_t type, core::Bytes payload, core::RequestId request = {}) {
    last_ = last_.next();
    pass(std::chrono::seconds(1));
    core::raft::Entry entry{.id = {core::Term{1}, last_}, .kind = kind, .type = type, .time = time_, .request = request,
                            .payload = std::make_shared<const core::Bytes>(std::move(payload)), .digest = {}};
    entry.digest = digest_ = core::raft::chain_digest(digest_, entry);
    log_.push_back(entry);
    return entry;
  }

  core::Index last_;
  core::WallTime time_ = kEpoch;
  core::Digest digest_;
  std::vector<core::raft::Entry> log_;
};

// A state machine in memory that is fed event by event.
class Fed {
 public:
  Fed() : state(open(":memory:")) {}
  explicit Fed(const std::string& path) : state(open(path)) {}

  // Applies one event; its changes are in `changes`.
  store::state::Applied apply(const core::model::Event& event) { return apply_entry(feed.entry(event)); }
  store::state::Applied apply_entry(const core::raft::Entry& entry) {
    auto batch = state.apply({&entry, 1});
    REQUIRE(batch.ok());
    REQUIRE(batch->applied.size() == 1);
    changes = std::move(batch->changes);
    return std::move(batch->applied.front());
  }
  // Applies an event that must not be refused; its index.
  core::Index done(const core::model::Event& event) {
    const auto applied = apply(event);
    INFO((applied.outcome.ok() ? std::string() : applied.outcome.error().detail));
    REQUIRE(applied.outcome.ok());
    return applied.id.index;
  }
  // Applies an event that must be refused; why it was.
  core::Error refused(const core::model::Event& event) {
    const auto applied = apply(event);
    REQUIRE_FALSE(applied.outcome.ok());
    CHECK(changes.empty());
    return applied.outcome.error();
  }
  const core::model::StateView& view() const { return *state.view(); }
  core::Digest digest() {
    auto digest = state.digest();
    REQUIRE(digest.ok());
    return *digest;
  }

  Feed feed;
  store::state::StateMachine state;
  std::vector<core::model::Change> changes;

 private:
  static store::state::StateMachine open(const std::string& path) {
    auto opened = store::state::StateMachine::open(path);
    INFO((opened.ok() ? std::string() : opened.error().detail));
    REQUIRE(opened.ok());
    return std::move(opened).value();
  }
};

template <class T>
std::vector<T> facts(const std::vector<core::model::Change>& changes) {
  std::vector<T> out;
  for (const auto& change : changes)
    if (const auto* const fact = std::get_if<T>(&change.fact)) out.push_back(*fact);
  return out;
}

}  // namespace test
