// SPDX-License-Identifier: MPL-2.0
// N real members in virtual time, on a network that loses, repeats, delays and cuts off, each with a clock of its
// own. One seed is one history; every packet and exchange passes through its wire form.
//
// Members are "m0", "m1", ... unless named; each has an address of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/gossip/gossip.h"
#include "tests/support/links.h"
#include "tests/support/world.h"

namespace test {

struct GossipNetwork {
  std::uint32_t loss_per_mille = 0;
  std::uint32_t duplicate_per_mille = 0;
  core::Duration delay_min = std::chrono::microseconds(200);
  core::Duration delay_max = std::chrono::milliseconds(2);
  core::Duration between_regions{};              // on top, one way
  std::uint32_t broken_streams_per_mille = 0;    // before the question or its answer arrives
};

// What stands between members and the network: here, nothing.
class GossipWire {
 public:
  using Member = std::size_t;
  virtual ~GossipWire() = default;
  // A new life of it begins.
  virtual void start(Member, core::gossip::Identity) {}
  virtual core::Bytes seal(Member, core::ByteView bytes) { return core::Bytes(bytes); }
  virtual core::Result<std::vector<core::gossip::Message>> open_packet(Member, const core::gossip::Endpoint&, core::ByteView bytes) {
    return core::gossip::decode_packet(bytes);
  }
  virtual core::Result<core::gossip::Exchanged> open_exchange(Member, const core::gossip::Endpoint&, core::ByteView bytes) {
    return core::gossip::decode_exchange(bytes);
  }
  // It is on its way, or would be if it were not lost.
  virtual void carried(Member, Member, bool, const core::Bytes&) {}
};

// Whoever wants to look at every step.
class GossipWatcher {
 public:
  virtual ~GossipWatcher() = default;
  virtual void before_step(std::size_t, const core::gossip::Input&) {}
  virtual void after_step(std::size_t, const core::gossip::Output&) {}
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
  struct Birth {
    std::string name;
    core::gossip::Tags tags;
    std::size_t region = 0;
    std::int64_t drift_per_mille = 0;  // its clock runs that much too fast
  };
  struct Return {
    bool elsewhere = false;           // at another address
    core::gossip::LamportTime clock;  // that it remembers
    bool as_another = false;          // a new server by the old one's name
  };

  explicit GossipWorld(std::uint64_t seed = 1, GossipNetwork network = {}, core::gossip::Timing timing = core::gossip::lan());
  // In a world in which more than gossip happens. Both outlive this.
  GossipWorld(World& world, GossipWire& wire, GossipNetwork network, core::gossip::Timing timing);
  ~GossipWorld();
  // It outlives this.
  void watch(GossipWatcher& watcher) { watchers_.push_back(&watcher); }

  // Starts one more member that knows nobody.
  Member start(const Birth& birth);
  Member start() { return start(Birth{}); }
  // Adds one without starting it.
  Member add(const Birth& birth);
  // Starts so many, each joining the first one within a second, and runs until all know all.
  void start_cluster(std::size_t members);
  void join(Member member, Member at);
  void leave(Member member);
  void force_leave(Member by, Member whom, bool prune = false);
  void feed(Member member, core::gossip::Input input);
  // Here is a packet, or a stream with a question, whoever sent it.
  void deliver(Member to, const core::gossip::Endpoint& from, core::ByteView packet);
  void deliver_question(Member to, const core::gossip::Endpoint& from, core::ByteView question);
  // Stops answering, as a host that lost its power; or its host says that nobody listens any more.
  void crash(Member member, bool with_host = true);
  // With its name, identity and address, unless told otherwise.
  void restart(Member member, const Return& how);
  void restart(Member member, bool elsewhere = false) { restart(member, Return{.elsewhere = elsewhere, .clock = {}}); }
  // Stands still. What is sent to it waits, as much as a socket takes; then timers come first, as in a process.
  void pause(Member member) { at(member).paused = true; }
  void resume(Member member);
  // Everything this member does happens up to so much later.
  void slow_down(Member member, core::Duration by) { at(member).slow = by; }
  // The members from `first` on can no longer be reached by the others, nor reach them.
  void cut(Member first);
  void heal() { links_.heal(); }
  Links<Member>& links() { return links_; }
  void set_network(GossipNetwork network);
  World& world() { return world_; }

  void run_for(core::Duration span);
  // False if it did not come true within `limit` of virtual time.
  bool run_until(const std::function<bool()>& holds, core::Duration limit = std::chrono::seconds(60));

  core::Instant now() const { return world_.now(); }
  std::size_t size() const { return nodes_.size(); }
  bool running(Member member) const { return at(member).gossip && !at(member).left; }
  bool paused(Member member) const { return at(member).paused; }
  const core::gossip::Gossip& gossip(Member member) const;
  const std::string& name(Member member) const;
  core::gossip::Endpoint endpoint(Member member) const;
  core::gossip::Identity identity(Member member) const { return at(member).identity; }
  // What its clock shows.
  core::Instant clock(Member member) const { return shown(at(member)); }
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
  // Bytes and packets sent by all, exchanges included, as the wire has them.
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  std::uint64_t packets_sent() const { return packets_sent_; }

 private:
  struct Node {
    std::string name;
    core::gossip::Identity identity;
    core::gossip::Endpoint endpoint;
    core::gossip::Tags tags;
    std::size_t region = 0;
    std::int64_t drift_per_mille = 0;
    std::optional<core::gossip::Gossip> gossip;  // while it runs
    std::uint64_t life = 0;
    std::optional<core::Instant> armed;          // by its own clock
    bool host_up = false;                        // when it does not run
    bool paused = false;
    std::vector<std::function<void()>> waiting;  // until it goes on
    core::Duration slow{};
    bool left = false;
    std::vector<core::gossip::Conflict> conflicts;
    std::vector<core::gossip::Joined> joined;
  };
  struct Stream {
    Member asker = 0;
    std::uint64_t life = 0;
    core::gossip::Ticket ticket = 0;
  };

  Node& at(Member member) { return *nodes_.at(member); }
  const Node& at(Member member) const { return *nodes_.at(member); }
  core::Instant shown(const Node& node) const;
  core::Duration until_shown(const Node& node, core::Instant when) const;
  core::Duration travel(Member from, Member to, bool stream);
  std::optional<Member> at_endpoint(const core::gossip::Endpoint& endpoint) const;
  void boot(Member member, core::gossip::LamportTime clock);
  void arm(Member member);
  void carry_out(Member member, core::gossip::Output out);
  void send(Member from, const core::gossip::Packet& packet);
  void open(Member from, const core::gossip::Exchange& exchange);
  void ask(Member from, Member to, core::gossip::Ticket number, const core::Bytes& question);
  void answer(Member from, const core::gossip::Answer& answer);
  void close(core::gossip::Ticket number, const core::Result<core::gossip::Exchanged>& answer);
  template <class Event>
  bool wait(Node& node, Event&& event);

  std::unique_ptr<World> own_world_;
  std::unique_ptr<GossipWire> own_wire_;
  World& world_;
  GossipWire& wire_;
  core::Rng rng_;
  GossipNetwork network_;
  core::gossip::Timing timing_;
  Links<Member> links_;
  std::vector<GossipWatcher*> watchers_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::map<core::gossip::Endpoint, Member> places_;
  core::gossip::Ticket next_stream_ = 1;
  std::map<core::gossip::Ticket, Stream> streams_;
  std::vector<Told> told_;
  std::uint64_t bytes_sent_ = 0, packets_sent_ = 0;
};

}  // namespace test
