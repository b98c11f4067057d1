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

}  // namespace

GossipWorld::GossipWorld(std::uint64_t seed, GossipNetwork network, Timing timing) : rng_(seed), network_(network), timing_(timing) {}
GossipWorld::~GossipWorld() = default;

GossipWorld::Member GossipWorld::start(std::string name, Tags tags) {
  const Member member = nodes_.size();
  auto node = std::make_unique<Node>();
  node->name = name.empty() ? "m" + std::to_string(member) : std::move(name);
  node->identity = Identity{rng_.next()};
  node->endpoint = {"10.0." + std::to_string(member / 250) + "." + std::to_string(member % 250), 4648};
  node->tags = std::move(tags);
  places_.emplace(node->endpoint, member);
  nodes_.push_back(std::move(node));
  boot(member);
  return member;
}

void GossipWorld::start_cluster(std::size_t members) {
  for (std::size_t i = 0; i < members; ++i) {
    start();
    if (i > 0) schedule(now_ + rng_.jitter(1s), [this, i] { join(i, 0); });
  }
  if (!run_until([this] { return converged(); })) PANIC("the cluster does not come together");
}

void GossipWorld::boot(Member member) {
  auto& node = at(member);
  ++node.life;
  node.left = false;
  node.gossip.emplace(Config{node.name, node.identity, node.endpoint, node.tags, timing_, {}}, rng_.fork(), core::Logger(), now_);
  node.armed.reset();
  arm(member);
}

void GossipWorld::crash(Member member) { at(member).gossip.reset(); }

void GossipWorld::restart(Member member, bool elsewhere) {
  auto& node = at(member);
  if (elsewhere) {
    places_.erase(node.endpoint);
    node.endpoint.port = static_cast<std::uint16_t>(node.endpoint.port + 1);
    places_.emplace(node.endpoint, member);
  }
  boot(member);
}

void GossipWorld::join(Member member, Member to) { feed(member, JoinAsked{1, {endpoint(to)}}); }
void GossipWorld::leave(Member member) { feed(member, LeaveAsked{1}); }
void GossipWorld::force_leave(Member by, Member whom, bool prune) { feed(by, ForceLeaveAsked{name(whom), prune}); }

void GossipWorld::feed(Member member, Input input) {
  auto& node = at(member);
  if (!node.gossip) return;
  carry_out(member, node.gossip->step(std::move(input), now_));
  arm(member);
}

void GossipWorld::arm(Member member) {
  auto& node = at(member);
  const auto deadline = node.gossip->next_deadline();
  if (!deadline || node.armed == deadline) return;
  node.armed = deadline;
  const auto late = rng_.jitter(node.slow);
  schedule(std::max(*deadline, now_) + late, [this, member, life = node.life, set = *deadline] {
    auto& n = at(member);
    if (!n.gossip || n.life != life || n.armed != set) return;
    n.armed.reset();
    feed(member, Woke{});
  });
}

void GossipWorld::schedule(Instant when, std::function<void()> act) { events_.push({when, next_order_++, std::move(act)}); }

Instant GossipWorld::arrival(Member to, bool stream) {
  auto when = now_ + network_.delay_min + rng_.jitter(network_.delay_max - network_.delay_min) + rng_.jitter(at(to).slow);
  while (stream && rng_.chance(network_.loss_per_mille)) when += kResend;
  return when;
}

bool GossipWorld::connected(Member a, Member b) const { return !cut_ || (a >= *cut_) == (b >= *cut_); }

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
  for (const auto& event : out.events) told_.push_back({now_, member, event.change, event.member.name});
  if (out.left) node.left = true;
}

void GossipWorld::send(Member from, const Packet& packet) {
  bytes_sent_ += packet.bytes.size();
  ++packets_sent_;
  const auto to = at_endpoint(packet.to);
  if (!to) return;
  const int copies = rng_.chance(network_.loss_per_mille) ? 0 : rng_.chance(network_.duplicate_per_mille) ? 2 : 1;
  for (int i = 0; i < copies; ++i)
    schedule(arrival(*to, false), [this, from, to = *to, where = at(from).endpoint, bytes = packet.bytes] {
      if (connected(from, to)) deliver(to, where, bytes);
    });
}

void GossipWorld::deliver(Member to, const Endpoint& from, core::ByteView packet) {
  auto messages = decode_packet(packet);
  if (messages.ok()) feed(to, Received{from, std::move(*messages)});
}

void GossipWorld::open(Member from, const Exchange& exchange) {
  const Stream stream{from, at(from).life, exchange.ticket};
  const auto number = next_stream_++;
  streams_.emplace(number, stream);
  const auto question = encode(exchange.question);
  bytes_sent_ += question.size();
  schedule(now_ + exchange.timeout, [this, number] {
    const auto found = streams_.extract(number);
    if (found) close(found.mapped(), core::Error{core::Errc::timeout, "no answer"});
  });
  const auto to = at_endpoint(exchange.to);
  if (!to) return;
  // One round trip to connect, then the question.
  schedule(arrival(*to, true) + 2 * network_.delay_min, [this, from, to = *to, number, question] {
    if (!connected(from, to)) return;
    const auto decoded = decode_exchange(question);
    if (decoded.ok()) feed(to, Asked{number, *decoded});
  });
}

void GossipWorld::answer(Member from, const Answer& reply) {
  const auto it = streams_.find(reply.ticket);
  if (it == streams_.end()) return;
  const auto bytes = encode(reply.answer);
  bytes_sent_ += bytes.size();
  schedule(arrival(it->second.asker, true), [this, from, ticket = reply.ticket, bytes] {
    const auto stream = streams_.find(ticket);
    if (stream == streams_.end() || !connected(from, stream->second.asker)) return;
    close(streams_.extract(stream).mapped(), decode_exchange(bytes));
  });
}

void GossipWorld::close(const Stream& stream, core::Result<Exchanged> answer) {
  if (at(stream.asker).life == stream.life) feed(stream.asker, Answered{stream.ticket, std::move(answer)});
}

void GossipWorld::run_for(Duration span) {
  const auto until = now_ + span;
  while (!events_.empty() && events_.top().at <= until) {
    now_ = std::max(now_, events_.top().at);
    const auto act = std::move(const_cast<Event&>(events_.top()).act);
    events_.pop();
    act();
  }
  now_ = until;
}

bool GossipWorld::run_until(const std::function<bool()>& holds, Duration limit) {
  for (const auto until = now_ + limit; now_ < until;) {
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
  for (const auto& node : nodes_) running += node->gossip && !node->left ? 1 : 0;
  for (Member i = 0; i < nodes_.size(); ++i) {
    if (!at(i).gossip || at(i).left) continue;
    const auto& members = gossip(i).members();
    if (members.living() != running) return false;
    for (Member j = 0; j < nodes_.size(); ++j)
      if (at(j).gossip && !at(j).left && standing(i, j) != Standing::alive) return false;
  }
  return true;
}

std::size_t GossipWorld::times_told(Change change) const {
  return static_cast<std::size_t>(std::count_if(told_.begin(), told_.end(), [&](const Told& t) { return t.change == change; }));
}

}  // namespace test
