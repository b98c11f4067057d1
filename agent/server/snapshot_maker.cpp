// SPDX-License-Identifier: MPL-2.0
#include "agent/server/snapshot_maker.h"

#include <utility>

#include "store/state/image.h"
#include "store/state/reader.h"

namespace agent::server {
namespace {

constexpr std::size_t kSnapshotsKept = 2;

core::Result<core::raft::SnapshotMeta> make_snapshot(store::snapshot::Snapshots& snapshots, const std::string& state_path) {
  TRY(const auto made, snapshots.create([&](const std::string& path) -> core::Result<core::raft::SnapshotMeta> {
    TRY(auto reader, store::state::open_reader(state_path));
    return store::state::write_image(reader, path);
  }));
  TRY(snapshots.keep(kSnapshotsKept));
  return made.meta;
}

}  // namespace

SnapshotMaker::SnapshotMaker(net::uv::Loop& loop, std::unique_ptr<store::snapshot::Snapshots> snapshots, std::string state_path)
    : snapshots_(std::move(snapshots)), state_path_(std::move(state_path)), worker_(loop, {.name = "snapshot", .queue_max = 1}) {}

void SnapshotMaker::make(net::uv::Done<core::raft::SnapshotMeta> done) {
  const auto submitted = worker_.submit([snapshots = snapshots_, path = state_path_] { return make_snapshot(*snapshots, path); }, done);
  if (!submitted.ok()) done(submitted.error());
}

}  // namespace agent::server
