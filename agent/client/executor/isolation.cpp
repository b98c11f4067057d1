// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/isolation.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "agent/client/executor/posix.h"

namespace agent::client {
namespace {

using core::Status;
using posix::Descriptor;
using posix::failure;

// A path that names what a descriptor has open, whatever the path it was opened by means now.
std::string magic(const Descriptor& fd) { return "/proc/self/fd/" + std::to_string(fd.number()); }

Status mount_on(const Descriptor& target, const char* from, const char* type, unsigned long flags, const char* options,
                const std::string& what) {
  if (::mount(from, magic(target).c_str(), type, flags, options) != 0) return failure("mount " + what);
  return core::ok_status();
}

// A bind mount takes its flags only when it is mounted again; what the host forbids stays forbidden.
Status make_read_only(int root, const std::string& path) {
  TRY(const auto mounted, posix::open_beneath(root, path, O_PATH));
  for (const unsigned long extra : {0UL, static_cast<unsigned long>(MS_NOSUID | MS_NODEV), static_cast<unsigned long>(MS_NOSUID | MS_NODEV | MS_NOEXEC)})
    if (::mount(nullptr, magic(mounted).c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | extra, nullptr) == 0)
      return core::ok_status();
  return failure("remount " + path);
}

Status make_file(int root, const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    TRY(posix::make_beneath(root, path.substr(0, slash), 0755));
  }
  TRY(posix::open_beneath(root, path, O_CREAT | O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0644));
  return core::ok_status();
}

// What it is on the host decides: a link is made again, a directory or a file is bound, what does not
// exist is left out.
Status bind(int root, const Bind& bind) {
  struct stat info {};
  if (::lstat(bind.from.c_str(), &info) != 0) return core::ok_status();
  if (S_ISLNK(info.st_mode)) {
    char target[4096];
    const auto n = ::readlink(bind.from.c_str(), target, sizeof target - 1);
    if (n < 0) return failure("readlink " + bind.from);
    target[n] = '\0';
    const auto slash = bind.to.rfind('/');
    TRY(const auto parent, posix::make_beneath(root, bind.to.substr(0, slash), 0755));
    if (::symlinkat(target, parent.number(), bind.to.c_str() + slash + 1) != 0 && errno != EEXIST)
      return failure("symlink " + bind.to);
    return core::ok_status();
  }
  if (S_ISDIR(info.st_mode)) {
    TRY(posix::make_beneath(root, bind.to, 0755));
  } else {
    TRY(make_file(root, bind.to));
  }
  {
    TRY(const auto target, posix::open_beneath(root, bind.to, O_PATH));
    TRY(mount_on(target, bind.from.c_str(), nullptr, MS_BIND | MS_REC, nullptr, bind.to));
  }
  return bind.read_only ? make_read_only(root, bind.to) : core::ok_status();
}

Status mount_fresh(int root, const std::string& path, const char* type, unsigned long flags, const char* options) {
  TRY(const auto target, posix::make_beneath(root, path, 0755));
  return mount_on(target, type, type, flags, options, path);
}

Status make_devices(int root) {
  TRY(mount_fresh(root, "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=64k"));
  TRY(const auto dev, posix::open_beneath(root, "/dev", O_RDONLY | O_DIRECTORY));
  const struct {
    const char* name;
    unsigned major, minor;
  } devices[] = {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
  for (const auto& device : devices) {
    if (::mknodat(dev.number(), device.name, S_IFCHR | 0666, ::makedev(device.major, device.minor)) != 0)
      return failure(std::string("mknod /dev/") + device.name);
    if (::fchmodat(dev.number(), device.name, 0666, 0) != 0) return failure(std::string("chmod /dev/") + device.name);
  }
  const std::pair<const char*, const char*> links[] = {{"/proc/self/fd", "fd"},          {"/proc/self/fd/0", "stdin"},
                                                       {"/proc/self/fd/1", "stdout"},    {"/proc/self/fd/2", "stderr"},
                                                       {"pts/ptmx", "ptmx"}};
  for (const auto& [to, name] : links)
    if (::symlinkat(to, dev.number(), name) != 0) return failure(std::string("symlink /dev/") + name);
  TRY(mount_fresh(root, "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"));
  TRY(mount_fresh(root, "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=64m"));
  // A kernel may be built without message queues.
  (void)mount_fresh(root, "/dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
  return core::ok_status();
}

// What /proc shows of the machine as a whole can be read there, not changed.
Status mount_proc(int root) {
  TRY(mount_fresh(root, "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr));
  for (const char* path : {"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus"}) {
    auto target = posix::open_beneath(root, path, O_PATH);
    if (!target.ok()) continue;
    TRY(mount_on(*target, magic(*target).c_str(), nullptr, MS_BIND, nullptr, path));
    TRY(make_read_only(root, path));
  }
  if (auto memory = posix::open_beneath(root, "/proc/kcore", O_PATH); memory.ok())
    TRY(mount_on(*memory, "/dev/null", nullptr, MS_BIND, nullptr, "/proc/kcore"));
  return core::ok_status();
}

Status swap_root(int root) {
  if (::fchdir(root) != 0) return failure("chdir to the task's root");
  // The old root ends up on top of the new one, and is taken off there (pivot_root(2), NOTES).
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return failure("pivot_root");
  if (::umount2(".", MNT_DETACH) != 0) return failure("unmount of the host's root");
  if (::chdir("/") != 0) return failure("chdir /");
  return core::ok_status();
}

}  // namespace

Status separate_children(const Isolation& isolation) {
  int flags = 0;
  if (isolation.private_pids) flags |= CLONE_NEWPID;
  if (isolation.private_ipc) flags |= CLONE_NEWIPC;
  if (flags != 0 && ::unshare(flags) != 0) return failure("unshare");
  return core::ok_status();
}

Status enter_root(const Isolation& isolation) {
  if (::unshare(CLONE_NEWNS) != 0) return failure("unshare mounts");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return failure("make mounts private");
  // A mount point of its own is what pivot_root asks for; what is mounted inside comes along.
  if (::mount(isolation.root.c_str(), isolation.root.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
    return failure("bind " + isolation.root);
  TRY(const auto root, posix::open_directory(isolation.root));
  for (const auto& item : isolation.binds) TRY(bind(root.number(), item));
  TRY(make_devices(root.number()));
  TRY(mount_fresh(root.number(), "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, nullptr));
  TRY(mount_proc(root.number()));
  return swap_root(root.number());
}

Status bound_capabilities(std::uint64_t keep) {
  for (int capability = 0; capability < 64; ++capability) {
    if ((keep >> capability & 1) != 0) continue;
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
    if (errno == EINVAL) break;  // the kernel knows no more of them
    return failure("drop capability " + std::to_string(capability));
  }
  return core::ok_status();
}

Status become(const Identity& user) {
  const std::vector<gid_t> groups(user.groups.begin(), user.groups.end());
  if (::setgroups(groups.size(), groups.data()) != 0) return failure("setgroups");
  if (::setresgid(user.gid, user.gid, user.gid) != 0) return failure("setgid " + std::to_string(user.gid));
  if (::setresuid(user.uid, user.uid, user.uid) != 0) return failure("setuid " + std::to_string(user.uid));
  return core::ok_status();
}

}  // namespace agent::client
