// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/rotating_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <set>

namespace agent::client {
namespace {

constexpr std::size_t kLineBytes = 32 << 10;      // how far before the end of a file lines are looked at
constexpr std::size_t kLongLineBytes = 8 << 10;   // longer ones may be torn apart
constexpr std::uint64_t kTurnBytes = 1 << 20;  // of one stream, before others get their turn

// One for both streams: the supervisor is single-threaded, and an untouched page costs nothing.
char line_buffer[kLineBytes];

// The numbers of <name>.<n> in the directory.
std::set<std::uint64_t> indexes(int directory, const std::string& name) {
  std::set<std::uint64_t> found;
  for (const auto& entry : posix::list("/proc/self/fd/" + std::to_string(directory))) {
    if (entry.size() <= name.size() + 1 || entry.compare(0, name.size(), name) != 0 || entry[name.size()] != '.') continue;
    std::uint64_t index = 0;
    const auto end = entry.data() + entry.size();
    const auto read = std::from_chars(entry.data() + name.size() + 1, end, index);
    if (read.ec == std::errc() && read.ptr == end) found.insert(index);
  }
  return found;
}

}  // namespace

RotatingLog::RotatingLog(posix::Descriptor directory, std::string name, Limits limits)
    : directory_(std::move(directory)), name_(std::move(name)), limits_(limits) {
  limits_.files = std::max<std::uint32_t>(limits_.files, 1);
  limits_.file_bytes = std::max<std::uint64_t>(limits_.file_bytes, 1);
  const auto found = indexes(directory_.number(), name_);
  if (!found.empty()) index_ = *found.rbegin();
  open_file();
  purge();
}

bool RotatingLog::try_open(std::uint64_t index) {
  const auto name = name_ + "." + std::to_string(index);
  // Not O_APPEND, because splice() refuses it; we are the only writer.
  posix::Descriptor file(::openat(directory_.number(), name.c_str(),
                                  O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644));
  struct stat info {};
  if (file.number() < 0 || ::fstat(file.number(), &info) != 0) return false;
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (!S_ISREG(info.st_mode) || info.st_nlink != 1 || info.st_uid != ::geteuid() || size >= limits_.file_bytes) return false;
  if (::lseek(file.number(), 0, SEEK_END) < 0) return false;
  file_ = std::move(file);
  index_ = index;
  size_ = size;
  return true;
}

// The next number that is ours to write. A task may have taken some; it cannot take them all in time.
void RotatingLog::open_file() {
  file_ = posix::Descriptor(-1);
  for (std::uint64_t i = 0; i < 64; ++i)
    if (try_open(index_ + i)) return;
  size_ = 0;
}

void RotatingLog::rotate() {
  ++index_;
  open_file();
  purge();
}

void RotatingLog::purge() {
  const auto found = indexes(directory_.number(), name_);
  for (const auto index : found) {
    if (index + limits_.files > index_) break;
    ::unlinkat(directory_.number(), (name_ + "." + std::to_string(index)).c_str(), 0);
  }
}

RotatingLog::State RotatingLog::drain(int pipe) {
  for (std::uint64_t moved = 0; moved < kTurnBytes;) {
    const auto room = limits_.file_bytes - std::min(size_, limits_.file_bytes);
    const bool pages = can_splice_ && file_.number() >= 0 && room > kLineBytes;
    const auto n = pages ? move_pages(pipe, room - kLineBytes) : copy(pipe);
    if (n == 0) return State::ended;
    if (n < 0) return errno == EAGAIN || errno == EINTR ? State::open : State::ended;
    moved += static_cast<std::uint64_t>(n);
  }
  return State::open;
}

// From the pipe to the file inside the kernel.
std::int64_t RotatingLog::move_pages(int pipe, std::uint64_t room) {
  const auto n = ::splice(pipe, nullptr, file_.number(), nullptr, std::min<std::uint64_t>(room, 1 << 20),
                          SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
  if (n > 0) size_ += static_cast<std::uint64_t>(n);
  if (n >= 0 || errno == EAGAIN || errno == EINTR) return n;
  // A file system that cannot, or a full disk: reading takes the output off the task's hands anyway.
  if (errno == EINVAL) can_splice_ = false;
  return copy(pipe);
}

std::int64_t RotatingLog::copy(int pipe) {
  const auto n = ::read(pipe, line_buffer, sizeof line_buffer);
  if (n <= 0) return n;
  const auto size = static_cast<std::size_t>(n);
  const auto room = static_cast<std::size_t>(limits_.file_bytes - std::min(size_, limits_.file_bytes));
  // A file is left while there is room for a line: the next piece may begin in the middle of one.
  const auto spare = std::min<std::uint64_t>(kLongLineBytes, limits_.file_bytes / 8);
  const auto* line_end = static_cast<const char*>(::memrchr(line_buffer, '\n', std::min(size, room)));
  if (size + spare <= room || (size <= room && line_end == nullptr)) {
    write(line_buffer, size);
    return n;
  }
  auto fits = line_end != nullptr ? static_cast<std::size_t>(line_end - line_buffer) + 1 : 0;
  if (fits == 0 && size_ == 0) fits = room;  // longer than a whole file: it has to be cut somewhere
  write(line_buffer, fits);
  for (auto done = fits; done < size;) {
    rotate();
    const auto piece = std::min<std::size_t>(size - done, limits_.file_bytes - std::min(size_, limits_.file_bytes));
    if (piece == 0) break;
    write(line_buffer + done, piece);
    done += piece;
  }
  return n;
}

void RotatingLog::write(const char* bytes, std::size_t size) {
  if (size == 0) return;
  if (file_.number() < 0) open_file();
  while (size > 0 && file_.number() >= 0) {
    const auto n = ::write(file_.number(), bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // lost
    bytes += n;
    size -= static_cast<std::size_t>(n);
    size_ += static_cast<std::uint64_t>(n);
  }
}

}  // namespace agent::client
