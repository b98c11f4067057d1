// SPDX-License-Identifier: MPL-2.0
#include "tests/support/raft_builder.h"

#include <algorithm>
#include <iterator>

#include "core/base/assert.h"

namespace test {

using namespace core::raft;
using core::Index;
using core::ServerId;
using core::Term;

RaftLog::RaftLog(std::vector<std::uint64_t> terms) {
  core::Digest previous;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    Entry entry;
    entry.id = {Term{terms[i]}, Index{i + 1}};
    entry.kind = EntryKind::command;
    entry.payload =
        std::make_shared<const core::Bytes>(std::to_string(terms[i]) + "/" + std::to_string(i + 1));
    entry.digest = chain_digest(previous, entry);
    previous = entry.digest;
    entries.push_back(std::move(entry));
  }
}

EntryId RaftLog::last() const { return id(entries.size()); }
EntryId RaftLog::id(std::uint64_t index) const { return index == 0 ? EntryId{} : entries[index - 1].id; }
core::Digest RaftLog::digest(std::uint64_t index) const {
  return index == 0 ? core::Digest{} : entries[index - 1].digest;
}

AppendRequest RaftLog::append(std::uint64_t term, std::uint64_t previous, std::size_t count,
                              std::uint64_t commit) const {
  AppendRequest request{Term{term}, id(previous), digest(previous), Index{commit}, {}};
  for (std::size_t i = previous; i < entries.size() && request.entries.size() < count; ++i)
    request.entries.push_back(entries[i]);
  return request;
}

SnapshotMeta RaftLog::snapshot(std::uint64_t index, Configuration configuration) const {
  return {id(index), digest(index), std::move(configuration), Index{0}};
}

ServerId server(const std::string& name) { return ServerId{name}; }

Configuration voters(std::initializer_list<const char*> names) {
  Configuration configuration;
  for (const auto* name : names) configuration.put({server(name), std::string(name) + ":4647", true});
  return configuration;
}

Received from(const std::string& name, Message message) { return {server(name), std::move(message)}; }

RaftBuilder::RaftBuilder() {
  config_.self = server("a");
  restored_.configuration = voters({"a", "b", "c"});
}

RaftBuilder& RaftBuilder::id(const std::string& name) {
  config_.self = server(name);
  return *this;
}

RaftBuilder& RaftBuilder::peers(Configuration configuration) {
  restored_.configuration = std::move(configuration);
  return *this;
}

RaftBuilder& RaftBuilder::log(std::vector<std::uint64_t> terms) {
  restored_.tail = RaftLog(std::move(terms)).entries;
  if (!restored_.tail.empty()) restored_.hard_state.term = restored_.tail.back().id.term;
  return *this;
}

RaftBuilder& RaftBuilder::term(std::uint64_t term, const std::string& voted_for) {
  restored_.hard_state = {Term{term}, server(voted_for)};
  return *this;
}

RaftBuilder& RaftBuilder::applied(std::uint64_t index) {
  restored_.applied = Index{index};
  return *this;
}

Raft RaftBuilder::build() {
  Raft raft(config_, restored_, core::Rng(1), core::Logger());
  const auto out = raft.step(Applied{restored_.applied}, kStart);
  ASSERT(out.save.empty());
  return raft;
}

Output settle(Raft& raft, Output out, core::Instant now) {
  Output joined;
  const auto take = [](auto& to, auto& add) { std::move(add.begin(), add.end(), std::back_inserter(to)); };
  while (true) {
    take(joined.send, out.send);
    take(joined.send, out.save.then_send);
    take(joined.save.append, out.save.append);
    take(joined.committed, out.committed);
    take(joined.outcomes, out.outcomes);
    take(joined.reads, out.reads);
    if (out.install) joined.install = out.install;
    if (out.store) joined.store = out.store;
    if (out.save.empty()) return joined;
    out = raft.step(Saved{out.save.number}, now);
  }
}

Output make_leader(Raft& raft, core::Instant& now) {
  now = std::max(now, *raft.next_deadline());
  auto out = settle(raft, raft.step(Woke{}, now), now);
  for (const auto& [to, ask] : all<PreVoteRequest>(out)) {
    if (raft.role() != Role::pre_candidate) break;
    out = settle(raft, raft.step(Received{to, PreVoteReply{ask.term, ask.term, true}}, now), now);
  }
  for (const auto& [to, ask] : all<VoteRequest>(out)) {
    if (raft.role() != Role::candidate) break;
    out = settle(raft, raft.step(Received{to, VoteReply{ask.term, true}}, now), now);
  }
  ASSERT(raft.role() == Role::leader);
  return out;
}

Proposed write(const std::string& payload, std::uint64_t ticket) {
  Proposal proposal;
  proposal.type = 1;
  proposal.payload = std::make_shared<const core::Bytes>(payload);
  proposal.ticket = ticket;
  return Proposed{{proposal}};
}

}  // namespace test
