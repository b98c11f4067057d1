// SPDX-License-Identifier: MPL-2.0
// /v1/operator/snapshot: the state taken away, and brought back.
#include <algorithm>

#include "agent/http/file_stream.h"
#include "agent/http/routes.h"
#include "agent/http/streams.h"
#include "core/base/base64.h"
#include "core/base/limits.h"

namespace agent::http {
namespace {

// The file has no name any more, and goes when it is closed. One of 1 GB takes a third of a second to delete, and
// the log's syncs wait for a part of that: it is cut down a little at a time.
constexpr std::uint64_t kDeletedAtOnce = 8 * core::limits::kMiB;

class SavedSource final : public FileSource {
 public:
  explicit SavedSource(SavedState saved) : saved_(std::move(saved)) {}
  SavedSource(const SavedSource&) = delete;
  SavedSource& operator=(const SavedSource&) = delete;
  ~SavedSource() override {
    for (auto left = saved_.bytes; left > kDeletedAtOnce;) {
      left -= kDeletedAtOnce;
      if (!saved_.file->truncate(left).ok()) return;  // then all at once
    }
  }

  core::Result<Batch> read() override {
    Batch batch;
    const auto bytes = std::min<std::uint64_t>(core::limits::kStreamWindowBytes, saved_.bytes - at_);
    TRY(auto data, saved_.file->read_exactly(at_, bytes));
    at_ += bytes;
    batch.frames.push_back({.data = std::move(data), .file = "", .offset = at_, .event = ""});
    batch.end = batch.last = at_ == saved_.bytes;
    return batch;
  }

 private:
  SavedState saved_;
  std::uint64_t at_ = 0;
};

void save(const Call& call) {
  call.gateway().save_state(call.request().query.has("stale"), [call](core::Result<SavedState> saved) {
    if (!saved.ok()) return call.fail(saved.error());
    StreamOptions options{.follow = false, .plain = true, .head = Response::empty(200)};
    options.head.headers.set("Content-Type", "application/vnd.sqlite3");
    options.head.headers.set("Digest", "sha-256=" + core::to_base64(saved->sha256));
    options.head.headers.set("X-Nomad-Index", std::to_string(saved->index.value));
    auto& streams = call.api().streams;
    stream_file(call, streams.loop, streams.worker, std::make_unique<SavedSource>(std::move(*saved)), std::move(options));
  });
}

void restore(const Call& call) {
  if (call.request().body.empty()) return call.fail(500, "failed to restore from snapshot: the request has no body");
  call.gateway().restore_state(call.request().body, [call](core::Result<core::Index> index) {
    if (!index.ok()) return call.fail(core::within("failed to restore from snapshot", index.error()));
    call.ok_empty(*index);
  });
}

}  // namespace

void operator_snapshot(const Call& call) {
  if (call.is(net::http::Method::get)) return save(call);
  if (call.writes()) return restore(call);
  call.invalid_method();
}

}  // namespace agent::http
