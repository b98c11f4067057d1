// SPDX-License-Identifier: MPL-2.0
// Which servers the leader makes voters, and which it takes out, by itself. Rules and defaults are those of
// Nomad's autopilot:
//
//  - a server is healthy while gossip does not say otherwise, it answered the leader lately, and its log is
//    nearly as long as the leader's;
//  - a non-voter that was healthy for `stabilization_time` becomes a voter;
//  - a server that failed for that long is taken out, unless so many voters failed that a majority of them may
//    be on the other side of a cut cable: at most (voters - 1) / 2 go, or none.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/base/id.h"
#include "core/base/time.h"
#include "core/raft/raft.h"

namespace core::server {

class Autopilot {
 public:
  struct Config {
    bool cleanup_dead_servers = true;
    Duration last_contact_threshold = std::chrono::milliseconds(200);
    std::uint64_t max_trailing_logs = 250;
    std::size_t min_quorum = 0;  // voters that are left in any case
    Duration stabilization_time = std::chrono::seconds(10);
  };
  // What gossip says of a server. One that it does not know is judged by Raft alone, and never taken out.
  struct Heard {
    bool lives = true;
    Instant since{};
  };
  struct Advice {
    std::vector<ServerId> promote, take_out;
    friend bool operator==(const Advice&, const Advice&) = default;
  };

  explicit Autopilot(Config config) : config_(config) {}

  // Asked by the leader every now and then: health is what each look saw.
  Advice look(const raft::StatusReport& raft, const std::map<ServerId, Heard>& gossip, Instant now);
  // This server leads no more: what it saw is forgotten.
  void rest();

 private:
  bool in_contact(const raft::PeerStatus& peer, Instant now) const;
  bool stable(const ServerId& id, Instant now) const;
  std::vector<ServerId> dead(const raft::StatusReport& raft, const std::map<ServerId, Heard>& gossip, Instant now) const;

  Config config_;
  std::optional<Instant> watching_since_;
  std::map<ServerId, Instant> healthy_since_;
};

}  // namespace core::server
