// SPDX-License-Identifier: MPL-2.0
#include "store/env_posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/base/assert.h"

namespace store {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;

Errc code_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Errc::no_space;
    case EACCES:
    case EPERM:
    case EROFS:
      return Errc::permission;
    case ENOENT:
      return Errc::not_found;
    case EEXIST:
      return Errc::conflict;
    case EWOULDBLOCK:
      return Errc::in_use;
    default:
      return Errc::io;
  }
}

Error failure(int error, std::string_view doing, const std::string& path) {
  const char* reason = strerrordesc_np(error);
  return Error{code_of(error), "cannot " + std::string(doing) + " " + path + ": " +
                                   (reason != nullptr ? reason : "error " + std::to_string(error))};
}

// Calls `call` until it was not interrupted by a signal.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { release(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  // The result of close(2); the descriptor is gone whatever it says.
  int release() { return fd_ < 0 ? 0 : ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

Descriptor open_descriptor(const std::string& path, int flags) {
  return Descriptor(uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); }));
}

int flags_of(Open how) {
  switch (how) {
    case Open::read:
      return O_RDONLY;
    case Open::write:
      return O_RDWR;
    case Open::create:
      return O_RDWR | O_CREAT | O_EXCL;
    case Open::replace:
      return O_RDWR | O_CREAT | O_TRUNC;
  }
  UNREACHABLE();
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    std::size_t done = 0;
    while (done < size) {
      const auto got = uninterrupted(
          [&] { return ::pread(fd_.get(), into + done, size - done, static_cast<off_t>(offset + done)); });
      if (got < 0) return failure(errno, "read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Status write_at(std::uint64_t offset, ByteView bytes) override {
    while (!bytes.empty()) {
      const auto put = uninterrupted(
          [&] { return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
      if (put < 0) return failure(errno, "write", path_);
      offset += static_cast<std::uint64_t>(put);
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return core::ok_status();
  }

  Status sync() override {
    if (sync_failed_) return Error{Errc::io, "cannot sync " + path_ + ": an earlier sync failed"};
    if (::fdatasync(fd_.get()) == 0) return core::ok_status();
    sync_failed_ = true;
    return failure(errno, "sync", path_);
  }

  Result<std::uint64_t> size() override {
    struct stat info;
    if (::fstat(fd_.get(), &info) != 0) return failure(errno, "stat", path_);
    return static_cast<std::uint64_t>(info.st_size);
  }

  Status truncate(std::uint64_t size) override {
    if (uninterrupted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) == 0)
      return core::ok_status();
    return failure(errno, "truncate", path_);
  }

  Status allocate(std::uint64_t size) override {
    if (uninterrupted([&] { return ::fallocate(fd_.get(), 0, 0, static_cast<off_t>(size)); }) == 0)
      return core::ok_status();
    if (errno != EOPNOTSUPP) return failure(errno, "allocate space for", path_);
    TRY(const auto now, this->size());  // a file system that cannot reserve: a longer file is all there is
    return now >= size ? core::ok_status() : truncate(size);
  }

  Status close() override {
    if (fd_.release() == 0) return core::ok_status();
    return failure(errno, "close", path_);
  }

  const std::string& path() const override { return path_; }

 private:
  Descriptor fd_;
  std::string path_;
  bool sync_failed_ = false;
};

class PosixLock final : public Lock {
 public:
  explicit PosixLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  Descriptor fd_;  // flock ends when the last copy of the descriptor is closed
};

// Whoever holds a lock writes its process id into the file, so that a refusal can name it.
std::string holder_of(int fd) {
  char text[24];
  const auto got = ::pread(fd, text, sizeof text, 0);
  const std::string_view digits(text, got > 0 ? static_cast<std::size_t>(got) : 0);
  const bool plain = !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
  return plain ? " by process " + std::string(digits) : "";
}

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<std::unique_ptr<File>> PosixEnv::open(const std::string& path, Open how) {
  auto fd = open_descriptor(path, flags_of(how));
  if (!fd.valid()) return failure(errno, how == Open::create ? "create" : "open", path);
  return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(fd), path));
}

Result<bool> PosixEnv::exists(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return failure(errno, "stat", path);
}

Status PosixEnv::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return core::ok_status();
  return failure(errno, "rename", from + " to " + to);
}

Status PosixEnv::remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return core::ok_status();
  return failure(errno, "remove", path);
}

Result<std::vector<std::string>> PosixEnv::list(const std::string& directory) {
  DIR* stream = ::opendir(directory.c_str());
  if (stream == nullptr) return failure(errno, "list", directory);
  std::vector<std::string> names;
  errno = 0;
  while (const auto* entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  const int error = errno;  // readdir tells its end from a failure only by errno
  ::closedir(stream);
  if (error != 0) return failure(error, "list", directory);
  std::sort(names.begin(), names.end());
  return names;
}

Status PosixEnv::make_directories(const std::string& path) {
  const auto parent = parent_of(path);
  if (::mkdir(path.c_str(), kDirectoryMode) == 0) return sync_directory(parent);
  if (errno == EEXIST) {
    struct stat info;
    if (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
      return Error{Errc::conflict, "cannot make directory " + path + ": a file is in the way"};
    // Whoever made it may not have lived to sync it. Where the parent cannot be opened, that was not us.
    auto synced = sync_directory(parent);
    return !synced.ok() && synced.error().code == Errc::permission ? core::ok_status() : synced;
  }
  if (errno != ENOENT || parent == path) return failure(errno, "make directory", path);
  TRY(make_directories(parent));
  if (::mkdir(path.c_str(), kDirectoryMode) != 0) return failure(errno, "make directory", path);
  return sync_directory(parent);
}

Status PosixEnv::sync_directory(const std::string& path) {
  const auto fd = open_descriptor(path, O_RDONLY | O_DIRECTORY);
  if (!fd.valid()) return failure(errno, "open directory", path);
  if (::fsync(fd.get()) == 0) return core::ok_status();
  return failure(errno, "sync directory", path);
}

Result<std::unique_ptr<Lock>> PosixEnv::lock(const std::string& path) {
  auto fd = open_descriptor(path, O_RDWR | O_CREAT);
  if (!fd.valid()) return failure(errno, "open lock", path);
  if (uninterrupted([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno != EWOULDBLOCK) return failure(errno, "lock", path);
    return Error{Errc::in_use, path + " is in use" + holder_of(fd.get())};
  }
  const auto id = std::to_string(::getpid());
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), id.data(), id.size(), 0) < 0)
    return failure(errno, "write lock", path);
  return std::unique_ptr<Lock>(std::make_unique<PosixLock>(std::move(fd)));
}

Result<std::uint64_t> PosixEnv::free_bytes(const std::string& path) {
  struct statvfs info;
  if (::statvfs(path.c_str(), &info) != 0) return failure(errno, "ask for free space of", path);
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace store
