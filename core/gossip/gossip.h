// SPDX-License-Identifier: MPL-2.0
// The face of gossip: one member's part of SWIM (Das et al. 2002) with Lifeguard's refinements (Dadgar
// et al. 2018) and intents ordered by Lamport time over it, as a state machine without I/O.
//
// Input in, Output out (io.h says what the driver owes both). No clock is read, every draw comes from
// the Rng given. What it says of others is a hint: nothing that must be agreed on may rest on it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/gossip/io.h"
#include "core/gossip/timing.h"

namespace core::gossip {

struct Config {
  std::string name;
  Identity identity;
  Endpoint endpoint;  // where others reach us
  Tags tags;
  Timing timing;
  // No earlier than this server's last life knew; zero if it is not known.
  LamportTime clock;
};

struct Counts {
  std::size_t members = 0, failed = 0, left = 0;  // members: all that are known, ourselves included
  std::size_t broadcasts_queued = 0;
  int health_score = 0;  // 0: healthy
  LamportTime clock;
};

struct State;

class Gossip {
 public:
  // REQUIRES: check() likes the name, endpoint and tags.
  Gossip(Config config, Rng rng, Logger logger, Instant now);
  Gossip(Gossip&&) noexcept;
  Gossip& operator=(Gossip&&) noexcept;
  ~Gossip();

  // REQUIRES: `now` never falls.
  [[nodiscard]] Output step(Input input, Instant now);
  // When to feed Woke; it may move with every step. Nothing: we have left.
  std::optional<Instant> next_deadline() const;

  // All members in order of name, ourselves included.
  const MemberTable& members() const;
  const Member& self() const;
  Counts counts() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace core::gossip
