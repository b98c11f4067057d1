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
using core::server::Forwarded;

// How often a command that found no leader is tried again.
constexpr core::Duration kRetry = 50ms;

core::Result<Answer> decoded(const core::Result<core::Bytes>& body) {
  if (!body.ok()) return body.error();
  return core::from_json<Answer>(*body, {.bytes = core::limits::kFrameBytesMax});
}

bool nothing_happened(const Error& error) { return error.code == Errc::no_leader || error.code == Errc::unavailable; }

}  // namespace

struct Forwarder::Asked {
  core::server::Command command;
  ServerDriver::AnswerDone done;
  core::Instant until;
};

Forwarder::Forwarder(net::uv::Loop& loop, ServerDriver& driver, net::rpc::ClientPool& pool, RaftWire& wire)
    : loop_(loop), driver_(driver), pool_(pool), wire_(wire), retry_(loop, [this] { retry_held(); }) {}

void Forwarder::submit(core::server::Command command, ServerDriver::AnswerDone done) {
  // The common case first: a lone leader, with nobody who could take over.
  if (driver_.leads() && driver_.alone()) return driver_.submit(std::move(command), {}, std::move(done));
  auto asked = std::make_shared<Asked>();
  asked->command = std::move(command);
  asked->done = std::move(done);
  asked->until = loop_.now() + kHold;
  attempt(asked);
}

void Forwarder::attempt(const AskedPtr& asked) {
  const auto finish = [this, asked](core::Result<Answer> answer) {
    if (answer.ok() || !nothing_happened(answer.error())) return asked->done(std::move(answer));
    later(asked);
  };
  if (driver_.leads()) return driver_.submit(asked->command, {}, lifetime_.guard(finish));
  const auto leader = driver_.leader();
  const auto address = leader ? wire_.find(*leader) : std::nullopt;
  if (!address) return later(asked);
  auto [method, body] = core::server::to_wire(asked->command);
  const Forwarded forwarded{.method = method, .body = std::move(body)};
  pool_.request({*address}, core::server::kMethodOf<Forwarded>, core::to_compact_json(forwarded),
                {.timeout = asked->until - loop_.now()},
                lifetime_.guard([finish](core::Result<core::Bytes> reply) { finish(decoded(reply)); }));
}

void Forwarder::later(const AskedPtr& asked) {
  if (loop_.now() + kRetry >= asked->until) return asked->done(Error{Errc::no_leader, "No cluster leader"});
  held_.push_back(asked);
  if (!retry_.armed()) retry_.arm(loop_.now() + kRetry);
}

void Forwarder::retry_held() {
  for (const auto& asked : std::exchange(held_, {})) attempt(asked);
}

void Forwarder::serve(net::rpc::Dispatcher& dispatcher) {
  dispatcher.on_request(core::server::kMethodOf<Forwarded>, net::rpc::kServers,
                        lifetime_.guard([this](net::rpc::Inbound inbound) { carry_out(inbound.body, inbound.reply); }));
}

void Forwarder::carry_out(core::ByteView body, const net::rpc::Reply& reply) {
  const auto forwarded = core::from_json<Forwarded>(body, {.bytes = core::limits::kFrameBytesMax});
  if (!forwarded.ok()) return reply.fail(forwarded.error());
  if (!driver_.leads()) return reply.fail(Error{Errc::no_leader, "this server does not lead"});
  auto command = core::server::command_from_wire(forwarded->method, forwarded->body);
  if (!command.ok()) return reply.fail(command.error());
  driver_.submit(std::move(*command), {}, [reply](core::Result<Answer> answer) {
    if (answer.ok()) reply.ok(core::to_compact_json(*answer));
    else reply.fail(answer.error());
  });
}

}  // namespace agent::server
