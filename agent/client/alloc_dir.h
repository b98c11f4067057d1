// SPDX-License-Identifier: MPL-2.0
// One allocation's directory on this node:
//
//   <root>/<alloc id>/            of the agent
//     alloc/{data,logs,tmp}       shared by the group's tasks, theirs to write
//     <task>/{local,secrets,tmp}  one task's own; secrets in memory only, where the agent is root
//
// Tasks own what is inside, so nothing inside is trusted: paths given by people or tasks are resolved
// beneath the allocation's directory by the kernel, and no link is followed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/client/drivers/driver.h"
#include "agent/client/executor/wire.h"
#include "core/base/result.h"
#include "net/uv/pipe.h"

namespace agent::client {

struct FileInfo {
  std::string name;
  bool is_directory = false;
  std::uint64_t size = 0;
  std::string mode;  // "-rw-r--r--"
  core::WallTime modified;
};

class AllocDir {
 public:
  // Nothing is made yet. `control_root`: where the agent keeps what concerns tasks but not them.
  AllocDir(std::string root, std::string control_root, const core::AllocId& alloc);

  // Makes it, with the directories of these tasks. Fine if some of it is there.
  core::Status build(const std::vector<std::string>& tasks) const;
  // Takes it away with all that is in it, mounts first. Fine if it is not there.
  core::Status destroy() const;
  TaskDirs dirs_of(const std::string& task) const;

  // For people: `path` is as seen from the allocation's directory. Errc::denied for what leads out of
  // it ("Path escapes the alloc directory") and for secrets ("Reading secret file prohibited: ...").
  core::Result<std::vector<FileInfo>> list(std::string_view path) const;
  core::Result<FileInfo> stat(std::string_view path) const;
  core::Result<net::uv::Descriptor> open(std::string_view path) const;

  const std::string& path() const { return path_; }

 private:
  core::Status build_task(int alloc, const std::string& task, const std::optional<Identity>& owner) const;
  core::Result<net::uv::Descriptor> beneath(std::string_view path, int flags) const;

  std::string path_;
  std::string control_;
};

// How full the file system with `path` is.
core::Result<core::client::DiskMeasured> measure_disk(const std::string& path);

}  // namespace agent::client
