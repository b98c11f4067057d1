// SPDX-License-Identifier: MPL-2.0
// N real members in virtual time, on a network that loses, repeats, delays and cuts off. One seed is
// one history; every packet and exchange passes through its wire form.
//
// Members are "m0", "m1", ... unless named; each has an address of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "core/gossip/gossip.h"

namespace test {

struct GossipNetwork {
  std::uint32_t loss_per_mille = 0;
  std::uint32_t duplicate_per_mille = 0;
  core::Duration delay_min = std::chrono::microseconds(200);
  core::Duration delay_max = std::chrono::milliseconds(2);
};

class GossipWorld {
 public:
  using Member = std::size_t;
  struct Told {  // of one member's events
    core::Instant at;
    Member by = 0;
    core::gossip::Change change{};
    std::string about;
  };

  explicit GossipWorld(std::uint64_t seed = 1, GossipNetwork network = {}, core::gossip::Timing timing = core::gossip::lan());
  ~GossipWorld();

  // Starts one more member that knows nobody.
  Member start(std::string name = {}, core::gossip::Tags tags = {});
  // Starts so many, each joining the first one within a second, and runs until all know all.
  void start_cluster(std::size_t members);
  void join(Member member, Member at);
  void leave(Member member);
  void force_leave(Member by, Member whom, bool prune = false);
  void feed(Member member, core::gossip::Input input);
  void deliver(Member to, const core::gossip::Endpoint& from, core::ByteView packet);
  // Stops answering, as a host that lost its power.
  void crash(Member member);
  // With nothing but its name, identity and address; or another address.
  void restart(Member member, bool elsewhere = false);
  // Everything this member does happens up to so much later.
  void slow_down(Member member, core::Duration by) { at(member).slow = by; }
  // The members from `first` on can no longer be reached by the others, nor reach them.
  void cut(Member first) { cut_ = first; }
  void heal() { cut_.reset(); }
  void set_network(GossipNetwork network) { network_ = network; }

  void run_for(core::Duration span);
  // False if it did not come true within `limit` of virtual time.
  bool run_until(const std::function<bool()>& holds, core::Duration limit = std::chrono::seconds(60));

  core::Instant now() const { return now_; }
  std::size_t size() const { return nodes_.size(); }
  const core::gossip::Gossip& gossip(Member member) const;
  const std::string& name(Member member) const;
  core::gossip::Endpoint endpoint(Member member) const;
  // How `of` stands with `by`; nothing if it is not known there.
  std::optional<core::gossip::Standing> standing(Member by, Member of) const;
  // All who run, but for the member itself, see it so.
  bool all_see(Member member, core::gossip::Standing standing) const;
  // Nobody who runs knows it any more.
  bool forgotten(Member member) const;
  // All who run know each other as alive, and nobody else.
  bool converged() const;
  const std::vector<Told>& told() const { return told_; }
  // How often anybody was told this of anybody.
  std::size_t times_told(core::gossip::Change change) const;
  const std::vector<core::gossip::Conflict>& conflicts(Member member) const { return at(member).conflicts; }
  const std::vector<core::gossip::Joined>& joined(Member member) const { return at(member).joined; }
  bool has_left(Member member) const { return at(member).left; }
  // Bytes and packets sent by all, exchanges included, as they come out of core/gossip.
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  std::uint64_t packets_sent() const { return packets_sent_; }

 private:
  struct Node {
    std::string name;
    core::gossip::Identity identity;
    core::gossip::Endpoint endpoint;
    core::gossip::Tags tags;
    std::optional<core::gossip::Gossip> gossip;  // while it runs
    std::uint64_t life = 0;
    std::optional<core::Instant> armed;
    core::Duration slow{};
    bool left = false;
    std::vector<core::gossip::Conflict> conflicts;
    std::vector<core::gossip::Joined> joined;
  };
  struct Event {
    core::Instant at;
    std::uint64_t order = 0;
    std::function<void()> act;
    bool operator>(const Event& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
  };

  Node& at(Member member) { return *nodes_.at(member); }
  const Node& at(Member member) const { return *nodes_.at(member); }
  void schedule(core::Instant when, std::function<void()> act);
  core::Instant arrival(Member to, bool stream);
  bool connected(Member a, Member b) const;
  std::optional<Member> at_endpoint(const core::gossip::Endpoint& endpoint) const;
  void boot(Member member);
  void arm(Member member);
  void carry_out(Member member, core::gossip::Output out);
  void send(Member from, const core::gossip::Packet& packet);
  void open(Member from, const core::gossip::Exchange& exchange);
  void answer(Member from, const core::gossip::Answer& answer);
  struct Stream {
    Member asker = 0;
    std::uint64_t life = 0;
    core::gossip::Ticket ticket = 0;
  };
  void close(const Stream& stream, core::Result<core::gossip::Exchanged> answer);

  core::Rng rng_;
  GossipNetwork network_;
  core::gossip::Timing timing_;
  core::Instant now_{std::chrono::seconds(1000)};
  std::uint64_t next_order_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::map<core::gossip::Endpoint, Member> places_;
  std::optional<Member> cut_;
  core::gossip::Ticket next_stream_ = 1;
  std::map<core::gossip::Ticket, Stream> streams_;
  std::vector<Told> told_;
  std::uint64_t bytes_sent_ = 0, packets_sent_ = 0;
};

}  // namespace test
