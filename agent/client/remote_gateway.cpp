// SPDX-License-Identifier: MPL-2.0
#include "agent/client/remote_gateway.h"

#include <chrono>
#include <utility>

#include "core/base/fields.h"
#include "core/base/limits.h"
#include "core/server/command_wire.h"
#include "core/server/methods.h"

namespace agent::client {
namespace {

namespace cs = core::server;

// Longer than any blocking query waits.
constexpr core::Duration kTimeout = std::chrono::minutes(6);

template <class T>
core::Result<T> decoded(const core::Result<core::Bytes>& body) {
  if (!body.ok()) return body.error();
  return core::from_json<T>(*body, {.bytes = core::limits::kFrameBytesMax});
}

}  // namespace

void RemoteGateway::call(std::uint16_t method, core::Bytes body, bool repeatable, net::uv::Done<core::Bytes> done) {
  auto servers = servers_();
  if (servers.empty()) return done(core::Error{core::Errc::unavailable, "no servers"});
  pool_.request(std::move(servers), method, std::move(body), {.timeout = kTimeout, .repeatable = repeatable}, std::move(done));
}

void RemoteGateway::command(cs::Command command, net::uv::Done<cs::Answer> done) {
  auto [method, body] = cs::to_wire(command);
  call(method, std::move(body), false, [done = std::move(done)](core::Result<core::Bytes> answer) { done(decoded<cs::Answer>(answer)); });
}

void RemoteGateway::query(cs::Query query, net::uv::Done<cs::QueryAnswer> done) {
  call(cs::kMethodOf<cs::Query>, core::to_compact_json(query), true, [done = std::move(done)](core::Result<core::Bytes> body) {
    auto reply = decoded<cs::QueryReply>(body);
    if (!reply.ok()) return done(reply.error());
    cs::QueryAnswer answer;
    if (reply->found) answer.json = std::make_shared<const std::string>(std::move(reply->json));
    answer.index = reply->index;
    answer.known_leader = reply->known_leader;
    answer.last_contact = reply->last_contact;
    answer.next_token = std::move(reply->next_token);
    done(std::move(answer));
  });
}

void RemoteGateway::leader(bool stale, net::uv::Done<std::string> done) {
  call(cs::kMethodOf<cs::AskStatus>, core::to_compact_json(cs::AskStatus{stale}), true, [done = std::move(done)](core::Result<core::Bytes> body) {
    auto status = decoded<cs::ClusterStatus>(body);
    if (!status.ok()) return done(status.error());
    done(std::move(status->leader));
  });
}

void RemoteGateway::save_state(bool, net::uv::Done<SavedState> done) {
  done(core::Error{core::Errc::unsupported, "this agent is no server: ask one for a snapshot"});
}

void RemoteGateway::restore_state(core::Bytes, net::uv::Done<core::Index> done) {
  done(core::Error{core::Errc::unsupported, "this agent is no server: give the snapshot to one"});
}

void RemoteGateway::read_log(core::Index, net::uv::Done<LogPage> done) {
  done(core::Error{core::Errc::unsupported, "this agent is no server: it has no log"});
}

void RemoteGateway::remove_server(cs::ServerName, net::uv::Done<core::Unit> done) {
  done(core::Error{core::Errc::unsupported, "this agent is no server: ask one to remove another"});
}

void RemoteGateway::hand_over(cs::ServerName, net::uv::Done<cs::HandedOver> done) {
  done(core::Error{core::Errc::unsupported, "this agent is no server: ask one to hand leadership over"});
}

void RemoteGateway::peers(net::uv::Done<std::vector<std::string>> done) {
  call(cs::kMethodOf<cs::AskStatus>, core::to_compact_json(cs::AskStatus{true}), true, [done = std::move(done)](core::Result<core::Bytes> body) {
    auto status = decoded<cs::ClusterStatus>(body);
    if (!status.ok()) return done(status.error());
    done(std::move(status->peers));
  });
}

}  // namespace agent::client
