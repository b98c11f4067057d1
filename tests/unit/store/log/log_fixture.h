// SPDX-License-Identifier: MPL-2.0
// A log on a faulty disk, with small segments, for the tests of this folder.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "store/log/recovery.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/history.h"

namespace test {

inline constexpr store::log::LogOptions kSmall{.segment_bytes = 16 * 1024};
inline const std::string kHome = "/srv";

inline store::log::Recovered open_log(
    FaultyDisk& disk, const std::optional<core::raft::SnapshotMeta>& snapshot = std::nullopt) {
  auto recovered = store::log::recover(disk, kHome, snapshot, kSmall);
  if (!recovered.ok()) FAIL(recovered.error().detail);
  return std::move(recovered).value();
}

inline void save(store::log::RaftLog& log, const core::raft::Save& save) {
  const auto saved = log.save({&save, 1});
  if (!saved.ok()) FAIL(saved.error().detail);
}

// A vote, then `batches` batches of `entries` each.
inline std::vector<core::raft::Entry> fill(FaultyDisk& disk, History& history, int batches, std::size_t payload_bytes = 300,
                                           std::size_t entries = 2) {
  auto opened = open_log(disk);
  save(*opened.log, vote_save(2, "me"));
  std::vector<core::raft::Entry> all;
  for (int i = 0; i < batches; ++i) {
    const auto some = history.commands(core::Term{1}, entries, payload_bytes);
    all.insert(all.end(), some.begin(), some.end());
    save(*opened.log, append_save(some));
  }
  return all;
}

// Everything in the log, in small reads.
inline std::vector<core::raft::Entry> read_all(store::log::RaftLog& log, std::size_t bytes_max = 700) {
  std::vector<core::raft::Entry> all;
  for (auto from = log.first(); from <= log.last().index;) {
    auto some = log.read(from, log.last().index, bytes_max);
    if (!some.ok()) FAIL(some.error().detail);
    REQUIRE(!some->empty());
    REQUIRE(some->front().id.index == from);
    from = some->back().id.index.next();
    all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

inline core::raft::SnapshotMeta snapshot_at(const core::raft::Entry& entry) {
  core::raft::SnapshotMeta meta;
  meta.last = entry.id;
  meta.digest = entry.digest;
  return meta;
}

inline void drop_all_before(store::log::RaftLog& log, core::Index index) {
  for (bool more = true; more;) {
    const auto dropped = log.drop_before(index);
    REQUIRE(dropped.ok());
    more = *dropped;
  }
}

inline std::vector<std::string> segment_files(const FaultyDisk& disk) {
  std::vector<std::string> out;
  for (const auto& path : disk.files())
    if (path.ends_with(".seg")) out.push_back(path);
  return out;
}

}  // namespace test
