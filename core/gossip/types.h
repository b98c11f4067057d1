// SPDX-License-Identifier: MPL-2.0
// What gossip knows and talks about: members, what is believed of them, and how new a belief is.
//
// A member is known by its name. Behind a name stands a server, told from others by its identity,
// which survives restarts and changes of address. What is believed of a server's life is ordered by
// its incarnation, a number that only the server itself raises (SWIM §4.2); what was intended with
// it (to join, to leave) by Lamport time.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/ordinal.h"
#include "core/base/time.h"

namespace core::gossip {

using Incarnation = Ordinal<struct IncarnationTag>;
using LamportTime = Ordinal<struct LamportTag>;

// The server behind a name. Drawn from what is unique to its data directory, never reused.
struct Identity {
  std::uint64_t value = 0;
  friend auto operator<=>(const Identity&, const Identity&) = default;
};

struct Endpoint {
  std::string ip;  // numeric
  std::uint16_t port = 0;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};
// "127.0.0.1:4648", "[::1]:4648".
std::string to_string(const Endpoint& endpoint);

// What a member says of itself, for whoever reads members: role, region, ports.
using Tags = std::map<std::string, std::string>;

enum class Condition : std::uint8_t {
  alive = 0,
  suspect = 1,  // did not answer; failed unless it objects in time
  failed = 2,
  left = 3,  // said goodbye, or failed and was told off
};

// What an operator is shown. A suspect is still alive; one that means to leave is leaving.
enum class Standing : std::uint8_t { alive, leaving, left, failed };
std::string_view to_string(Standing standing);

struct Member {
  std::string name;
  Identity identity;
  Endpoint endpoint;
  Tags tags;
  Incarnation incarnation;
  Condition condition = Condition::alive;
  bool leaving = false;     // only while it lives
  LamportTime status_time;  // of the newest intent about it
  Instant changed_at{};     // when its condition last became what it is, here

  bool lives() const { return condition == Condition::alive || condition == Condition::suspect; }
  Standing standing() const;
};

}  // namespace core::gossip
