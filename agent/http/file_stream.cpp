// SPDX-License-Identifier: MPL-2.0
#include "agent/http/file_stream.h"

#include <algorithm>
#include <utility>

namespace agent::http {
namespace {

using namespace std::chrono_literals;

// How soon a follower looks again: at first, and when nothing has come for long.
constexpr core::Duration kLookSoon = 100ms;
constexpr core::Duration kLookLate = 1s;
// Clients are told that the stream lives (http-api A4), and once when all that was there has been sent.
constexpr core::Duration kHeartbeat = 1s;
constexpr std::string_view kHeartbeatFrame = "{}";

// Kept by the connection's on_gone until the stream is over, and by a read under way.
class FileStream : public std::enable_shared_from_this<FileStream> {
 public:
  FileStream(const Call& call, net::uv::Loop& loop, net::uv::Worker& worker, std::unique_ptr<FileSource> source, StreamOptions options)
      : call_(call), loop_(loop), worker_(worker), source_(std::move(source)), options_(std::move(options)), timer_(loop, [this] { read(); }) {}

  void begin() {
    call_.responder().on_gone([self = shared_from_this()] {
      self->timer_.disarm();
      if (!self->reading_) self->close();
    });
    read();
  }

 private:
  void read() {
    reading_ = true;
    const auto submitted = worker_.submit([source = source_] { return source->read(); },
                                          [self = shared_from_this()](core::Result<Batch> batch) { self->on_batch(std::move(batch)); });
    if (!submitted.ok()) on_batch(core::Error{core::Errc::busy, "too many files are being read"});
  }

  void on_batch(core::Result<Batch> batch) {
    reading_ = false;
    if (!go_on(std::move(batch))) close();
  }

  // False: it is over.
  bool go_on(core::Result<Batch> batch) {
    if (options_.follow && call_.responder().gone()) return false;
    if (!batch.ok()) {
      started_ ? call_.responder().finish() : call_.fail(batch.error());
      return false;
    }
    if (!std::exchange(started_, true)) call_.start(std::move(options_.head));
    const bool room = send(*batch);
    if (batch->last || (batch->end && !options_.follow)) {
      call_.responder().finish();
      return false;
    }
    if (!room) {
      call_.responder().on_drained([this] { read(); });
      return !call_.responder().gone();
    }
    if (!batch->end) {
      read();
      return true;
    }
    idle_ = batch->frames.empty() ? std::min(idle_ * 2, kLookLate) : kLookSoon;
    timer_.arm(loop_.now() + idle_);
    return true;
  }

  // On the worker: a saved snapshot has no name any more, and to close it is to delete it.
  void close() {
    static_cast<void>(worker_.submit([source = std::move(source_)] { return core::ok_status(); }, nullptr));
  }

  // False: the client has not taken it all yet.
  bool send(Batch& batch) {
    bool room = true;
    for (auto& frame : batch.frames) {
      if (options_.plain && frame.data.empty()) continue;
      room = call_.responder().write(options_.plain ? std::move(frame.data) : frame_json(frame));
    }
    const bool due = !beat_at_ ? batch.end : loop_.now() - *beat_at_ >= kHeartbeat;
    if (!options_.plain && options_.follow && due) {
      room = call_.responder().write(core::Bytes(kHeartbeatFrame));
      beat_at_ = loop_.now();
    }
    return room;
  }

  Call call_;
  net::uv::Loop& loop_;
  net::uv::Worker& worker_;
  std::shared_ptr<FileSource> source_;  // shared with the read under way
  StreamOptions options_;
  net::uv::Timer timer_;
  core::Duration idle_ = kLookSoon;
  std::optional<core::Instant> beat_at_;
  bool started_ = false;
  bool reading_ = false;
};

}  // namespace

void stream_file(const Call& call, net::uv::Loop& loop, net::uv::Worker& worker, std::unique_ptr<FileSource> source,
                 StreamOptions options) {
  std::make_shared<FileStream>(call, loop, worker, std::move(source), std::move(options))->begin();
}

}  // namespace agent::http
