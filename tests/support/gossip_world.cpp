// SPDX-License-Identifier: MPL-2.0
#include "tests/support/gossip_world.h"

#include <algorithm>
#include <utility>

namespace test {

using namespace core::gossip;
using core::Duration;
using core::Instant;
using namespace std::chrono_literals;

namespace {

// What a stream loses is sent again, a little later.
constexpr Duration kResend = 200ms;
// Packets that wait for a process that stands still.
constexpr std::size_t kWaitingMost = 256;

LinkOptions link_options(const GossipNetwork& n) { return {n.delay_max - n.delay_min, n.loss_per_mille, n.duplicate_per_mille}; }

}  // namespace

GossipWorld::GossipWorld(std::uint64_t seed, GossipNetwork network, Timing timing)
    : own_world_(std::make_unique<World>(seed)),
      own_wire_(std::make_unique<GossipWire>()),
      world_(*own_world_),
      wire_(*own_wire_),
      rng_(world_.rng().fork()),
      network_(network),
      timing_(timing),
      links_(link_options(network), rng_.fork()) {}

GossipWorld::GossipWorld(World& world, GossipWire& wire, GossipNetwork network, Timing timing)
    : world_(world), wire_(wire), rng_(world_.rng().fork()), network_(network), timing_(timing), links_(link_options(network), rng_.fork()) {}

GossipWorld::~GossipWorld() = default;

void GossipWorld::set_network(GossipNetwork network) {
  network_ = network;
  links_.set(link_options(network));
}

GossipWorld::Member GossipWorld::add(const Birth& birth) {
  const Member member = nodes_.size();
  auto node = std::make_unique<Node>();
  node->name = birth.name.empty() ? "m" + std::to_string(member) : birth.name;
  node->identity = Identity{rng_.next()};
  node->endpoint = {"10.0." + std::to_string(member / 250) + "." + std::to_string(member % 250), 4648};
  node->tags = birth.tags;
  node->region = birth.region;
  node->drift_per_mille = birth.drift_per_mille;
  places_.emplace(node->endpoint, member);
  nodes_.push_back(std::move(node));
  return member;
}

GossipWorld::Member GossipWorld::start(const Birth& birth) {
  const auto member = add(birth);
  boot(member, {});
  return member;
}

void GossipWorld::start_cluster(std::size_t members) {
  for (std::size_t i = 0; i < members; ++i) {
    start();
    if (i > 0) world_.after(rng_.jitter(1s), [this, i] { join(i, 0); });
  }
  if (!run_until([this] { return converged(); })) PANIC("the cluster does not come together");
}

void GossipWorld::boot(Member member, LamportTime clock) {
  auto& node = at(member);
  ++node.life;
  node.left = node.paused = false;
  node.waiting.clear();
  wire_.start(member, node.identity);
  node.gossip.emplace(Config{node.name, node.identity, node.endpoint, node.tags, timing_, clock}, rng_.fork(), core::Logger(), shown(node));
  node.armed.reset();
  arm(member);
}

void GossipWorld::crash(Member member, bool with_host) {
  auto& node = at(member);
  node.gossip.reset();
  node.host_up = !with_host;
  node.paused = false;
  node.waiting.clear();
}

void GossipWorld::restart(Member member, const Return& how) {
  auto& node = at(member);
  if (how.elsewhere) {
    places_.erase(node.endpoint);
    node.endpoint.port = static_cast<std::uint16_t>(node.endpoint.port + 1);
    places_.emplace(node.endpoint, member);
  }
  if (how.as_another) node.identity = Identity{rng_.next()};
  boot(member, how.clock);
}

void GossipWorld::resume(Member member) {
  auto& node = at(member);
  if (!node.paused) return;
  node.paused = false;
  const auto waiting = std::exchange(node.waiting, {});
  if (node.gossip && node.armed && *node.armed <= shown(node)) feed(member, Woke{});
  for (const auto& event : waiting) event();
}

void GossipWorld::join(Member member, Member to) { feed(member, JoinAsked{1, {endpoint(to)}}); }
void GossipWorld::leave(Member member) { feed(member, LeaveAsked{1}); }
void GossipWorld::force_leave(Member by, Member whom, bool prune) { feed(by, ForceLeaveAsked{name(whom), prune}); }

// True: it stands still, and will do that later.
template <class Event>
bool GossipWorld::wait(Node& node, Event&& event) {
  if (!node.paused) return false;
  if (node.waiting.size() < kWaitingMost) node.waiting.push_back(std::forward<Event>(event));
  return true;
}

void GossipWorld::feed(Member member, Input input) {
  auto& node = at(member);
  if (!node.gossip || wait(node, [this, member, input] { feed(member, input); })) return;
  for (auto* watcher : watchers_) watcher->before_step(member, input);
  auto out = node.gossip->step(std::move(input), shown(node));
  arm(member);
  for (auto* watcher : watchers_) watcher->after_step(member, out);
  carry_out(member, std::move(out));
}

Instant GossipWorld::shown(const Node& node) const {
  const auto passed = now().time_since_epoch();
  return Instant{passed + passed * node.drift_per_mille / 1000};
}

Duration GossipWorld::until_shown(const Node& node, Instant when) const {
  const auto passed = when.time_since_epoch();
  if (node.drift_per_mille == 0) return passed - now().time_since_epoch();
  return passed / (1000 + node.drift_per_mille) * 1000 + 1us - now().time_since_epoch();
}

void GossipWorld::arm(Member member) {
  auto& node = at(member);
  const auto deadline = node.gossip->next_deadline();
  if (!deadline || node.armed == deadline) return;
  node.armed = deadline;
  const auto late = rng_.jitter(node.slow);
  world_.after(std::max(until_shown(node, *deadline), Duration(0)) + late, [this, member, life = node.life, set = *deadline] {
    auto& n = at(member);
    if (!n.gossip || n.life != life || n.armed != set || n.paused) return;
    n.armed.reset();
    feed(member, Woke{});
  });
}

Duration GossipWorld::travel(Member from, Member to, bool stream) {
  auto takes = network_.delay_min + links_.delay() + rng_.jitter(at(to).slow);
  if (at(from).region != at(to).region) takes += network_.between_regions;
  while (stream && rng_.chance(network_.loss_per_mille)) takes += kResend;
  return takes;
}

std::optional<GossipWorld::Member> GossipWorld::at_endpoint(const Endpoint& endpoint) const {
  const auto it = places_.find(endpoint);
  return it == places_.end() ? std::nullopt : std::optional(it->second);
}

void GossipWorld::carry_out(Member member, Output out) {
  auto& node = at(member);
  for (const auto& packet : out.send) send(member, packet);
  for (const auto& exchange : out.exchanges) open(member, exchange);
  for (const auto& reply : out.answers) answer(member, reply);
  for (auto& joined : out.joined) node.joined.push_back(std::move(joined));
  for (auto& conflict : out.conflicts) node.conflicts.push_back(std::move(conflict));
  for (const auto& event : out.events) told_.push_back({now(), member, event.change, event.member.name});
  if (out.left) node.left = true;
}

void GossipWorld::send(Member from, const Packet& packet) {
  const auto bytes = wire_.seal(from, packet.bytes);
  bytes_sent_ += bytes.size();
  ++packets_sent_;
  const auto to = at_endpoint(packet.to);
  if (!to) return;
  wire_.carried(from, *to, false, bytes);
  for (int i = links_.copies(); i > 0; --i)
    world_.after(travel(from, *to, false), [this, from, to = *to, where = at(from).endpoint, bytes] {
      if (links_.carries(from, to)) deliver(to, where, bytes);
    });
}

void GossipWorld::deliver(Member to, const Endpoint& from, core::ByteView packet) {
  auto& node = at(to);
  if (!node.gossip || wait(node, [this, to, from, bytes = core::Bytes(packet)] { deliver(to, from, bytes); })) return;
  auto messages = wire_.open_packet(to, from, packet);
  if (messages.ok()) feed(to, Received{from, std::move(*messages)});
}

void GossipWorld::open(Member from, const Exchange& exchange) {
  const auto number = next_stream_++;
  streams_.emplace(number, Stream{from, at(from).life, exchange.ticket});
  const auto question = wire_.seal(from, encode(exchange.question));
  bytes_sent_ += question.size();
  world_.after(exchange.timeout, [this, number] { close(number, core::Error{core::Errc::timeout, "no answer"}); });
  const auto to = at_endpoint(exchange.to);
  if (!to) return;
  wire_.carried(from, *to, true, question);
  const bool breaks = rng_.chance(network_.broken_streams_per_mille);
  // One round trip to connect, then the question.
  world_.after(travel(from, *to, true) + 2 * network_.delay_min, [this, from, to = *to, number, question, breaks] {
    if (!links_.carries(from, to) || !links_.carries(to, from)) return;
    if (breaks || (!at(to).gossip && at(to).host_up)) return close(number, core::Error{core::Errc::unavailable, "connection broke"});
    ask(from, to, number, question);
  });
}

void GossipWorld::ask(Member from, Member to, Ticket number, const core::Bytes& question) {
  auto& node = at(to);
  if (!node.gossip || wait(node, [this, from, to, number, question] { ask(from, to, number, question); })) return;
  auto asked = wire_.open_exchange(to, at(from).endpoint, question);
  if (asked.ok()) feed(to, Asked{number, std::move(*asked)});
}

void GossipWorld::deliver_question(Member to, const Endpoint& from, core::ByteView question) {
  auto& node = at(to);
  if (!node.gossip || wait(node, [this, to, from, bytes = core::Bytes(question)] { deliver_question(to, from, bytes); })) return;
  auto asked = wire_.open_exchange(to, from, question);
  if (asked.ok()) feed(to, Asked{next_stream_++, std::move(*asked)});
}

void GossipWorld::answer(Member from, const Answer& reply) {
  const auto bytes = wire_.seal(from, encode(reply.answer));
  bytes_sent_ += bytes.size();
  const auto it = streams_.find(reply.ticket);
  if (it == streams_.end()) return;
  const auto to = it->second.asker;
  const bool breaks = rng_.chance(network_.broken_streams_per_mille);
  world_.after(travel(from, to, true), [this, from, to, ticket = reply.ticket, bytes, breaks] {
    if (!links_.carries(from, to) || !links_.carries(to, from) || !streams_.contains(ticket)) return;
    if (breaks) return close(ticket, core::Error{core::Errc::unavailable, "connection broke"});
    close(ticket, wire_.open_exchange(to, at(from).endpoint, bytes));
  });
}

void GossipWorld::close(Ticket number, const core::Result<Exchanged>& answer) {
  const auto found = streams_.extract(number);
  if (!found) return;
  const auto& stream = found.mapped();
  if (at(stream.asker).life == stream.life) feed(stream.asker, Answered{stream.ticket, answer});
}

void GossipWorld::cut(Member first) {
  std::vector<Member> these, those;
  for (Member i = 0; i < nodes_.size(); ++i) (i < first ? these : those).push_back(i);
  links_.part(these, those, false);
}

void GossipWorld::run_for(Duration span) { world_.run_until(now() + span); }

bool GossipWorld::run_until(const std::function<bool()>& holds, Duration limit) {
  for (const auto until = now() + limit; now() < until && world_.broken().empty();) {
    if (holds()) return true;
    run_for(50ms);
  }
  return holds();
}

const Gossip& GossipWorld::gossip(Member member) const { return *at(member).gossip; }
const std::string& GossipWorld::name(Member member) const { return at(member).name; }
Endpoint GossipWorld::endpoint(Member member) const { return at(member).endpoint; }

std::optional<Standing> GossipWorld::standing(Member by, Member of) const {
  const auto* member = gossip(by).members().find(name(of));
  return member == nullptr ? std::nullopt : std::optional(member->standing());
}

bool GossipWorld::all_see(Member member, Standing standing) const {
  for (Member i = 0; i < nodes_.size(); ++i)
    if (i != member && at(i).gossip && !at(i).left && this->standing(i, member) != standing) return false;
  return true;
}

bool GossipWorld::forgotten(Member member) const {
  for (Member i = 0; i < nodes_.size(); ++i)
    if (i != member && at(i).gossip && standing(i, member)) return false;
  return true;
}

bool GossipWorld::converged() const {
  std::size_t running = 0;
  for (Member i = 0; i < nodes_.size(); ++i) running += this->running(i) ? 1 : 0;
  const MemberTable* one = nullptr;  // whose member sees everybody as alive
  for (Member i = 0; i < nodes_.size(); ++i) {
    if (!this->running(i)) continue;
    const auto& members = gossip(i).members();
    if (members.living() != running) return false;
    // A table like one that was looked at need not be.
    if (one != nullptr && one->digest() == members.digest()) continue;
    for (Member j = 0; j < nodes_.size(); ++j)
      if (this->running(j) && standing(i, j) != Standing::alive) return false;
    one = &members;
  }
  return true;
}

std::size_t GossipWorld::times_told(Change change) const {
  return static_cast<std::size_t>(std::count_if(told_.begin(), told_.end(), [&](const Told& t) { return t.change == change; }));
}

}  // namespace test
