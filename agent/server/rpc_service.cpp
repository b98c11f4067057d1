// SPDX-License-Identifier: MPL-2.0
#include "agent/server/rpc_service.h"

#include <chrono>
#include <utility>

#include "core/base/fields.h"
#include "core/base/limits.h"
#include "core/server/command_wire.h"
#include "core/server/methods.h"

namespace agent::server {
namespace {

namespace cs = core::server;
using core::Errc;
using core::Error;

// A watch that nothing woke looks again this often; it keeps the number of timers small.
constexpr core::Duration kLookAgain = std::chrono::minutes(10);

template <class T>
core::Result<T> decode_body(core::ByteView body) {
  return core::from_json<T>(body, {.bytes = core::limits::kFrameBytesMax});
}

}  // namespace

void RpcService::call(std::uint16_t method, core::ByteView body, Done done) {
  driver_.meters().rpc_requests.add();
  if (method == cs::kMethodOf<cs::Query>) return query(body, std::move(done));
  if (method == cs::kMethodOf<cs::FetchAllocs>) return fetch(body, std::move(done));
  if (method == cs::kMethodOf<cs::AskStatus>) return status(body, std::move(done));
  auto command = cs::command_from_wire(method, body);
  if (!command.ok()) return done(command.error());
  forwarder_.submit(std::move(*command), [done = std::move(done)](core::Result<cs::Answer> answer) {
    if (!answer.ok()) return done(answer.error());
    done(core::to_compact_json(*answer));
  });
}

void RpcService::query(core::ByteView body, Done done) {
  auto asked = decode_body<cs::Query>(body);
  if (!asked.ok()) return done(asked.error());
  queries_.ask(std::move(*asked), [done = std::move(done)](core::Result<cs::QueryAnswer> answer) {
    if (!answer.ok()) return done(answer.error());
    cs::QueryReply reply{.found = answer->json != nullptr, .json = answer->json ? *answer->json : "", .index = answer->index,
                     .known_leader = answer->known_leader, .last_contact = answer->last_contact,
                     .next_token = answer->next_token};
    done(core::to_compact_json(reply));
  });
}

void RpcService::status(core::ByteView body, Done done) {
  const auto asked = decode_body<cs::AskStatus>(body);
  if (!asked.ok()) return done(asked.error());
  if (asked->stale) return done(core::to_compact_json(driver_.cluster()));
  driver_.barrier([this, done = std::move(done)](core::Result<cs::Answer> current) {
    if (!current.ok()) return done(current.error());
    done(core::to_compact_json(driver_.cluster()));
  });
}

core::Status RpcService::authenticate(const core::NodeId& id, const std::string& secret) const {
  const auto node = driver_.view()->node(id);
  if (!node) return Error{Errc::not_found, "node not found"};
  if (node->secret_id != secret) return Error{Errc::denied, "node secret ID does not match"};
  return core::ok_status();
}

void RpcService::fetch(core::ByteView body, Done done) {
  const auto asked = decode_body<cs::FetchAllocs>(body);
  if (!asked.ok()) return done(asked.error());
  if (const auto known = authenticate(asked->node, asked->secret_id); !known.ok()) return done(known.error());
  std::vector<core::model::AllocPtr> allocs;
  for (const auto& id : asked->allocs)
    if (auto alloc = driver_.view()->alloc(id); alloc && alloc->node_id == asked->node) allocs.push_back(std::move(alloc));
  done(core::to_compact_json(cs::pack(allocs)));
}

core::Result<std::unique_ptr<RpcService::Watch>> RpcService::watch(core::ByteView body, std::function<void(core::Bytes)> on_item) {
  driver_.meters().rpc_requests.add();
  TRY(auto asked, decode_body<cs::WatchAssignment>(body));
  TRY(authenticate(asked.node, asked.secret_id));
  return std::make_unique<Watch>(driver_, std::move(asked), std::move(on_item));
}

RpcService::Watch::Watch(ServerDriver& driver, cs::WatchAssignment asked, std::function<void(core::Bytes)> on_item)
    : driver_(driver), asked_(std::move(asked)), on_item_(std::move(on_item)) {
  look();
}

RpcService::Watch::~Watch() { driver_.unwatch(ticket_); }

void RpcService::Watch::look() {
  ticket_ = driver_.watch({cs::Topic::node_allocs, asked_.node.text}, kLookAgain, [this] { look(); });
  const auto& view = *driver_.view();
  cs::Assignment now{.index = view.index(), .allocs = {}};
  for (const auto& alloc : view.allocs_on(asked_.node)) now.allocs.emplace(alloc->id, alloc->alloc_modify_index);
  if (told_any_ && now.allocs == told_) return;
  told_any_ = true;
  auto item = core::to_compact_json(now);
  told_ = std::move(now.allocs);
  on_item_(std::move(item));  // last: it may end this watch
}

}  // namespace agent::server
