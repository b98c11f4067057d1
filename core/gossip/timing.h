// SPDX-License-Identifier: MPL-2.0
// How fast gossip is, for a data centre and across continents, and the numbers that grow with the
// logarithm of the cluster. docs/protocols/gossip.md says what follows from them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/time.h"

namespace core::gossip {

struct Timing {
  // A member is probed each interval. Without an ack after `ack_timeout` others are asked to try, and
  // a stream is; what did not answer after `probe_timeout` is suspect. Probes overlap.
  Duration probe_interval = 200ms;
  Duration ack_timeout = 200ms;
  Duration probe_timeout = 500ms;
  std::size_t indirect_probes = 3;

  // How long a suspect has to object: from `suspicion_factor` times as long down to the minimum, the
  // sooner the more members accuse it. The minimum is for up to 100 members and grows from there.
  Duration suspicion = 2s;
  std::uint32_t suspicion_factor = 6;
  std::size_t confirmations = 3;

  Duration gossip_interval = 100ms;
  std::size_t fanout = 3;
  // A member that failed is told so for this long, in case it lives.
  Duration gossip_to_failed = 30s;
  std::uint32_t retransmit_factor = 4;

  // Tables are compared with a random member: soon again after they differed, ever more rarely after
  // they did not.
  Duration sync_interval_min = 1s;
  Duration sync_interval_max = 30s;
  Duration exchange_timeout = 10s;

  Duration leave_delay = 500ms;  // from the intent to the goodbye, and from there to the end
  Duration reconnect_interval = 30s;
  Duration reconnect_timeout = std::chrono::hours(72);  // then a failed member is forgotten
  Duration tombstone_timeout = std::chrono::hours(24);  // and one that left
  Duration reap_interval = 15s;
  Duration event_window = 50ms;  // what changes within it is told at once
};

constexpr Timing lan() { return {}; }
constexpr Timing wan() {
  Timing t;
  t.probe_interval = 1s;
  t.ack_timeout = 1s;
  t.probe_timeout = 3s;
  t.suspicion = 6s;
  t.gossip_interval = 500ms;
  t.fanout = 4;
  t.gossip_to_failed = 60s;
  t.sync_interval_min = 3s;
  t.sync_interval_max = 60s;
  t.exchange_timeout = 30s;
  t.leave_delay = 2s;
  t.event_window = 250ms;
  return t;
}

// ceil(log10(n + 1)): how often news must be told for everyone to hear it grows like this.
constexpr std::uint32_t decades(std::size_t members) {
  std::uint32_t out = 0;
  for (std::size_t n = 1; n < members + 1; n *= 10) ++out;
  return out;
}
constexpr std::uint32_t retransmits(const Timing& t, std::size_t members) { return t.retransmit_factor * decades(members); }

}  // namespace core::gossip
