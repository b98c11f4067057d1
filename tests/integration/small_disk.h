// SPDX-License-Identifier: MPL-2.0
// A file system of a few megabytes that a test can fill: a tmpfs in a mount namespace of this process's
// own, so that nothing of it outlives the process whatever happens. Needs root.
#pragma once

#include <string>

#include "tests/integration/cluster.h"

namespace integration {

class SmallDisk {
 public:
  explicit SmallDisk(int mebibytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Empty, or why there is none.
  const std::string& missing() const { return missing_; }
  const std::string& path() const { return directory_.path(); }
  // Takes all the space that is left.
  void fill() const;
  // Gives back what fill() took.
  void empty() const;

 private:
  Directory directory_;
  std::string missing_;
};

}  // namespace integration
