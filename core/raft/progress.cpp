// SPDX-License-Identifier: MPL-2.0
#include "core/raft/progress.h"

#include <algorithm>

#include "core/base/assert.h"

namespace core::raft {

std::string_view to_string(Progress::State state) {
  switch (state) {
    case Progress::State::probe:
      return "probe";
    case Progress::State::replicate:
      return "replicate";
    case Progress::State::snapshot:
      return "snapshot";
  }
  UNREACHABLE();
}

bool Progress::may_send() const {
  switch (state_) {
    case State::probe:
      return in_flight_.empty();
    case State::replicate:
      return in_flight_.size() < window_.appends_max && in_flight_bytes_ < window_.bytes_max;
    case State::snapshot:
      return false;
  }
  UNREACHABLE();
}

void Progress::sent(Index last, std::size_t bytes, std::uint64_t round) {
  ASSERT(may_send());
  ASSERT(last >= next_);
  in_flight_.push_back({last, bytes, round});
  in_flight_bytes_ += bytes;
  // While probing, `next` stays: the same entries leave again if this append is lost.
  if (state_ == State::replicate) next_ = last.next();
}

bool Progress::acknowledged(Index match, std::uint64_t round) {
  if (match <= match_) return false;
  match_ = match;
  match_round_ = round;
  if (state_ == State::probe) {
    if (match_.next() < next_) return true;  // still a gap between what agrees and what we asked about
    state_ = State::replicate;
    if (!in_flight_.empty()) next_ = std::max(next_, in_flight_.back().last.next());
  }
  next_ = std::max(next_, match_.next());
  while (!in_flight_.empty() && in_flight_.front().last <= match_) {
    in_flight_bytes_ -= in_flight_.front().bytes;
    in_flight_.pop_front();
  }
  return true;
}

bool Progress::refused(Index previous, Index agreed) {
  if (state_ == State::snapshot || previous <= match_) return false;
  if (state_ == State::probe && previous.next() != next_) return false;
  clear_window();
  state_ = State::probe;
  next_ = std::max(match_, std::min(agreed, previous.prev())).next();
  return true;
}

void Progress::answered(std::uint64_t round, Index agreed, Index last) {
  acked_round = std::max(acked_round, round);
  if (state_ == State::snapshot) return;
  if (last < match_ && round > match_round_) {
    // It acknowledged `match_` before this round began, and has lost entries since.
    match_ = Index{};
    match_round_ = round;
    clear_window();
    state_ = State::probe;
    next_ = last.next();
    return;
  }
  if (in_flight_.empty() || in_flight_.front().round >= round) return;
  if (state_ == State::replicate && in_flight_.front().last <= agreed) return;  // there, not yet durable
  probe();
}

void Progress::probe() {
  if (state_ == State::snapshot) return;
  if (state_ == State::replicate) next_ = match_.next();
  clear_window();
  state_ = State::probe;
}

void Progress::pause(std::uint64_t round) {
  if (state_ == State::snapshot) return;
  probe();
  in_flight_.push_back({match_, 0, round});
}

void Progress::begin_snapshot(SnapshotMeta snapshot, std::uint64_t round) {
  clear_window();
  state_ = State::snapshot;
  transfer = {};
  transfer.snapshot = std::move(snapshot);
  transfer.sent_in_round = round;
}

void Progress::end_snapshot(Index match, std::uint64_t round) {
  ASSERT(state_ == State::snapshot);
  transfer = {};
  if (match > match_) {
    match_ = match;
    match_round_ = round;
  }
  next_ = match_.next();
  state_ = State::probe;
}

void Progress::clear_window() {
  in_flight_.clear();
  in_flight_bytes_ = 0;
}

}  // namespace core::raft
