// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace integration {

SmallDisk::SmallDisk(int mebibytes) {
  const auto options = "mode=700,size=" + std::to_string(mebibytes) + "m";
  const bool mounted = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                       ::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, options.c_str()) == 0;
  if (!mounted) missing_ = std::string("no file system of its own can be mounted: ") + std::strerror(errno);
}

SmallDisk::~SmallDisk() {
  if (missing_.empty()) ::umount2(directory_.path().c_str(), MNT_DETACH);
}

void SmallDisk::fill() const {
  const int file = ::open((path() + "/filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  // Ever smaller pieces, down to the last byte.
  for (std::size_t size = 1 << 20; size > 0; size /= 2) {
    const std::vector<char> piece(size, 'x');
    while (::write(file, piece.data(), size) == static_cast<ssize_t>(size)) {
    }
  }
  ::close(file);
}

void SmallDisk::empty() const { ::unlink((path() + "/filler").c_str()); }

}  // namespace integration
