// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace agent::client::posix {
namespace {

using core::Errc;
using core::Error;
using core::Result;
using core::Status;

Errc code_of(int number) {
  switch (number) {
    case ENOENT:
    case ESRCH: return Errc::not_found;
    case EACCES:
    case EPERM: return Errc::permission;
    case EEXIST: return Errc::conflict;
    case ENOSPC:
    case EDQUOT: return Errc::no_space;
    case EXDEV:
    case ELOOP:
    case ENOTDIR:
    case EINVAL: return Errc::invalid;
    default: return Errc::io;
  }
}

Status write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure("write " + path);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return core::ok_status();
}

int openat2_beneath(int root, const char* path, int flags, unsigned mode) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  // openat2(2): EAGAIN when a rename or mount anywhere on the host raced with the walk; it asks to be
  // called again. Bounded, so that nobody can keep us here by renaming all the time.
  constexpr int kAttempts = 128;
  int opened = -1;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    opened = static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how));
    if (opened >= 0 || errno != EAGAIN) break;
  }
  return opened;
}

// Paths that people write start with "/"; here that means the root they are beneath.
std::string relative(const std::string& path) {
  const auto start = path.find_first_not_of('/');
  return start == std::string::npos ? "." : path.substr(start);
}

}  // namespace

Error failure(std::string_view what) {
  const int number = errno;
  return {code_of(number), std::string(what) + ": " + std::strerror(number)};
}

Result<std::string> read_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return failure("open " + path);
  std::string text;
  char buffer[4096];
  for (;;) {
    const auto n = ::read(file.number(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure("read " + path);
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

Status write_file(const std::string& path, std::string_view text) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.number() < 0) return failure("open " + path);
  // One write: the kernel's files take a value as a whole.
  const auto n = ::write(file.number(), text.data(), text.size());
  if (n != static_cast<ssize_t>(text.size())) return failure("write " + path);
  return core::ok_status();
}

Status replace_file(const std::string& directory, const std::string& name, std::string_view text, bool durable) {
  const auto path = directory + "/" + name;
  const auto fresh = path + ".new";
  {
    Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.number() < 0) return failure("create " + fresh);
    TRY(write_all(file.number(), text, fresh));
    if (durable && ::fsync(file.number()) != 0) return failure("sync " + fresh);
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return failure("rename " + fresh);
  if (!durable) return core::ok_status();
  TRY(const auto parent, open_directory(directory));
  if (::fsync(parent.number()) != 0) return failure("sync " + directory);
  return core::ok_status();
}

Result<Descriptor> open_directory(const std::string& path) {
  Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (directory.number() < 0) return failure("open " + path);
  return directory;
}

Status make_directories(const std::string& path, unsigned mode) {
  for (std::size_t end = 1; end != std::string::npos;) {
    end = path.find('/', end);
    const auto part = path.substr(0, end);
    if (::mkdir(part.c_str(), mode) != 0 && errno != EEXIST) return failure("mkdir " + part);
    if (end != std::string::npos) ++end;
  }
  return core::ok_status();
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::vector<std::string> list(const std::string& directory) {
  std::vector<std::string> names;
  DIR* stream = ::opendir(directory.c_str());
  if (stream == nullptr) return names;
  while (const auto* entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ::closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

Result<Descriptor> open_beneath(int root, const std::string& path, int flags, unsigned mode) {
  Descriptor file(openat2_beneath(root, relative(path).c_str(), flags, mode));
  if (file.number() < 0) return failure("open " + path);
  return file;
}

Result<Descriptor> make_beneath(int root, const std::string& path, unsigned mode) {
  Descriptor at(openat2_beneath(root, ".", O_PATH | O_DIRECTORY, 0));
  if (at.number() < 0) return failure("open " + path);
  const auto whole = relative(path);
  for (std::size_t start = 0; start < whole.size();) {
    const auto end = std::min(whole.find('/', start), whole.size());
    const auto part = whole.substr(start, end - start);
    start = end + 1;
    if (part.empty() || part == ".") continue;
    if (::mkdirat(at.number(), part.c_str(), mode) != 0 && errno != EEXIST) return failure("mkdir " + path);
    Descriptor next(openat2_beneath(at.number(), part.c_str(), O_PATH | O_DIRECTORY, 0));
    if (next.number() < 0) return failure("open " + path);
    at = std::move(next);
  }
  return at;
}

std::string boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id");
  if (!text.ok()) return "";
  return text->substr(0, text->find('\n'));
}

std::uint64_t start_ticks(std::int32_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text.ok()) return 0;
  // The second field is the command in parentheses and may hold anything; the 22nd is the start.
  auto at = text->rfind(')');
  const auto state = at != std::string::npos && at + 2 < text->size() ? (*text)[at + 2] : 'Z';
  if (state == 'Z' || state == 'X') return 0;
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = text->find(' ', at + 1);
  if (at == std::string::npos) return 0;
  std::uint64_t ticks = 0;
  std::from_chars(text->data() + at + 1, text->data() + text->size(), ticks);
  return ticks;
}

}  // namespace agent::client::posix
