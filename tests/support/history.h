// SPDX-License-Identifier: MPL-2.0
// Builds entries of a Raft log whose digests chain, and the saves that carry them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/raft/io.h"

namespace test {

class History {
 public:
  // Continues after the entry `last` with that digest.
  explicit History(core::raft::EntryId last = {}, const core::Digest& digest = {})
      : last_(last), digest_(digest) {}

  core::raft::Entry command(core::Term term, const std::string& payload) {
    return entry(term, core::raft::EntryKind::command, payload);
  }
  core::raft::Entry configuration(core::Term term, const core::raft::Configuration& c) {
    return entry(term, core::raft::EntryKind::configuration, encode(c));
  }
  // `count` commands with payloads that name their index.
  std::vector<core::raft::Entry> commands(core::Term term, std::size_t count,
                                          std::size_t payload_bytes = 24) {
    std::vector<core::raft::Entry> out;
    for (std::size_t i = 0; i < count; ++i) {
      auto payload = "entry " + std::to_string(last_.index.value + 1) + " ";
      payload.resize(std::max(payload.size(), payload_bytes), '.');
      out.push_back(command(term, payload));
    }
    return out;
  }
  core::raft::EntryId last() const { return last_; }
  const core::Digest& digest() const { return digest_; }

 private:
  core::raft::Entry entry(core::Term term, core::raft::EntryKind kind, const std::string& payload) {
    core::raft::Entry e;
    e.id = {term, last_.index.next()};
    e.kind = kind;
    e.type = kind == core::raft::EntryKind::command ? 7 : 0;
    e.time = core::WallTime{static_cast<std::int64_t>(1'700'000'000'000'000'000 + e.id.index.value)};
    e.request = {e.id.index.value, term.value};
    e.payload = std::make_shared<const core::Bytes>(payload);
    e.digest = chain_digest(digest_, e);
    last_ = e.id;
    digest_ = e.digest;
    return e;
  }

  core::raft::EntryId last_;
  core::Digest digest_;
};

inline core::raft::Save append_save(std::vector<core::raft::Entry> entries) {
  core::raft::Save save;
  save.append = std::move(entries);
  return save;
}
inline core::raft::Save vote_save(std::uint64_t term, const std::string& voted_for) {
  core::raft::Save save;
  save.hard_state = core::raft::HardState{core::Term{term}, core::ServerId{voted_for}};
  return save;
}

}  // namespace test
