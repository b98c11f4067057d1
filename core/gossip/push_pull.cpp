// SPDX-License-Identifier: MPL-2.0
// Comparing tables over a stream: how a server joins, how two halves of a cluster grow together again,
// and how news that was lost arrives in the end (SWIM §4.1 leaves that to chance).
//
//   asker: digests of my table ──>  other: what I have where we differ
//   asker: merges, and delivers what the other lacked or had older (only if there is such)
//
// Equal tables cost two small messages however many members there are.
#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/limits.h"
#include "core/gossip/state.h"

namespace core::gossip {
namespace {

Record record_of(const State& s, const Member& m) {
  const auto age = m.lives() ? Duration(0) : s.now - m.changed_at;
  return {alive_of(m), m.condition, m.leaving, m.status_time,
          static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(age).count())};
}

bool is_gone(Condition c) { return c == Condition::failed || c == Condition::left; }

// A member we hear of only after it is gone: not for the second half of the time it is remembered, or
// two tables would keep reminding each other for ever.
void remember_gone(State& s, const Record& record) {
  const auto& t = s.config.timing;
  const auto kept = record.condition == Condition::failed ? t.reconnect_timeout : t.tombstone_timeout;
  const Duration age = std::chrono::seconds(record.age_seconds);
  const auto intent = s.early_intents.find(record.about.name);
  const bool pruned = intent != s.early_intents.end() && intent->second.prune && intent->second.time >= record.status_time;
  if (age >= kept / 2 || pruned || s.members.size() >= limits::kGossipMembersMax) return;
  s.events.before(record.about.name, nullptr, s.now);
  Member member;
  member.name = record.about.name;
  member.identity = record.about.identity;
  member.endpoint = record.about.endpoint;
  member.tags = record.about.tags;
  member.incarnation = record.about.incarnation;
  member.condition = record.condition;
  member.status_time = record.status_time;
  member.changed_at = s.now - age;
  s.members.add(std::move(member));
}

// Both sides agree that it is gone; which incarnation, and whether it had leave.
void agree_on_gone(State& s, const Member& known, const Record& record) {
  if (known.identity != record.about.identity || record.about.incarnation < known.incarnation) return;
  const bool left = known.condition == Condition::left || record.condition == Condition::left;
  if (record.about.incarnation == known.incarnation && left == (known.condition == Condition::left)) return;
  s.edit(record.about.name, [&](Member& m) {
    m.incarnation = record.about.incarnation;
    if (left && m.condition != Condition::left) m.changed_at = s.now;
    m.condition = left ? Condition::left : Condition::failed;
  });
}

// What tables say of a suspect is hearsay: however many say it, it is one accusation, in the suspect's own name.
// Each counted as its teller's, a few comparisons would confirm what one member alone has found.
Suspect hearsay(const Alive& about) { return {about.name, about.identity, about.incarnation, about.name}; }

void merge_condition(State& s, const Record& record, Spread on, Output& out) {
  const auto& about = record.about;
  const auto* known = s.members.find(about.name);
  if (known == nullptr && is_gone(record.condition)) return remember_gone(s, record);
  switch (record.condition) {
    case Condition::alive:
      return hear(s, about, on, out);
    case Condition::suspect:
      hear(s, about, on, out);
      return hear(s, hearsay(about), on, out);
    case Condition::failed:
      if (!known->lives()) return agree_on_gone(s, *known, record);
      // It may have lived on on our side of the network: it gets a chance to object.
      return hear(s, hearsay(about), on, out);
    case Condition::left:
      if (!known->lives()) return agree_on_gone(s, *known, record);
      return hear(s, Dead{about.name, about.identity, about.incarnation, about.name}, on, out);
  }
  UNREACHABLE();
}

void merge_intent(State& s, const Record& record) {
  s.clock.witness(record.status_time);
  if (s.is_self(record.about.name)) {
    // An intent of ours that others know and we do not is of an earlier life, or somebody else's about us.
    const bool ahead = record.status_time > s.self().status_time && record.about.identity == s.config.identity;
    if (ahead && s.leaving.stage == Farewell::none) intend_to_stay(s);
    return;
  }
  const auto* known = s.members.find(record.about.name);
  if (known == nullptr || record.status_time <= known->status_time) return;
  s.edit(record.about.name, [&](Member& m) {
    m.status_time = record.status_time;
    m.leaving = m.lives() && record.leaving;
  });
}

void merge(State& s, const std::vector<Record>& records, Spread on, Output& out) {
  for (const auto& record : records) {
    merge_condition(s, record, on, out);
    merge_intent(s, record);
  }
}

std::uint64_t differing(const TableDigest& a, const TableDigest& b) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kBuckets; ++i)
    if (a[i] != b[i]) bits |= std::uint64_t{1} << i;
  return bits;
}
bool in_buckets(std::uint64_t buckets, const std::string& name) { return (buckets >> MemberTable::bucket_of(name) & 1) != 0; }

// Does our belief about a member override the other side's?
bool newer(const Record& ours, const Record* theirs) {
  if (theirs == nullptr) return true;
  const auto rank = [](const Record& r) {
    return std::tuple(r.about.incarnation, r.condition == Condition::suspect ? Condition::alive : r.condition);
  };
  return rank(ours) > rank(*theirs) || ours.status_time > theirs->status_time;
}

