// SPDX-License-Identifier: MPL-2.0
#include "agent/client/task_log.h"

#include <unistd.h>

#include <algorithm>

#include "agent/client/executor/posix.h"
#include "core/base/integer.h"

namespace agent::client {

using core::Errc;
using core::Error;
using core::Result;

TaskLog::TaskLog(const AllocDir& dir, std::string task, std::string type)
    : dir_(dir), prefix_(std::move(task) + "." + std::move(type) + ".") {}

std::string TaskLog::path_of(std::uint64_t index) const { return "alloc/logs/" + prefix_ + std::to_string(index); }

Result<std::vector<TaskLog::File>> TaskLog::files() const {
  TRY(const auto entries, dir_.list("alloc/logs"));
  std::vector<File> found;
  for (const auto& entry : entries) {
    if (!entry.name.starts_with(prefix_) || entry.mode[0] != '-') continue;
    const auto index = core::parse_integer<decltype(File::index)>(std::string_view(entry.name).substr(prefix_.size()));
    if (index) found.push_back({*index, entry.size});
  }
  if (found.empty()) return Error{Errc::not_found, "no logs of " + prefix_.substr(0, prefix_.size() - 1)};
  std::sort(found.begin(), found.end(), [](const File& a, const File& b) { return a.index < b.index; });
  return found;
}

Result<LogPosition> TaskLog::from_start(std::uint64_t offset) const {
  TRY(const auto all, files());
  for (const auto& file : all) {
    if (offset <= file.size) return LogPosition{file.index, offset};
    offset -= file.size;
  }
  return LogPosition{all.back().index, all.back().size};
}

Result<LogPosition> TaskLog::from_end(std::uint64_t offset) const {
  TRY(const auto all, files());
  for (auto file = all.rbegin(); file != all.rend(); ++file) {
    if (offset <= file->size) return LogPosition{file->index, file->size - offset};
    offset -= file->size;
  }
  return LogPosition{all.front().index, 0};
}

Result<LogPiece> TaskLog::read(LogPosition& position, std::size_t size_max) const {
  TRY(const auto all, files());
  for (;;) {
    const auto here = std::find_if(all.begin(), all.end(), [&](const File& f) { return f.index >= position.index; });
    if (here == all.end()) return LogPiece{{}, path_of(position.index), position.offset, true};
    if (here->index > position.index) position = {here->index, 0};  // ours was removed, or is read to its end
    TRY(const auto file, dir_.open(path_of(position.index)));
    LogPiece piece{core::Bytes(size_max, '\0'), path_of(position.index), position.offset, false};
    const auto n = ::pread(file.number(), piece.bytes.data(), size_max, static_cast<off_t>(position.offset));
    if (n < 0) return posix::failure("read " + piece.file);
    piece.bytes.resize(static_cast<std::size_t>(n));
    position.offset += static_cast<std::uint64_t>(n);
    piece.offset = position.offset;
    const bool newest = here + 1 == all.end();
    if (n > 0 || newest) {
      piece.end = newest && static_cast<std::size_t>(n) < size_max;
      return piece;
    }
    position = {(here + 1)->index, 0};
  }
}

}  // namespace agent::client
