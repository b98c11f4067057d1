// SPDX-License-Identifier: MPL-2.0
// When a source is asked: at once while nobody was known yet, and again and again until somebody is; later only after
// nobody was known for a while, since a leader that is being replaced is none that was lost. No I/O.
#pragma once

#include <chrono>
#include <optional>

#include "core/base/time.h"

namespace agent::discovery {

class Need {
 public:
  struct Rules {
    core::Duration patience{};  // with nobody, once somebody was known
    core::Duration pause = std::chrono::seconds(3);
    // Failures in a row double the pause from the first to the last of these: what is asked may be starting, too.
    core::Duration pause_after_failure = std::chrono::seconds(1);
    core::Duration pause_after_failures = std::chrono::seconds(9);
  };
  Need(Rules rules, core::Instant now) : rules_(rules), after_failure_(rules.pause_after_failure), next_look_(now), not_before_(now) {}

  // Whether to ask now; `alone`: nobody is known. After true, answered() is to be called.
  [[nodiscard]] bool look(bool alone, core::Instant now);
  void answered(bool failed, core::Instant now);
  // When to look again; nothing while an answer is due.
  std::optional<core::Instant> next_look() const;

 private:
  Rules rules_;
  core::Duration after_failure_;  // the next
  bool asking_ = false;
  bool known_ = false;  // somebody was, at some time
  std::optional<core::Instant> alone_since_;
  core::Instant next_look_, not_before_;
};

}  // namespace agent::discovery