// What the other side lacks of the buckets in which we differ.
std::vector<Record> to_deliver(const State& s, const SyncReply& reply) {
  std::map<std::string_view, const Record*> theirs;
  for (const auto& record : reply.records) theirs.emplace(record.about.name, &record);
  std::vector<Record> out{record_of(s, s.self())};
  s.members.for_each([&](const Member& m) {
    if (s.is_self(m.name) || !in_buckets(reply.differing, m.name)) return;
    auto ours = record_of(s, m);
    const auto it = theirs.find(m.name);
    if (newer(ours, it == theirs.end() ? nullptr : it->second)) out.push_back(std::move(ours));
  });
  // Of ourselves it was told in the question.
  const auto self = theirs.find(s.config.name);
  const bool again = self != theirs.end() && newer(out.front(), self->second);
  if (out.size() == 1 && !again) out.clear();
  return out;
}

void open_stream(State& s, const Endpoint& to, Purpose purpose, Exchanged question, Output& out) {
  const auto ticket = s.syncing.next_ticket++;
  s.syncing.exchanges.emplace(ticket, std::move(purpose));
  out.exchanges.push_back({ticket, to, std::move(question), s.config.timing.exchange_timeout});
}

Exchanged answer_to(State& s, const SyncRequest& question, Output& out) {
  s.clock.witness(question.time);
  SyncReply reply{.time = {}, .differing = differing(question.digest, s.members.digest()), .records = {}};
  merge(s, question.records, Spread::yes, out);
  reply.time = s.clock.time();
  reply.records.push_back(record_of(s, s.self()));
  s.members.for_each([&](const Member& m) {
    if (!s.is_self(m.name) && in_buckets(reply.differing, m.name)) reply.records.push_back(record_of(s, m));
  });
  return reply;
}

void finish_join(State& s, Ticket ticket, const std::optional<Error>& error, Output& out) {
  const auto it = s.syncing.joins.find(ticket);
  ASSERT(it != s.syncing.joins.end());
  auto& join = it->second;
  if (error && !join.so_far.first_error) join.so_far.first_error = error;
  if (!error) ++join.so_far.joined;
  if (--join.waiting > 0) return;
  out.joined.push_back(std::move(join.so_far));
  s.syncing.joins.erase(it);
}

void on_reply(State& s, const Comparison& why, const SyncReply& reply, const Endpoint& from, Output& out) {
  const bool first = s.members.size() == 1;
  s.clock.witness(reply.time);
  // Who joins is told what everybody knows already; it need not tell them again.
  merge(s, reply.records, why.join ? Spread::no : Spread::yes, out);
  auto missing = to_deliver(s, reply);
  if (!missing.empty()) open_stream(s, from, Delivery{}, SyncRequest{s.clock.time(), s.members.digest(), std::move(missing)}, out);
  auto& interval = s.syncing.interval;
  interval = reply.differing == 0 ? std::min(interval * 2, s.config.timing.sync_interval_max) : s.config.timing.sync_interval_min;
  if (!why.join) return;
  if (first) intend_to_stay(s);
  finish_join(s, *why.join, std::nullopt, out);
}

}  // namespace

void compare_with(State& s, const Endpoint& at, std::optional<Ticket> join, Output& out) {
  open_stream(s, at, Comparison{join}, SyncRequest{s.clock.time(), s.members.digest(), {record_of(s, s.self())}}, out);
}

void compare_at_random(State& s, Output& out) {
  const auto& timing = s.config.timing;
  const bool alone = s.members.living() == 1;
  const auto interval = alone ? timing.sync_interval_max : s.syncing.interval;
  s.syncing.next = s.now + interval / 2 + s.rng.jitter(interval);
  if (s.leaving.stage != Farewell::none) return;
  const auto others = s.members.pick(s.rng, 1, [&](const Member& m) { return m.lives() && !s.is_self(m.name); });
  if (!others.empty()) compare_with(s, others.front()->endpoint, std::nullopt, out);
}

void compare_soon(State& s) {
  const auto& timing = s.config.timing;
  s.syncing.interval = timing.sync_interval_min;
  s.syncing.next = std::min(s.syncing.next, s.now + timing.sync_interval_min / 2 + s.rng.jitter(timing.sync_interval_min));
}

void on_input(State& s, const JoinAsked& in, Output& out) {
  if (in.at.empty()) return out.joined.push_back({in.ticket, 0, std::nullopt});
  s.syncing.joins.emplace(in.ticket, Joining{in.at.size(), {in.ticket, 0, std::nullopt}});
  for (const auto& at : in.at) compare_with(s, at, in.ticket, out);
}

void on_input(State& s, const Asked& in, Output& out) {
  if (const auto* ping = std::get_if<Ping>(&in.question)) {
    if (is_for_us(s, *ping)) out.answers.push_back({in.ticket, Ack{ping->number}});
  } else if (const auto* question = std::get_if<SyncRequest>(&in.question)) {
    auto answer = answer_to(s, *question, out);
    out.answers.push_back({in.ticket, std::move(answer)});
  }
}

void on_input(State& s, const Answered& in, Output& out) {
  const auto it = s.syncing.exchanges.find(in.ticket);
  ASSERT(it != s.syncing.exchanges.end());
  const auto purpose = it->second;
  s.syncing.exchanges.erase(it);
  if (const auto* ping = std::get_if<FallbackPing>(&purpose)) {
    if (in.answer.ok() && std::holds_alternative<Ack>(*in.answer)) probe_succeeded(s, ping->probe);
    return;
  }
  const auto* reply = in.answer.ok() ? std::get_if<SyncReply>(&*in.answer) : nullptr;
  const auto* comparison = std::get_if<Comparison>(&purpose);
  if (comparison == nullptr) {
    if (reply != nullptr) merge(s, {reply->records.front()}, Spread::yes, out);
    return;
  }
  if (reply != nullptr) return on_reply(s, *comparison, *reply, reply->records.front().about.endpoint, out);
  if (!comparison->join) return;
  finish_join(s, *comparison->join, in.answer.ok() ? Error{Errc::corrupt, "unexpected answer"} : in.answer.error(), out);
}

}  // namespace core::gossip
