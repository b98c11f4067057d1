// SPDX-License-Identifier: MPL-2.0
#include "agent/server/snapshot_host.h"

#include <utility>

#include "agent/server/mender.h"
#include "store/state/image.h"
#include "store/state/reader.h"

namespace agent::server {
namespace {

constexpr std::size_t kSnapshotsKept = 2;

core::Result<core::raft::SnapshotMeta> make_snapshot(store::snapshot::Snapshots& snapshots, const std::string& state_path) {
  TRY(const auto made, snapshots.create([&](const std::string& path, const auto& between) -> core::Result<core::raft::SnapshotMeta> {
    TRY(auto reader, store::state::open_reader(state_path));
    return store::state::write_image(reader, path, between);
  }));
  TRY(snapshots.keep(kSnapshotsKept));
  return made.meta;
}

}  // namespace

SnapshotHost::SnapshotHost(net::uv::Loop& loop, std::unique_ptr<store::snapshot::Snapshots> snapshots, std::string state_path)
    : snapshots_(std::move(snapshots)), state_path_(std::move(state_path)), worker_(loop, {.name = "snapshot"}) {}

void SnapshotHost::make(net::uv::Done<core::raft::SnapshotMeta> done) {
  if (making_) return done(core::Error{core::Errc::busy, "a snapshot is being made"});
  making_ = true;
  const auto submitted = worker_.submit([snapshots = snapshots_, path = state_path_] { return make_snapshot(*snapshots, path); },
                                        lifetime_.guard([this, done](core::Result<core::raft::SnapshotMeta> made) {
                                          making_ = false;
                                          done(std::move(made));
                                        }));
  if (submitted.ok()) return;
  making_ = false;
  done(submitted.error());
}

void SnapshotHost::read(const core::raft::ReadSnapshot& ask, net::uv::Done<core::raft::SnapshotPiece> done) {
  const auto submitted = worker_.submit(
      [snapshots = snapshots_, ask] { return snapshots->read(ask.snapshot, ask.offset, ask.bytes_max); }, done);
  if (!submitted.ok()) done(submitted.error());
}

void SnapshotHost::lend(const core::server::FetchSnapshot& ask, net::uv::Done<core::raft::Message> done) {
  const auto submitted = worker_.submit([snapshots = snapshots_, ask] { return piece_of(*snapshots, ask); }, done);
  if (!submitted.ok()) done(submitted.error());
}

void SnapshotHost::store(core::raft::StoreSnapshot piece, net::uv::Done<std::uint64_t> done) {
  const auto submitted = worker_.submit([snapshots = snapshots_, piece = std::move(piece)] { return snapshots->store(piece); }, done);
  if (!submitted.ok()) done(submitted.error());
}

}  // namespace agent::server
