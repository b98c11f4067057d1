// SPDX-License-Identifier: MPL-2.0
#include "agent/client/alloc_dir.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/client/drivers/users.h"
#include "agent/client/executor/posix.h"
#include "agent/client/remove_tree.h"

namespace agent::client {
namespace {

using core::Errc;
using core::Error;
using core::Result;
using core::Status;
using net::uv::Descriptor;

constexpr const char* kShared = "alloc";
constexpr const char* kSecretsOptions = "size=1m,mode=0777";

// Whose directories that tasks write to become: as root nobody's, which is who isolated tasks are.
std::optional<Identity> task_owner() {
  if (::geteuid() != 0) return std::nullopt;
  auto nobody = find_user("nobody");
  return nobody.ok() ? std::optional(std::move(*nobody)) : std::nullopt;
}

Status make_open(int root, const std::string& path, unsigned mode, const std::optional<Identity>& owner) {
  TRY(posix::make_beneath(root, path, 0777));
  TRY(const auto directory, posix::open_beneath(root, path, O_RDONLY | O_DIRECTORY));
  if (::fchmod(directory.number(), mode) != 0) return posix::failure("chmod " + path);
  if (owner && ::fchown(directory.number(), owner->uid, owner->gid) != 0) return posix::failure("chown " + path);
  return core::ok_status();
}

bool is_mount_point(int root, const std::string& path) {
  struct stat inside {}, outside {};
  const auto directory = posix::open_beneath(root, path, O_PATH);
  return directory.ok() && ::fstat(directory->number(), &inside) == 0 && ::fstat(root, &outside) == 0 && inside.st_dev != outside.st_dev;
}

// Secrets never reach the disk where that can be helped.
Status mount_secrets(int root, const std::string& path) {
  if (::geteuid() != 0 || is_mount_point(root, path)) return core::ok_status();
  TRY(const auto directory, posix::open_beneath(root, path, O_PATH));
  const auto target = "/proc/self/fd/" + std::to_string(directory.number());
  if (::mount("nomad-secrets", target.c_str(), "tmpfs", MS_NOEXEC | MS_NOSUID | MS_NODEV, kSecretsOptions) != 0)
    return posix::failure("mount " + path);
  return core::ok_status();
}

std::string mode_text(mode_t mode) {
  std::string text = S_ISDIR(mode) ? "d" : S_ISLNK(mode) ? "L" : S_ISFIFO(mode) ? "p" : S_ISSOCK(mode) ? "S" : "-";
  for (int bit = 8; bit >= 0; --bit) text += (mode >> bit & 1) != 0 ? "xwr"[bit % 3] : '-';
  return text;
}

FileInfo info_of(std::string name, const struct stat& info) {
  return {std::move(name), S_ISDIR(info.st_mode), static_cast<std::uint64_t>(info.st_size), mode_text(info.st_mode),
          core::WallTime{info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec}};
}

// "<task>/secrets" and what is below it, however it is written.
bool is_secret(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (part.empty() || part == ".") continue;
    if (part == "..") return false;  // leads out, or nowhere: refused anyway
    parts.push_back(part);
  }
  return parts.size() >= 2 && parts[1] == "secrets";
}

}  // namespace

AllocDir::AllocDir(std::string root, std::string control_root, const core::AllocId& alloc)
    : path_(std::move(root) + "/" + alloc.text), control_(std::move(control_root) + "/" + alloc.text) {}

TaskDirs AllocDir::dirs_of(const std::string& task) const {
  const auto own = path_ + "/" + task;
  const auto shared = path_ + "/" + kShared;
  return {shared, own, own + "/local", own + "/secrets", shared + "/logs", control_ + "/" + task};
}

Status AllocDir::build(const std::vector<std::string>& tasks) const {
  TRY(posix::make_directories(path_, 0755));
  TRY(posix::make_directories(control_, 0700));
  TRY(const auto alloc, posix::open_directory(path_));
  const auto owner = task_owner();
  for (const char* name : {"alloc", "alloc/data", "alloc/logs", "alloc/tmp"}) {
    TRY(make_open(alloc.number(), name, 0777, owner));
  }
  for (const auto& task : tasks) {
    TRY(build_task(alloc.number(), task, owner));
  }
  return core::ok_status();
}

