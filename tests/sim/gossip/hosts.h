// SPDX-License-Identifier: MPL-2.0
// Members as agents run them (agent/server/gossip_host, joins, autopilot), done with events: each keeps a file for its
// next life, looks for those it knew and for those it was told of, ends after its goodbye.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/id.h"
#include "tests/sim/gossip/options.h"
#include "tests/sim/gossip/sealed_wire.h"

namespace sim::gossip {

class Hosts : public test::GossipWatcher {
 public:
  using Member = std::size_t;
  enum class Fate : std::uint8_t { running, leaving, left, down };
  struct Host {
    Fate fate = Fate::down;
    std::uint64_t life = 0;
    bool asked_to_go = false;  // ever: by itself, or by an operator
    bool to_forget = false;    // an operator wants it pruned
    core::Bytes file;          // its members file; empty: none was written
    bool writes_soon = false;
    core::Duration pause{};    // until it looks again for those it knew
    core::gossip::Ticket asked = 0;  // of those its configuration names
  };

  Hosts(test::World& world, const Options& options);

  // Starts all, one after the other, within seconds.
  void start();
  void crash(Member member, bool with_host);
  // One that is down or left: at its old address or another, as the old server or a new one by its name.
  void come_back(Member member, bool elsewhere, bool as_another);
  void leave(Member member);
  void force_leave(Member by, Member whom, bool prune);

  std::size_t size() const { return hosts_.size(); }
  // Under which Raft would know it.
  static core::ServerId server_id(Member member);
  const Host& host(Member member) const { return hosts_.at(member); }
  bool runs(Member member) const { return hosts_.at(member).fate == Fate::running; }
  bool all_run() const {
    return std::all_of(hosts_.begin(), hosts_.end(), [](const Host& host) { return host.fate == Fate::running; });
  }
  bool is_bystander(Member member) const { return member < options_.bystanders; }
  // Some member that runs, drawn; the first one if none does.
  Member any(core::Rng& rng) const;
  test::GossipWorld& gossip() { return gossip_; }
  const test::GossipWorld& gossip() const { return gossip_; }
  SealedWire& wire() { return wire_; }
  const Options& options() const { return options_; }

  void after_step(Member member, const core::gossip::Output& out) override;

 private:
  void start(Member member, const test::GossipWorld::Return& how, bool first);
  void look_for_others(Member member);
  void look_for_named(Member member);
  void write_file(Member member);
  template <class Event>
  void later(Member member, core::Duration delay, Event&& event);

  test::World& world_;
  Options options_;
  core::Rng rng_;
  SealedWire wire_;
  test::GossipWorld gossip_;
  std::vector<Host> hosts_;
  core::gossip::Ticket tickets_ = 0;
};

}  // namespace sim::gossip
