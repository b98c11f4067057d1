// SPDX-License-Identifier: MPL-2.0
#include "agent/client/remove_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "agent/client/executor/posix.h"

namespace agent::client {
namespace {

using core::Errc;
using core::Error;
using core::Status;
using net::uv::Descriptor;

constexpr int kDepthMax = 512;  // a descriptor each; deeper than any tree that was not made to be

Status remove_inside(int directory, dev_t device, const std::string& path, int depth);

Status remove_entry(int parent, dev_t device, const std::string& name, const std::string& path, int depth) {
  if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return core::ok_status();
  if (errno != EISDIR && errno != EPERM) return posix::failure("remove " + path);
  Descriptor directory(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (directory.number() < 0) return posix::failure("open " + path);
  TRY(remove_inside(directory.number(), device, path, depth + 1));
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) return posix::failure("remove " + path);
  return core::ok_status();
}

Status remove_inside(int directory, dev_t device, const std::string& path, int depth) {
  struct stat info {};
  if (::fstat(directory, &info) != 0) return posix::failure("stat " + path);
  if (info.st_dev != device) return Error{Errc::in_use, path + " is mounted"};
  if (depth > kDepthMax) return Error{Errc::too_large, path + " is nested too deeply"};
  if ((info.st_mode & 0700) != 0700) ::fchmod(directory, 0700);
  for (const auto& name : posix::list("/proc/self/fd/" + std::to_string(directory)))
    TRY(remove_entry(directory, device, name, path + "/" + name, depth));
  return core::ok_status();
}

}  // namespace

Status remove_tree(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return errno == ENOENT ? core::ok_status() : posix::failure("stat " + path);
  return remove_entry(AT_FDCWD, info.st_dev, path, path, 0);
}

}  // namespace agent::client
