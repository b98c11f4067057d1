// SPDX-License-Identifier: MPL-2.0
#include "agent/server/archives.h"

#include <algorithm>
#include <utility>

#include "core/base/base64.h"
#include "core/base/digest_stream.h"
#include "core/base/id.h"
#include "core/base/limits.h"
#include "store/snapshot/snapshots.h"
#include "store/state/image.h"
#include "store/state/reader.h"
#include "store/state/restoration.h"

namespace agent::server {
namespace {

using core::Bytes;
using core::Errc;
using core::Error;
using core::Result;

// Of a snapshot in one entry of the log; base64 makes it a third more.
constexpr std::uint64_t kPieceBytes = 1 * core::limits::kMiB;
static_assert(kPieceBytes * 4 / 3 + 1024 <= core::limits::kEventBytesMax);

Result<Bytes> sha256_of(store::File& file, std::uint64_t size) {
  core::Sha256 hash;
  for (std::uint64_t at = 0; at < size;) {
    TRY(const auto piece, file.read_exactly(at, std::min<std::uint64_t>(core::limits::kMiB, size - at)));
    hash.add(piece);
    at += piece.size();
  }
  return hash.take();
}

// The file's name is gone before anybody reads it: nothing is left behind, whatever happens.
Result<SavedState> make_archive(store::Env& env, const std::string& directory, const std::string& state_path) {
  TRY(auto archives, store::snapshot::Snapshots::open(env, directory, store::state::check_image));
  for (const auto& left_over : archives.list()) TRY(env.remove(left_over.path));
  SavedState out;
  TRY(const auto made, archives.create([&](const std::string& path, const auto& between) -> Result<core::raft::SnapshotMeta> {
    TRY(auto reader, store::state::open_reader(state_path));
    TRY(const auto meta, store::state::write_image(reader, path, between));
    TRY(auto image, store::state::open_reader(path));
    TRY(out.index, store::state::read_index(image));
    return meta;
  }));
  TRY(out.file, env.open(made.path, store::Open::write));  // to be cut down, see SavedState
  TRY(env.remove(made.path));
  out.bytes = made.bytes;
  TRY(out.sha256, sha256_of(*out.file, out.bytes));
  return out;
}

// The database is the first so many bytes.
Result<store::snapshot::Trailer> check(core::ByteView snapshot, const std::string& region) {
  TRY(auto trailer, store::snapshot::read_trailer(snapshot));
  TRY(store::state::open_image(snapshot.substr(0, trailer.database_bytes), core::to_hex(trailer.digest), region));
  return trailer;
}

}  // namespace

struct Archives::Coming {
  std::string name;
  std::shared_ptr<const Bytes> snapshot;  // shared with the check on the worker
  std::uint64_t size = 0, sent = 0;       // of its database
  std::string digest;
  net::uv::Done<core::Index> done;
};

Archives::Archives(net::uv::Loop& loop, store::Env& env, ServerDriver& driver, Forwarder& forwarder, Queries& queries, Options options,
                   core::Rng rng, core::Logger logger)
    : env_(env), driver_(driver), forwarder_(forwarder), queries_(queries), options_(std::move(options)), rng_(rng),
      log_(std::move(logger)), worker_(loop, {.name = "archive"}) {}

void Archives::save(bool stale, net::uv::Done<SavedState> done) {
  if (saving_) return done(Error{Errc::busy, "a snapshot is being saved"});
  saving_ = true;
  const auto finish = [this, done = std::move(done)](Result<SavedState> saved) {
    saving_ = false;
    done(std::move(saved));
  };
  if (stale) return make(finish);
  queries_.confirm(lifetime_.guard([this, finish](const Result<core::server::QueryAnswer>& current) {
    if (!current.ok()) return finish(current.error());
    make(finish);
  }));
}

void Archives::make(net::uv::Done<SavedState> done) {
  driver_.when_stored(lifetime_.guard([this, done = std::move(done)](const core::Status& stored) {
    if (!stored.ok()) return done(stored.error());
    const auto submitted = worker_.submit(
        [&env = env_, directory = options_.directory, path = driver_.state_path()] { return make_archive(env, directory, path); },
        lifetime_.guard(done));
    if (!submitted.ok()) done(submitted.error());
  }));
}

void Archives::restore(Bytes snapshot, net::uv::Done<core::Index> done) {
  if (restoring_) return done(Error{Errc::busy, "a snapshot is being restored"});
  restoring_ = true;
  auto coming = std::make_shared<Coming>();
  coming->name = core::make_uuid(rng_);
  coming->snapshot = std::make_shared<const Bytes>(std::move(snapshot));
  coming->done = std::move(done);
  const auto submitted = worker_.submit([bytes = coming->snapshot, region = options_.region] { return check(*bytes, region); },
                                        lifetime_.guard([this, coming](const Result<store::snapshot::Trailer>& trailer) {
                                          if (!trailer.ok()) return finish(coming, Error{Errc::rejected, trailer.error().detail});
                                          coming->size = trailer->database_bytes;
                                          coming->digest = core::to_hex(trailer->digest);
                                          send_next(coming);
                                        }));
  if (!submitted.ok()) finish(coming, submitted.error());
}

void Archives::send_next(const ComingPtr& coming) {
  if (coming->sent == coming->size) {
    core::server::RestoreSnapshot all{{.restore = coming->name, .size = coming->size, .digest = coming->digest}};
    return forwarder_.submit(std::move(all), lifetime_.guard([this, coming](const Result<core::server::Answer>& answer) {
      finish(coming, answer.ok() ? Result<core::Index>(answer->index) : Result<core::Index>(answer.error()));
    }));
  }
  const auto bytes = std::min<std::uint64_t>(kPieceBytes, coming->size - coming->sent);
  const auto piece = core::ByteView(*coming->snapshot).substr(coming->sent, bytes);
  core::server::SendSnapshotPiece command{{.restore = coming->name, .offset = coming->sent, .bytes = core::to_base64(piece)}};
  forwarder_.submit(std::move(command), lifetime_.guard([this, coming, bytes](const Result<core::server::Answer>& answer) {
    if (answer.ok()) {
      coming->sent += bytes;
      return send_next(coming);
    }
    // What has come so far is of no use to anybody: a piece of nothing takes its place.
    forwarder_.submit(core::server::SendSnapshotPiece{{.restore = coming->name, .offset = 0, .bytes = ""}}, [](const auto&) {});
    finish(coming, answer.error());
  }));
}

void Archives::finish(const ComingPtr& coming, Result<core::Index> result) {
  restoring_ = false;
  if (result.ok()) LOG(log_, warn, "a snapshot was restored: the state is another", {"index", *result});
  else LOG(log_, warn, "a snapshot was not restored", {"error", result.error()});
  std::exchange(coming->done, nullptr)(std::move(result));
}

}  // namespace agent::server
