// SPDX-License-Identifier: MPL-2.0
#include "agent/http/file_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agent/client/task_log.h"
#include "core/base/base64.h"
#include "core/base/json.h"
#include "core/base/limits.h"

namespace agent::http {
namespace {

using client::AllocDir;
using core::Errc;
using core::Error;
using core::Result;

constexpr std::size_t kFrameBytes = 64 * core::limits::kKiB;
constexpr std::size_t kFramesPerBatch = 4;

Error failure(const std::string& what) { return {Errc::io, what + ": " + std::strerror(errno)}; }

Frame event_frame(const std::string& file, std::uint64_t offset, std::string_view event) {
  return {.data = {}, .file = file, .offset = offset, .event = std::string(event)};
}

class PlainFile final : public FileSource {
 public:
  PlainFile(AllocDir dir, std::string path, Range range) : dir_(std::move(dir)), path_(std::move(path)), range_(range) {}

  Result<Batch> read() override {
    if (!file_) TRY(open());
    Batch batch;
    while (batch.frames.size() < kFramesPerBatch && range_.length > 0) {
      TRY(auto data, read_piece());
      if (data.empty()) return at_end(std::move(batch));
      offset_ += data.size();
      range_.length -= data.size();
      batch.frames.push_back({.data = std::move(data), .file = path_, .offset = offset_, .event = {}});
    }
    batch.end = batch.last = range_.length == 0;
    return batch;
  }

 private:
  core::Status open() {
    TRY(auto file, dir_.open(path_));
    struct stat info {};
    if (::fstat(file.number(), &info) != 0) return failure("stat " + path_);
    const auto size = static_cast<std::uint64_t>(info.st_size);
    offset_ = range_.from_end ? size - std::min(size, range_.offset) : range_.offset;
    file_.emplace(std::move(file));
    return core::ok_status();
  }

  Result<core::Bytes> read_piece() {
    core::Bytes data(std::min<std::uint64_t>(kFrameBytes, range_.length), '\0');
    const auto n = ::pread(file_->number(), data.data(), data.size(), static_cast<off_t>(offset_));
    if (n < 0) return failure("read " + path_);
    data.resize(static_cast<std::size_t>(n));
    return data;
  }

  // Nothing to read here: the file may have been cut, or be another one by now.
  Result<Batch> at_end(Batch batch) {
    batch.end = true;
    struct stat info {};
    if (::fstat(file_->number(), &info) != 0) return failure("stat " + path_);
    const auto now = dir_.stat(path_);
    const bool gone = info.st_nlink == 0 || (!now.ok() && now.error().code == Errc::not_found);
    if (gone) {
      batch.frames.push_back(event_frame(path_, offset_, "file deleted"));
      batch.last = true;
    } else if (const auto size = static_cast<std::uint64_t>(info.st_size); size < size_seen_) {
      offset_ = size_seen_ = 0;
      batch.frames.push_back(event_frame(path_, 0, "file truncated"));
      batch.end = false;
    } else {
      size_seen_ = size;
    }
    return batch;
  }

  AllocDir dir_;
  std::string path_;
  Range range_;
  std::optional<net::uv::Descriptor> file_;
  std::uint64_t offset_ = 0;
  std::uint64_t size_seen_ = 0;  // the file's, when it was read to its end
};

class LogFiles final : public FileSource {
 public:
  LogFiles(AllocDir dir, std::string task, std::string type, Range range)
      : dir_(std::move(dir)), log_(dir_, task, std::move(type)), task_(std::move(task)), range_(range) {}

  Result<Batch> read() override {
    if (!position_) {
      auto start = range_.from_end ? log_.from_end(range_.offset) : log_.from_start(range_.offset);
      if (!start.ok() && start.error().code == Errc::not_found)
        return Error{Errc::not_found, "task \"" + task_ + "\" not started yet. No logs available"};
      TRY(position_, std::move(start));
    }
    Batch batch;
    while (batch.frames.size() < kFramesPerBatch && !batch.end) {
      auto piece = log_.read(*position_, kFrameBytes);
      if (!piece.ok() && piece.error().code == Errc::not_found) return gone(std::move(batch));
      if (!piece.ok()) return std::move(piece).error();
      batch.end = piece->end;
      if (!piece->bytes.empty())
        batch.frames.push_back({.data = std::move(piece->bytes), .file = std::move(piece->file), .offset = piece->offset, .event = {}});
    }
    return batch;
  }

 private:
  // The allocation's directory was taken away.
  Batch gone(Batch batch) const {
    batch.frames.push_back(event_frame("", position_->offset, "file deleted"));
    batch.end = batch.last = true;
    return batch;
  }

  AllocDir dir_;
  client::TaskLog log_;  // looks into dir_
  std::string task_;
  Range range_;
  std::optional<client::LogPosition> position_;
};

}  // namespace

std::unique_ptr<FileSource> file_source(AllocDir dir, std::string path, Range range) {
  return std::make_unique<PlainFile>(std::move(dir), std::move(path), range);
}

std::unique_ptr<FileSource> log_source(AllocDir dir, std::string task, std::string type, Range range) {
  return std::make_unique<LogFiles>(std::move(dir), std::move(task), std::move(type), range);
}

std::string frame_json(const Frame& frame) {
  core::json::Writer w;
  w.begin_object();
  if (frame.offset > 0) {
    w.key("Offset");
    w.uint64(frame.offset);
  }
  const auto text = [&](const char* name, std::string_view value) {
    if (value.empty()) return;
    w.key(name);
    w.string(value);
  };
  text("Data", core::to_base64(frame.data));
  text("File", frame.file);
  text("FileEvent", frame.event);
  w.end_object();
  return w.take();
}

std::string_view content_type(core::ByteView beginning) {
  const bool binary = std::any_of(beginning.begin(), beginning.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\x1b';
  });
  return binary ? "application/octet-stream" : "text/plain; charset=utf-8";
}

}  // namespace agent::http
