// SPDX-License-Identifier: MPL-2.0
// Where log lines go: stdout in Nomad's layout, through spdlog. Lines are held back until the start-up
// banner is out, so that the two never mix; the newest lines are kept in memory.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/log.h"

namespace agent {

class LogSink final : public core::Sink {
 public:
  struct Options {
    core::Level level = core::Level::info;
    bool json = false;        // one object a line instead of text
    bool plain = false;       // without the four spaces in front
  };
  // `wall` tells the time of a line.
  LogSink(Options options, std::function<core::WallTime()> wall);
  ~LogSink() override;

  bool enabled(core::Level level) const override { return level >= options_.level; }
  void write(core::Level level, std::string_view text) override;

  void set_level(core::Level level) { options_.level = level; }
  // The banner is out: what was held back follows, and from now on lines go out at once.
  void release();

 private:
  std::string format(core::Level level, std::string_view text) const;

  struct Out;
  Options options_;
  std::function<core::WallTime()> wall_;
  std::unique_ptr<Out> out_;
};

}  // namespace agent
