// SPDX-License-Identifier: MPL-2.0
// The one private state of a member, and the functions by which the topical files share it.
//
// A field belongs to the file named beside it; others read it, or call that file's functions. `now`
// is the time of the step under way. Functions add to the step's Output and never look into it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/deadlines.h"
#include "core/gossip/awareness.h"
#include "core/gossip/broadcasts.h"
#include "core/gossip/events.h"
#include "core/gossip/gossip.h"
#include "core/gossip/lamport.h"
#include "core/gossip/suspicion.h"

namespace core::gossip {

// Is a member there? One round of asking it.
struct Probe {
  std::string target;
  Identity identity;
  bool indirect = false;     // helpers and a stream try, too
  std::size_t helpers = 0;   // that were asked
  std::size_t nacks = 0;     // of them, who said that they are well
  Instant gives_up{};
};
// A ping that we sent for somebody else.
struct Relay {
  Endpoint asker;
  std::uint64_t number = 0;  // the asker's own
};

struct Probing {
  Instant next{};
  std::vector<std::string> order;  // each member once a round, in random order (SWIM §4.3)
  std::size_t position = 0;
  std::uint64_t next_number = 0;
  std::map<std::uint64_t, Probe> probes;
  std::set<std::string> targets;  // of the probes
  Deadlines<std::uint64_t> probe_deadlines;
  std::map<std::uint64_t, Relay> relays;
  Deadlines<std::uint64_t> relay_deadlines;
};

// Why we opened a stream.
struct FallbackPing {
  std::uint64_t probe = 0;
};
struct Comparison {
  std::optional<Ticket> join;
};
struct Delivery {};  // of what the other side lacked
using Purpose = std::variant<FallbackPing, Comparison, Delivery>;

struct Joining {
  std::size_t waiting = 0;
  Joined so_far;
};
struct Syncing {
  Instant next{};
  Duration interval{};
  Ticket next_ticket = 1;
  std::map<Ticket, Purpose> exchanges;
  std::map<Ticket, Joining> joins;
};

// An intent about a member that we have not heard of yet.
struct EarlyIntent {
  LamportTime time;
  bool leave = false;
  bool prune = false;
  Instant heard_at{};
};

enum class Farewell : std::uint8_t { none, intended, said, over };
struct Leaving {
  Farewell stage = Farewell::none;
  Ticket ticket = 0;
  Instant next{};
};

enum class Spread : bool { no, yes };

struct State {
  State(Config, Rng, Logger, Instant now);

  Config config;
  Rng rng;
  Logger logger;
  Instant now;
  MemberTable members;
  LamportClock clock;
  Awareness awareness;
  EventWindow events;

  Broadcasts broadcasts;  // gossip.cpp
  std::optional<Instant> next_gossip;
  Instant last_gossip{};

  Probing probing;  // probe.cpp

  std::map<std::string, Suspicion> suspicions;  // verdicts.cpp
  Deadlines<std::string> suspicion_deadlines;
  std::map<std::string, Instant> conflicts_told;

  std::map<std::string, EarlyIntent> early_intents;  // intents.cpp
  Leaving leaving;

  Syncing syncing;  // push_pull.cpp

  Instant next_reap{}, next_reconnect{};  // forget.cpp

  const Member& self() const { return *members.find(config.name); }
  bool is_self(std::string_view name) const { return name == config.name; }
  // Changes a member and has it told.
  template <class Change>
  const Member& edit(const std::string& name, Change&& change) {
    events.before(name, members.find(name), now);
    return members.edit(name, change);
  }
};

// gossip.cpp
Alive alive_of(const Member& member);
// One packet: these messages, and as much news as fits.
void send(State&, const Endpoint& to, std::initializer_list<Message> messages, Output&);
// `about` and its kind name the subject: newer news replaces older.
void spread(State&, const std::string& subject, const Message& news);
void gossip_now(State&, Output&);

// probe.cpp
void start_probe(State&, Output&);
void run_probe_deadlines(State&, Output&);
void probe_soon(State&, const std::string& name);
bool is_for_us(const State&, const Ping&);
void probe_succeeded(State&, std::uint64_t number);
void on_message(State&, const Endpoint& from, const Ping&, Output&);
void on_message(State&, const Endpoint& from, const PingRequest&, Output&);
void on_message(State&, const Endpoint& from, const Ack&, Output&);
void on_message(State&, const Endpoint& from, const Nack&, Output&);

// verdicts.cpp
void hear(State&, const Alive&, Spread, Output&);
void hear(State&, const Suspect&, Spread, Output&);
void hear(State&, const Dead&, Spread, Output&);
void accuse(State&, const std::string& name, const std::string& accuser, Output&);
void expire_suspicions(State&, Output&);
void end_suspicion(State&, const std::string& name);
void on_message(State&, const Endpoint& from, const Alive&, Output&);
void on_message(State&, const Endpoint& from, const Suspect&, Output&);
void on_message(State&, const Endpoint& from, const Dead&, Output&);

// intents.cpp
void hear(State&, const JoinIntent&);
void hear(State&, const LeaveIntent&);
void intend_to_stay(State&);
// What was intended with a member before we heard of it.
void apply_early_intent(State&, const std::string& name);
void on_input(State&, const LeaveAsked&, Output&);
void on_input(State&, const ForceLeaveAsked&, Output&);
void drive_leave(State&, Output&);
void on_message(State&, const Endpoint& from, const JoinIntent&, Output&);
void on_message(State&, const Endpoint& from, const LeaveIntent&, Output&);

// push_pull.cpp
void on_input(State&, const JoinAsked&, Output&);
void on_input(State&, const Asked&, Output&);
void on_input(State&, const Answered&, Output&);
void compare_with(State&, const Endpoint& at, std::optional<Ticket> join, Output&);
void compare_at_random(State&, Output&);
void compare_soon(State&);

// forget.cpp
void reap(State&);
void reconnect(State&, Output&);

}  // namespace core::gossip
