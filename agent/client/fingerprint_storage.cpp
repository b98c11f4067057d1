// SPDX-License-Identifier: MPL-2.0
// The file system that allocations are put on.
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "agent/client/executor/posix.h"
#include "agent/client/fingerprint.h"

namespace agent::client {
namespace {

// The device of the file system's mount, from "36 35 98:0 /root /mount rw - ext4 /dev/sda1 rw".
std::string volume_of(const std::string& root, dev_t device) {
  const auto text = posix::read_file(root + "/proc/self/mountinfo");
  if (!text.ok()) return "";
  const auto number = " " + std::to_string(major(device)) + ":" + std::to_string(minor(device)) + " ";
  const auto line = text->find(number);
  const auto separator = line == std::string::npos ? line : text->find(" - ", line);
  if (separator == std::string::npos) return "";
  const auto source = text->find(' ', separator + 3) + 1;
  return text->substr(source, text->find_first_of(" \n", source) - source);
}

}  // namespace

void fingerprint_storage(const FingerprintOptions& options, Fingerprint& out) {
  struct statvfs space {};
  struct stat info {};
  if (::statvfs(options.alloc_dir.c_str(), &space) != 0 || ::stat(options.alloc_dir.c_str(), &info) != 0) return;
  const auto total = static_cast<std::uint64_t>(space.f_blocks) * space.f_frsize;
  const auto free = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
  if (const auto volume = volume_of(options.root, info.st_dev); !volume.empty()) out.attributes["unique.storage.volume"] = volume;
  out.attributes["unique.storage.bytestotal"] = std::to_string(total);
  out.attributes["unique.storage.bytesfree"] = std::to_string(free);
  out.resources.disk_mb = static_cast<std::int64_t>(free >> 20);
}

}  // namespace agent::client
