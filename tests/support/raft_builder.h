// SPDX-License-Identifier: MPL-2.0
// A single Raft in a state of the test's choosing, and the messages that others would send it.
// Servers are "a", "b", "c"; an entry's payload is its id, so that equal ids mean equal digests.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "core/raft/raft.h"

namespace test {

inline constexpr core::Instant kStart{std::chrono::seconds(100)};

// A log whose entry i+1 has term terms[i].
struct RaftLog {
  explicit RaftLog(std::vector<std::uint64_t> terms);

  core::raft::EntryId last() const;
  core::raft::EntryId id(std::uint64_t index) const;  // {0, 0} for 0
  core::Digest digest(std::uint64_t index) const;     // zero for 0
  // Up to `count` entries after `previous`, as the leader of `term` sends them.
  core::raft::AppendRequest append(std::uint64_t term, std::uint64_t previous, std::size_t count,
                                   std::uint64_t commit) const;
  core::raft::SnapshotMeta snapshot(std::uint64_t index, core::raft::Configuration configuration) const;

  std::vector<core::raft::Entry> entries;
};

core::ServerId server(const std::string& name);
core::raft::Configuration voters(std::initializer_list<const char*> names);
core::raft::Received from(const std::string& name, core::raft::Message message);

class RaftBuilder {
 public:
  RaftBuilder();
  RaftBuilder& id(const std::string& name);
  RaftBuilder& peers(core::raft::Configuration configuration);
  // The log on disk; the term is its last entry's unless set.
  RaftBuilder& log(std::vector<std::uint64_t> terms);
  RaftBuilder& term(std::uint64_t term, const std::string& voted_for = "");
  RaftBuilder& applied(std::uint64_t index);
  core::raft::Config& config() { return config_; }

  // Its first step is taken at kStart.
  core::raft::Raft build();

 private:
  core::raft::Config config_;
  core::raft::Restored restored_;
};

// Feeds back Saved for the output and all that follow from it, and joins what came out.
core::raft::Output settle(core::raft::Raft& raft, core::raft::Output out, core::Instant now);
// All of a kind that leaves, at once or after the save, with its receiver.
template <class Kind>
std::vector<std::pair<core::ServerId, Kind>> all(const core::raft::Output& out) {
  std::vector<std::pair<core::ServerId, Kind>> found;
  for (const auto* list : {&out.send, &out.save.then_send})
    for (const auto& envelope : *list)
      if (const auto* message = std::get_if<Kind>(&envelope.message))
        found.emplace_back(envelope.to, *message);
  return found;
}
template <class Kind>
const Kind* outcome(const core::raft::Output& out) {
  for (const auto& one : out.outcomes)
    if (const auto* found = std::get_if<Kind>(&one)) return found;
  return nullptr;
}

// Makes it the leader of the next term, by the votes of all others.
core::raft::Output make_leader(core::raft::Raft& raft, core::Instant& now);
core::raft::Proposed write(const std::string& payload, std::uint64_t ticket = 1);

}  // namespace test
