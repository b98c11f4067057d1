// SPDX-License-Identifier: MPL-2.0
// Mends a server's directory with what other servers have, while the server itself does not run: it says
// what to ask for and takes the answers. Who is asked, and how often, is its driver's affair.
//
//   look ─> question ─> take ─> take ... ─> whole ─> look ─> ... ─> nothing left to ask: start again
//
// Damage is never treated as absence: entries that were durable here once come back, proven by the chain
// on both sides of the hole, or a snapshot stands for them; until then this server takes no part. Several
// servers may mend themselves at once and from each other, since each also answers such questions.
// Blocking; the caller holds the directory's lock.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/raft/messages.h"
#include "core/server/peer_api.h"
#include "store/env.h"
#include "store/log/repair.h"
#include "store/snapshot/snapshots.h"

namespace agent::server {

using LossQuestion = std::variant<core::server::FetchEntries, core::server::FetchSnapshot>;

// Entries that are held against a hole as they come, from one server or several.
class HoleEntries {
 public:
  explicit HoleEntries(store::log::Hole hole) : hole_(std::move(hole)), digest_(hole_.previous) {}
  const store::log::Hole& hole() const { return hole_; }
  // The next that are wanted.
  core::server::FetchEntries question() const { return {.first = next(), .last = hole_.wanted()}; }
  // Keeps those that continue the chain; how many.
  std::size_t add(const std::vector<core::raft::Entry>& entries);
  // There are enough to try: all that were lost, maybe.
  bool enough() const { return next() > hole_.last; }
  bool all() const { return next() > hole_.wanted(); }
  // Writes them. Errc::corrupt: they are not what was lost, or not enough to tell.
  core::Status fill(store::Env& env, const std::string& directory) const;
  void clear();

 private:
  core::Index next() const { return {hole_.first.value + entries_.size()}; }

  store::log::Hole hole_;
  std::vector<core::raft::Entry> entries_;
  core::Digest digest_;  // of the last of them
};

class Mender {
 public:
  // `env` outlives it.
  Mender(store::Env& env, std::string directory) : env_(env), directory_(std::move(directory)) {}

  // What another server is to be asked. Nothing: no other can help, or need not any more, and the start
  // may be tried again. Errors are those of the disk, and Errc::corrupt where there is no place to mend.
  core::Result<std::optional<LossQuestion>> look();
  // What is lost, with file and offset. As look() found it.
  const std::string& damage() const { return damage_; }

  enum class Took { nothing, some, whole };  // some: the same server is to be asked what question() says now
  // REQUIRES: look() had a question. An error is one of this server's disk.
  core::Result<Took> take(const core::raft::Message& answer);
  const LossQuestion& question() const { return *question_; }
  // From now on another server is asked.
  void turn_to_next();
  // All were asked. What is in nobody's log may be in a snapshot, and the other way round.
  void nobody_had_it();

  // Servers that may be asked, as far as this directory knows of any; addresses.
  core::Result<std::vector<std::string>> peers();
  // For another server that asks: from what is left here. Errc::not_found.
  core::Result<core::raft::Message> answer(const LossQuestion& question);

 private:
  core::Result<Took> take_entries(const core::raft::AppendRequest& answer);
  core::Result<Took> take_piece(const core::raft::InstallRequest& piece);
  core::Result<std::optional<LossQuestion>> look_for_base(core::Index have);
  core::Result<store::snapshot::Snapshots> open_snapshots();

  store::Env& env_;
  std::string directory_;
  core::ServerId self_;
  std::string damage_;
  std::optional<LossQuestion> question_;
  std::optional<HoleEntries> hole_;
  std::optional<store::snapshot::Snapshots> snapshots_;
  std::uint64_t snapshot_bytes_ = 0;  // of the one that is being fetched
  bool entries_are_gone_ = false;
};

// The append that answers with these entries, and the install message that answers with a piece of one of
// these snapshots.
core::raft::Message append_of(core::Index first, std::vector<core::raft::Entry> entries);
core::Result<core::raft::Message> piece_of(store::snapshot::Snapshots& snapshots, const core::server::FetchSnapshot& ask);

}  // namespace agent::server
