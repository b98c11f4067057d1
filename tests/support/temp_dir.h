// SPDX-License-Identifier: MPL-2.0
// A fresh directory on the real file system, removed with all that is in it when the test ends.
#pragma once

#include <string>

namespace test {

class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace test
