// SPDX-License-Identifier: MPL-2.0
#include "agent/server/log_writer.h"

#include <iterator>
#include <utility>

#include "core/base/limits.h"

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::raft::Save;

// How long to wait before looking whether a full disk has space again.
constexpr core::Duration kFullDiskRetry = 500ms;
// How many saves go before an old segment if the disk is never idle: one takes some milliseconds to remove.
constexpr int kSavesPerDrop = 16;
// 51 KiB a second: a log of 100 MiB is read in half an hour, and a save waits for half a millisecond of it.
constexpr core::Duration kScrubEvery = 5s;
constexpr std::size_t kScrubBytes = 256 * core::limits::kKiB;

}  // namespace

LogWriter::LogWriter(net::uv::Loop& loop, std::unique_ptr<store::log::RaftLog> log, Callbacks callbacks,
                     core::Logger logger)
    : loop_(loop),
      callbacks_(std::move(callbacks)),
      log_(logger.named("log")),
      disk_(std::move(log)),
      retry_(loop, [this] { start(); }),
      scrub_(loop, [this] { scrub(); }),
      worker_(loop, {.name = "log"}) {
  scrub_.arm(loop_.now() + kScrubEvery);
}

void LogWriter::save(Save save) {
  queued_.push_back(std::move(save));
  if (!busy_ && !full_ && !failed_) start();
}

void LogWriter::start() {
  std::move(queued_.begin(), queued_.end(), std::back_inserter(in_flight_));
  queued_.clear();
  busy_ = true;
  // The batch is borrowed: in_flight_ is not touched until the answer, and the worker's destructor
  // waits for its jobs.
  const std::span<const Save> batch(in_flight_);
  const auto submitted = worker_.submit(
      [disk = disk_, batch]() -> core::Result<bool> {
        TRY(disk->save(batch));
        return disk->wants_preparing();
      },
      lifetime_.guard([this](const core::Result<bool>& outcome) { finish(outcome); }));
  ASSERT(submitted.ok());  // one save at a time, and reads are bounded by Raft
}

void LogWriter::finish(const core::Result<bool>& outcome) {
  busy_ = false;
  if (!outcome.ok() && outcome.error().code == core::Errc::no_space) {
    retry_.arm(loop_.now() + kFullDiskRetry);
    if (!std::exchange(full_, true)) callbacks_.on_full(outcome.error());
    return;
  }
  if (!outcome.ok()) {
    failed_ = true;
    callbacks_.on_failed(outcome.error());
    return;
  }
  const bool was_full = std::exchange(full_, false);
  std::vector<core::raft::Envelope> then_send;
  std::uint64_t number = 0;
  for (auto& save : in_flight_) {
    std::move(save.then_send.begin(), save.then_send.end(), std::back_inserter(then_send));
    if (save.drop_before) drop_before_ = save.drop_before;
    if (save.number != 0) number = save.number;
  }
  in_flight_.clear();
  // While nobody waits for the disk, or somebody always does.
  if (queued_.empty() ? *outcome || drop_before_ : drop_before_ && ++saves_since_tidied_ == kSavesPerDrop) tidy();
  if (!queued_.empty()) start();
  if (was_full) callbacks_.on_full(std::nullopt);
  callbacks_.on_saved(std::move(then_send), core::raft::Saved{number});
}

// A little at a time: forget old segments, make the next one ready.
void LogWriter::tidy() {
  saves_since_tidied_ = 0;
  const auto submitted = worker_.submit(
      [disk = disk_, before = drop_before_]() -> core::Result<Left> {
        Left left;
        if (before) {
          TRY(left.to_drop, disk->drop_before(*before));
        }
        const auto prepared = disk->prepare();
        if (!prepared.ok() && !left.to_drop) return prepared.error();  // a full disk has space again when more is dropped
        left.to_prepare = !prepared.ok() || *prepared;
        return left;
      },
      lifetime_.guard([this, before = drop_before_](const core::Result<Left>& left) {
        // Once: it is tried again behind every save.
        if (!left.ok() && !std::exchange(unprepared_, true)) LOG(log_, warn, "cannot prepare the next log segment", {"error", left.error()});
        if (!left.ok()) return;
        unprepared_ = false;
        if (!left->to_drop && drop_before_ == before) drop_before_.reset();
        if ((left->to_drop || left->to_prepare) && !busy_) tidy();
      }));
  if (!submitted.ok()) LOG(log_, debug, "log upkeep put off", {"error", submitted.error()});
}

void LogWriter::scrub() {
  scrub_.arm(loop_.now() + kScrubEvery);
  run([disk = disk_] { return disk->scrub(kScrubBytes); }, lifetime_.guard([this](const core::Result<store::log::RaftLog::Scrubbed>& scrubbed) {
        if (!scrubbed.ok() && scrubbed.error().code == core::Errc::corrupt) callbacks_.on_damaged(scrubbed.error());
      }));
}

void LogWriter::read(core::raft::ReadLog ask, net::uv::Done<std::vector<core::raft::Entry>> done) {
  run([disk = disk_, ask] { return disk->read(ask.from, ask.last, ask.bytes_max); },
      lifetime_.guard([this, done = std::move(done)](core::Result<std::vector<core::raft::Entry>> entries) {
        if (!entries.ok() && entries.error().code == core::Errc::corrupt) callbacks_.on_damaged(entries.error());
        done(std::move(entries));
      }));
}

}  // namespace agent::server
