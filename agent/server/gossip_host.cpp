// SPDX-License-Identifier: MPL-2.0
#include "agent/server/gossip_host.h"

#include <algorithm>
#include <utility>

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::gossip::Change;
using core::gossip::MemberEvent;

// What changes in quick succession is written once.
constexpr core::Duration kRememberAfter = 500ms;

// Higher than in this server's earlier lives, even if the clock was set back, and like no other's: milliseconds,
// then random bits.
std::uint64_t next_session(std::uint64_t last, core::WallTime now, core::Rng& rng) {
  constexpr unsigned kRandomBits = 22;
  const auto fresh = (static_cast<std::uint64_t>(now.ns / 1'000'000) << kRandomBits) | rng.below(std::uint64_t{1} << kRandomBits);
  return std::max(fresh, last + 1 + rng.below(1024));
}

}  // namespace

GossipHost::GossipHost(net::uv::Loop& loop, std::unique_ptr<MemberFile> file, core::gossip::Config config, OnEvents on_events,
                       core::Rng rng, core::Logger logger)
    : loop_(loop),
      file_(std::move(file)),
      on_events_(std::move(on_events)),
      log_(logger),
      gossip_(std::move(config), rng, logger, loop.now()),
      timer_(loop, [this] { feed(core::gossip::Woke{}); }),
      remember_later_(loop, [this] { remember(); }) {}

core::Result<std::unique_ptr<GossipHost>> GossipHost::start(net::uv::Loop& loop, store::Env& env, Options options, OnEvents on_events,
                                                            core::Rng rng, core::Logger logger) {
  auto file = std::make_unique<MemberFile>(loop, env, options.directory, logger);
  auto remembered = file->read();
  options.gossip.clock = remembered.clock;
  const auto sender = options.gossip.identity.value;
  std::unique_ptr<GossipHost> host(
      new GossipHost(loop, std::move(file), std::move(options.gossip), std::move(on_events), rng.fork(), logger));
  auto* self = host.get();
  host->session_ = next_session(remembered.session, loop.wall(), rng);
  host->known_before_ = std::move(remembered.others);
  host->encrypted_ = options.keys.has_value();
  auto keys = options.keys ? std::move(*options.keys) : net::secure::Keyring(net::secure::public_key_of(options.cluster));
  TRY(host->socket_, net::GossipSocket::open(loop,
                                             {.address = options.bind,
                                              .keys = std::move(keys),
                                              .packets = {.cluster = options.cluster, .sender = sender, .session = host->session_}},
                                             {.on_packet = [self](core::gossip::Received packet) { self->feed(std::move(packet)); },
                                              .on_question = [self](core::gossip::Asked question) { self->feed(std::move(question)); },
                                              .on_host_question = [self](auto ticket, core::ByteView question) {
                                                if (self->on_question_) return self->on_question_(ticket, question);
                                                self->answer(ticket, std::nullopt);
                                              }},
                                             logger));
  host->bound_ = host->socket_->local();
  host->remember();
  host->timer_.arm(loop.now());
  return host;
}

// Steps never nest: what is fed from inside a step's own effects waits its turn.
void GossipHost::feed(core::gossip::Input input) {
  inputs_.push_back(std::move(input));
  if (stepping_) return;
  stepping_ = true;
  while (!inputs_.empty()) {
    auto next = std::move(inputs_.front());
    inputs_.pop_front();
    carry_out(gossip_.step(std::move(next), loop_.now()));
  }
  stepping_ = false;
  if (const auto deadline = gossip_.next_deadline())
    timer_.arm(*deadline);
  else
    timer_.disarm();
}

void GossipHost::carry_out(core::gossip::Output out) {
  for (const auto& packet : out.send) socket_->send(packet);
  for (const auto& exchange : out.exchanges)
    socket_->ask(exchange, [this, ticket = exchange.ticket](core::Result<core::gossip::Exchanged> answer) {
      feed(core::gossip::Answered{ticket, std::move(answer)});
    });
  for (const auto& answer : out.answers) socket_->answer(answer);
  for (const auto& joined : out.joined) finish(joined);
  if (!out.events.empty()) tell(out.events);
  for (const auto& conflict : out.conflicts)
    LOG(log_, warn, "two servers go by one name", {"name", conflict.name}, {"known", to_string(conflict.known)},
        {"other", to_string(conflict.other)});
  if (out.left && on_left_) std::exchange(on_left_, nullptr)();
}

void GossipHost::tell(const std::vector<MemberEvent>& events) {
  for (const auto& event : events)
    LOG(log_, info, "member " + std::string(to_string(event.change)), {"name", event.member.name},
        {"address", to_string(event.member.endpoint)});
  // Killed before it remembers anybody, it would not find the others again.
  if (!remembers_others_) remember();
  else if (!remember_later_.armed()) remember_later_.arm(loop_.now() + kRememberAfter);
  on_events_(events);
}

void GossipHost::remember() {
  auto known = core::gossip::remember(gossip_.members(), gossip_.self().name, session_, gossip_.counts().clock);
  // A life in which nobody was found yet does not make the next one forget whom to look for.
  if (known.others.empty()) known.others = known_before_;
  remembers_others_ = !known.others.empty();
  file_->write(encode(known));
}

void GossipHost::join(std::vector<core::gossip::Endpoint> at, net::uv::Done<std::size_t> done) {
  const auto is_ours = [&](const core::gossip::Endpoint& e) {
    return e == gossip_.self().endpoint || (e.ip == bound_.ip && e.port == bound_.port);
  };
  const auto ours = std::erase_if(at, is_ours);
  if (at.empty()) return loop_.defer([ours, done = std::move(done)] { done(ours); });
  const auto ticket = next_ticket_++;
  joins_.emplace(ticket, Join{ours, std::move(done)});
  feed(core::gossip::JoinAsked{ticket, std::move(at)});
}

void GossipHost::finish(const core::gossip::Joined& joined) {
  const auto join = joins_.extract(joined.ticket);
  if (!join) return;
  const auto count = joined.joined + join.mapped().ours;
  if (count == 0 && joined.first_error) return join.mapped().done(*joined.first_error);
  join.mapped().done(count);
}

void GossipHost::leave(std::function<void()> done) {
  on_left_ = std::move(done);
  feed(core::gossip::LeaveAsked{});
}

void GossipHost::force_leave(const std::string& name, bool prune) {
  if (gossip_.members().find(name) == nullptr) LOG(log_, warn, "asked to force out a member that is not known", {"name", name});
  feed(core::gossip::ForceLeaveAsked{name, prune});
}

void GossipHost::answer(net::FrameAnswerer::Ticket ticket, const std::optional<core::Bytes>& answer) {
  if (answer) socket_->answer_host(ticket, *answer);
  else socket_->drop_host(ticket);
}

std::map<std::string, std::string> GossipHost::stats() const {
  const auto counts = gossip_.counts();
  const auto text = [](auto number) { return std::to_string(number); };
  return {{"members", text(counts.members)},
          {"failed", text(counts.failed)},
          {"left", text(counts.left)},
          {"member_time", text(counts.clock.value)},
          {"event_time", "1"},
          {"query_time", "1"},
          {"intent_queue", text(counts.broadcasts_queued)},
          {"event_queue", "0"},
          {"query_queue", "0"},
          {"encrypted", encrypted_ ? "true" : "false"},
          {"health_score", text(counts.health_score)},
          {"refused", text(socket_->refused())}};
}

}  // namespace agent::server