Status AllocDir::build_task(int alloc, const std::string& task, const std::optional<Identity>& owner) const {
  if (task.empty() || task == "." || task == ".." || task == kShared || task.find('/') != std::string::npos)
    return Error{Errc::invalid, "task name \"" + task + "\" cannot be a directory"};
  TRY(make_open(alloc, task, 0777, owner));
  TRY(make_open(alloc, task + "/local", 0777, owner));
  TRY(make_open(alloc, task + "/tmp", 01777, owner));
  // A second agent finds it mounted, and whose it is settled.
  if (!is_mount_point(alloc, task + "/secrets")) TRY(make_open(alloc, task + "/secrets", 0777, owner));
  return mount_secrets(alloc, task + "/secrets");
}

Status AllocDir::destroy() const {
  const auto alloc = posix::open_directory(path_);
  if (alloc.ok()) {
    for (const auto& task : posix::list(path_))
      if (is_mount_point(alloc->number(), task + "/secrets") && ::umount2((path_ + "/" + task + "/secrets").c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0)
        return posix::failure("unmount " + path_ + "/" + task + "/secrets");
  } else if (alloc.error().code != Errc::not_found) {
    return alloc.error();
  }
  TRY(remove_tree(path_));
  return remove_tree(control_);
}

// ---- for people ----------------------------------------------------------------------------------

Result<Descriptor> AllocDir::beneath(std::string_view path, int flags) const {
  if (is_secret(path)) return Error{Errc::denied, "Reading secret file prohibited: " + std::string(path)};
  TRY(const auto root, posix::open_directory(path_));
  // openat2(2) refuses flags that mean nothing: with O_PATH nothing is opened that could block.
  const int opening = (flags & O_PATH) != 0 ? 0 : O_NONBLOCK | O_NOCTTY;
  auto file = posix::open_beneath(root.number(), std::string(path), flags | O_NOFOLLOW | opening);
  if (!file.ok() && file.error().code == Errc::invalid) return Error{Errc::denied, "Path escapes the alloc directory"};
  return file;
}

Result<std::vector<FileInfo>> AllocDir::list(std::string_view path) const {
  TRY(const auto directory, beneath(path, O_RDONLY | O_DIRECTORY));
  std::vector<FileInfo> files;
  for (const auto& name : posix::list("/proc/self/fd/" + std::to_string(directory.number()))) {
    struct stat info {};
    if (::fstatat(directory.number(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) files.push_back(info_of(name, info));
  }
  return files;
}

Result<FileInfo> AllocDir::stat(std::string_view path) const {
  TRY(const auto file, beneath(path, O_PATH));
  struct stat info {};
  if (::fstat(file.number(), &info) != 0) return posix::failure("stat " + std::string(path));
  const auto slash = path.find_last_not_of('/');
  const auto trimmed = slash == std::string_view::npos ? std::string_view("/") : path.substr(0, slash + 1);
  return info_of(std::string(trimmed.substr(trimmed.rfind('/') + 1)), info);
}

Result<Descriptor> AllocDir::open(std::string_view path) const {
  TRY(auto file, beneath(path, O_RDONLY));
  struct stat info {};
  if (::fstat(file.number(), &info) != 0 || !S_ISREG(info.st_mode)) return Error{Errc::invalid, std::string(path) + " is not a regular file"};
  return file;
}

Result<core::client::DiskMeasured> measure_disk(const std::string& path) {
  struct statvfs space {};
  if (::statvfs(path.c_str(), &space) != 0) return posix::failure("statvfs " + path);
  const auto percent = [](double used, double all) { return all > 0 ? 100 * used / all : 0; };
  // As df counts: what only root may use is neither used nor free.
  const auto used = static_cast<double>(space.f_blocks - space.f_bfree);
  return core::client::DiskMeasured{percent(used, used + static_cast<double>(space.f_bavail)),
                                    percent(static_cast<double>(space.f_files - space.f_ffree), static_cast<double>(space.f_files))};
}

}  // namespace agent::client
