// SPDX-License-Identifier: MPL-2.0
// A log that tests look at.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/log.h"

namespace support {

class Lines final : public core::Sink {
 public:
  bool enabled(core::Level) const override { return true; }
  void write(core::Level level, std::string_view text) override { lines_.push_back("[" + std::string(to_string(level)) + "] " + std::string(text)); }
  // How many lines of this level hold this.
  std::size_t count(core::Level level, std::string_view text) const {
    return static_cast<std::size_t>(std::count_if(lines_.begin(), lines_.end(), [&](const std::string& line) {
      return line.starts_with("[" + std::string(to_string(level)) + "]") && line.find(text) != std::string::npos;
    }));
  }
  bool hold(std::string_view text) const {
    return std::any_of(lines_.begin(), lines_.end(), [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }

 private:
  std::vector<std::string> lines_;
};

}  // namespace support
