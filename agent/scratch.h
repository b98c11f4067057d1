// SPDX-License-Identifier: MPL-2.0
// A directory of our own under $TMPDIR that goes, with all that is in it, when this object does.
#pragma once

#include <string>

#include "core/base/result.h"

namespace agent {

class Scratch {
 public:
  Scratch() = default;  // none
  static core::Result<Scratch> make();
  Scratch(Scratch&& other) noexcept;
  Scratch& operator=(Scratch&& other) noexcept;
  ~Scratch();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace agent
