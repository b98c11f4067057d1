// SPDX-License-Identifier: MPL-2.0
// The asking half of a connection.
#include <algorithm>
#include <utility>

#include "core/base/limits.h"
#include "net/rpc/connection_state.h"

namespace net::rpc {
namespace {

void tell(const Connection::State::Call& call, core::Result<core::Bytes> result) {
  if (call.done) return call.done(std::move(result));
  if (!call.ended) return;
  call.ended(result.ok() ? core::ok_status() : core::Status(std::move(result).error()));
}

std::uint32_t to_timeout_ms(core::Duration timeout) {
  constexpr std::int64_t kMax = 0xffffffff;
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ms, 0, kMax));
}

}  // namespace

CallId Connection::State::add_call(Method method, core::ByteView body, core::Duration timeout, Call call) {
  const auto id = ++last_id;
  if (closed) return fail_later(std::move(call), {core::Errc::unavailable, "connection is closed"}), id;
  if (!Link::fits(body.size())) return fail_later(std::move(call), {core::Errc::too_large, "request of " + std::to_string(body.size()) + " bytes"}), id;
  if (calls.size() >= core::limits::kRpcInFlightMax) return fail_later(std::move(call), {core::Errc::busy, "too many requests in flight"}), id;
  if (link->queued_bytes() > core::limits::kRpcQueuedBytesMax) return fail_later(std::move(call), {core::Errc::busy, "peer does not keep up"}), id;
  if (timeout > core::Duration(0)) {
    call.deadline = loop.now() + timeout;
    if (call_timer == nullptr) call_timer = std::make_unique<uv::Timer>(loop, [this] { expire_calls(); });
    if (call.deadline < call_timer_at) call_timer->arm(call_timer_at = call.deadline);
  }
  calls.emplace(id, std::move(call));
  send({.kind = Kind::request, .id = id, .method = method, .timeout_ms = to_timeout_ms(timeout), .body = body});
  return id;
}

void Connection::State::fail_later(Call call, core::Error error) {
  loop.defer(lifetime.guard([call = std::move(call), error = std::move(error)] { tell(call, error); }));
}

void Connection::State::on_reply(const Envelope& envelope) {
  if (envelope.kind == Kind::error) return finish_call(envelope.id, core::Error{envelope.code, core::Bytes(envelope.body)});
  finish_call(envelope.id, core::Bytes(envelope.body));
}

void Connection::State::finish_call(CallId id, core::Result<core::Bytes> result) {
  const auto node = calls.extract(id);  // nothing: cancelled or timed out meanwhile
  if (!node.empty()) tell(node.mapped(), std::move(result));
}

void Connection::State::on_item(const Envelope& envelope) {
  const auto found = calls.find(envelope.id);
  if (found == calls.end()) return;
  if (!found->second.on_item) {
    send({.kind = Kind::cancel, .id = envelope.id});
    return finish_call(envelope.id, core::Error{core::Errc::corrupt, "peer answered a request with a stream"});
  }
  found->second.ungranted += static_cast<std::uint32_t>(envelope.body.size());
  // The callback may cancel its own call: keep it alive outside the table meanwhile.
  const auto on_item = std::move(found->second.on_item);
  on_item(envelope.body);
  const auto still = calls.find(envelope.id);
  if (still == calls.end()) return;
  still->second.on_item = std::move(const_cast<OnItem&>(on_item));
  grant(envelope.id, still->second);
}

void Connection::State::grant(CallId id, Call& call) {
  if (closed || call.paused || call.ungranted < core::limits::kStreamWindowBytes / 2) return;
  send({.kind = Kind::credit, .id = id, .credit = std::exchange(call.ungranted, 0)});
}

void Connection::State::expire_calls() {
  const auto hold = shared_from_this();
  const auto now = loop.now();
  std::vector<CallId> expired;
  call_timer_at = core::Instant::max();
  for (const auto& [id, call] : calls) {
    if (call.deadline <= now) {
      expired.push_back(id);
    } else {
      call_timer_at = std::min(call_timer_at, call.deadline);
    }
  }
  if (call_timer_at != core::Instant::max()) call_timer->arm(call_timer_at);
  std::sort(expired.begin(), expired.end());
  for (const auto id : expired) {
    if (closed) return;
    send({.kind = Kind::cancel, .id = id});
    finish_call(id, core::Error{core::Errc::timeout, "no answer in time"});
  }
}

void Connection::State::fail_calls(const core::Error& error) {
  std::vector<CallId> ids;
  ids.reserve(calls.size());
  for (const auto& [id, call] : calls) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  for (const auto id : ids) {
    const bool left = id <= last_sent_id;
    finish_call(id, core::Error{left ? core::Errc::unknown_fate : core::Errc::unavailable, error.detail});
  }
}

}  // namespace net::rpc
