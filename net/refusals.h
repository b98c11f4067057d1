// SPDX-License-Identifier: MPL-2.0
// What was refused from whom: all of it counted, and told at most once a minute for each source, so that
// nobody fills a disk from afar. Sources are remembered up to a limit; beyond it they share one place.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/log.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace net {

class Refusals {
 public:
  static constexpr core::Duration kTellAgain = std::chrono::minutes(1);
  static constexpr std::size_t kSourcesMax = 1024;

  // `sentence` begins each line, which goes on with source, reason and how many since the last one.
  Refusals(core::Logger logger, std::string sentence) : log_(std::move(logger)), sentence_(std::move(sentence)) {}

  void note(const std::string& source, const core::Error& reason, core::Instant now);
  std::uint64_t count() const { return count_; }

 private:
  struct Source {
    core::Instant told_at;
    std::uint64_t since = 0;  // refused, and not told
  };
  core::Logger log_;
  std::string sentence_;
  std::uint64_t count_ = 0;
  std::map<std::string, Source> sources_;
};

}  // namespace net
