// SPDX-License-Identifier: MPL-2.0
#include "agent/server/forwarder.h"

#include <utility>

#include "core/base/fields.h"
#include "core/base/limits.h"
#include "core/server/methods.h"

namespace agent::server {
namespace {

using namespace std::chrono_literals;
using core::Errc;
using core::Error;
using core::server::Answer;
using core::server::Command;
using core::server::Forwarded;

// How often a command that found no leader is tried again.
constexpr core::Duration kRetry = 50ms;

core::Result<Answer> decoded(const core::Result<core::Bytes>& body) {
  if (!body.ok()) return body.error();
  return core::from_json<Answer>(*body, {.bytes = core::limits::kFrameBytesMax});
}

// A client speaks for its own node and repeats itself with newer words: an old one must not come later.
bool is_report(const Command& command) {
  return std::holds_alternative<core::server::RegisterNode>(command) ||
         std::holds_alternative<core::server::UpdateNodeStatus>(command) ||
         std::holds_alternative<core::server::UpdateAllocs>(command);
}

bool nothing_happened(Errc code) { return code == Errc::no_leader || code == Errc::unavailable; }
bool may_have_happened(Errc code) { return code == Errc::unknown_fate || code == Errc::timeout; }
// Refused at the door: says nothing of an earlier attempt.
bool turned_away(Errc code) { return code == Errc::busy || code == Errc::no_space; }

}  // namespace

struct Forwarder::Asked {
  Command command;
  core::RequestId id;  // unset: must not be sent twice
  ServerDriver::AnswerDone done;
  core::Instant until;
  bool passed_on = false;  // by another server: not to be sent on
  bool uncertain = false;  // an earlier attempt may have been carried out
  core::ServerId leader;   // that was asked last
  net::rpc::CallId call{};
};

Forwarder::Forwarder(net::uv::Loop& loop, ServerDriver& driver, net::rpc::ClientPool& pool, RaftWire& wire, core::Rng rng)
    : loop_(loop), driver_(driver), pool_(pool), wire_(wire), ids_(rng), retry_(loop, [this] { retry_held(); }) {}
Forwarder::~Forwarder() = default;

void Forwarder::submit(Command command, ServerDriver::AnswerDone done) {
  // The common case first: a lone leader, with nobody who could take over.
  if (driver_.leads() && driver_.alone()) return driver_.submit(std::move(command), {}, std::move(done));
  auto asked = std::make_shared<Asked>();
  if (!is_report(command)) asked->id = ids_.next();
  asked->command = std::move(command);
  asked->done = std::move(done);
  asked->until = loop_.now() + kHold;
  ++open_;
  attempt(asked);
}

void Forwarder::attempt(const AskedPtr& asked) {
  if (driver_.leads())
    return driver_.submit(asked->command, asked->id,
                          lifetime_.guard([this, asked](core::Result<Answer> answer) { settle(asked, std::move(answer)); }));
  if (asked->passed_on && !driver_.about_to_lead()) return finish(asked, Error{Errc::no_leader, "this server does not lead"});
  const auto leader = driver_.about_to_lead() ? std::nullopt : driver_.leader();
  const auto address = leader ? wire_.find(*leader) : std::nullopt;
  if (!address) return later(asked);
  send(asked, *leader, *address);
}

void Forwarder::send(const AskedPtr& asked, const core::ServerId& leader, const net::uv::Address& address) {
  auto [method, body] = core::server::to_wire(asked->command);
  const Forwarded forwarded{.method = method, .body = std::move(body), .request = asked->id};
  asked->leader = leader;
  away_.insert(asked);
  asked->call = pool_.request({address}, core::server::kMethodOf<Forwarded>, core::to_compact_json(forwarded),
                              {.timeout = asked->until - loop_.now()},
                              lifetime_.guard([this, asked](core::Result<core::Bytes> reply) {
                                away_.erase(asked);
                                settle(asked, decoded(reply));
                              }));
}

void Forwarder::settle(const AskedPtr& asked, core::Result<Answer> answer) {
  if (answer.ok()) return finish(asked, std::move(answer));
  const auto code = answer.error().code;
  const bool again = asked->id.set() && may_have_happened(code);
  asked->uncertain = asked->uncertain || again;
  if (again || nothing_happened(code) || (asked->uncertain && turned_away(code))) return later(asked);
  finish(asked, std::move(answer));
}

void Forwarder::finish(const AskedPtr& asked, core::Result<Answer> answer) {
  asked->done(std::move(answer));
  if (--open_ == 0 && idle_) std::exchange(idle_, {})();
}

void Forwarder::when_idle(std::function<void()> done) {
  if (open_ == 0) return done();
  idle_ = std::move(done);
}

void Forwarder::later(const AskedPtr& asked) {
  if (loop_.now() + kRetry >= asked->until) {
    if (asked->uncertain) return finish(asked, Error{Errc::unknown_fate, "no answer from a leader; the write may or may not have been committed"});
    return finish(asked, Error{Errc::no_leader, "No cluster leader"});
  }
  held_.push_back(asked);
  if (!retry_.armed()) retry_.arm(loop_.now() + kRetry);
}

void Forwarder::retry_held() {
  for (const auto& asked : std::exchange(held_, {})) attempt(asked);
}

void Forwarder::leader_changed() {
  // A leader that lost its office may be cut off, and never answer.
  std::vector<AskedPtr> lost;
  for (const auto& asked : away_)
    if (asked->id.set() && driver_.has_leader() && asked->leader != driver_.leader()) lost.push_back(asked);
  for (const auto& asked : lost) {
    pool_.cancel(asked->call);
    away_.erase(asked);
    asked->uncertain = true;
    held_.push_back(asked);
  }
  retry_held();
}

void Forwarder::serve(net::rpc::Dispatcher& dispatcher) {
  dispatcher.on_request(core::server::kMethodOf<Forwarded>, net::rpc::kServers,
                        lifetime_.guard([this](net::rpc::Inbound inbound) { carry_out(inbound.body, inbound.reply); }));
}

void Forwarder::carry_out(core::ByteView body, const net::rpc::Reply& reply) {
  driver_.meters().rpc_requests.add();
  const auto forwarded = core::from_json<Forwarded>(body, {.bytes = core::limits::kFrameBytesMax});
  if (!forwarded.ok()) return reply.fail(forwarded.error());
  auto command = core::server::command_from_wire(forwarded->method, forwarded->body);
  if (!command.ok()) return reply.fail(command.error());
  auto done = [reply](core::Result<Answer> answer) {
    if (answer.ok()) reply.ok(core::to_compact_json(*answer));
    else reply.fail(answer.error());
  };
  if (driver_.leads()) return driver_.submit(std::move(*command), forwarded->request, std::move(done));
  // Elected, and not yet done with what earlier leaders committed: that is a matter of milliseconds.
  auto asked = std::make_shared<Asked>();
  asked->command = std::move(*command);
  asked->id = forwarded->request;
  asked->done = std::move(done);
  asked->until = loop_.now() + kHold;
  asked->passed_on = true;
  ++open_;
  attempt(asked);
}

}  // namespace agent::server
