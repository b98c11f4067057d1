// SPDX-License-Identifier: MPL-2.0
// The answering half of a connection, and Reply, its face.
#include <utility>

#include "core/base/limits.h"
#include "net/rpc/connection_state.h"

namespace net::rpc {

Exchange::~Exchange() {
  if (connection == nullptr) return;
  connection->answer(*this, {.kind = Kind::error, .id = id, .code = core::Errc::unavailable, .body = "request was dropped without an answer"});
}

// ---- the connection's side -----------------------------------------------------------------------

void Connection::State::on_request(const Envelope& envelope) {
  const auto refuse = [&](core::Errc code, std::string_view why) { send({.kind = Kind::error, .id = envelope.id, .code = code, .body = why}); };
  if (exchanges.size() >= core::limits::kRpcInFlightMax) return refuse(core::Errc::busy, "too many requests in flight");
  // A peer that asks without reading the answers gets no more of them.
  if (link->queued_bytes() > core::limits::kRpcQueuedBytesMax) return refuse(core::Errc::busy, "answers are not read");
  if (!handlers.on_request) return refuse(core::Errc::unsupported, "no requests are taken here");
  auto exchange = std::make_shared<Exchange>();
  exchange->connection = this;
  exchange->id = envelope.id;
  exchange->credit = core::limits::kStreamWindowBytes;
  if (!exchanges.emplace(envelope.id, exchange.get()).second) {
    exchange->connection = nullptr;
    return refuse(core::Errc::invalid, "request number is in use");
  }
  handlers.on_request({envelope.method, envelope.body, std::chrono::milliseconds(envelope.timeout_ms), peer, Reply(std::move(exchange))});
}

void Connection::State::drop_exchange(Exchange& exchange) {
  exchange.connection = nullptr;
  exchanges.erase(exchange.id);
  // These may hold the last reply, and with it the exchange: they go last.
  const auto dropped_drained = std::exchange(exchange.on_drained, nullptr);
  const auto dropped_cancelled = std::exchange(exchange.on_cancelled, nullptr);
  const auto dropped_self = std::exchange(exchange.kept, nullptr);
}

void Connection::State::answer(Exchange& exchange, const Envelope& envelope) {
  send(envelope);
  drop_exchange(exchange);
}

void Connection::State::on_cancel(std::uint64_t id) {
  const auto found = exchanges.find(id);
  if (found == exchanges.end()) return;
  auto& exchange = *found->second;
  const auto tell = std::exchange(exchange.on_cancelled, nullptr);
  exchange.cancelled = true;
  drop_exchange(exchange);
  if (tell) tell();
}

void Connection::State::cancel_exchanges() {
  while (!exchanges.empty()) on_cancel(exchanges.begin()->first);
}

// ---- streams -------------------------------------------------------------------------------------

bool Connection::State::send_item(Exchange& exchange, core::ByteView piece) {
  exchange.streaming = true;
  if (exchange.queued.empty() && exchange.credit > 0) {
    exchange.credit -= static_cast<std::int64_t>(piece.size());
    send({.kind = Kind::item, .id = exchange.id, .body = piece});
  } else {
    exchange.queued_bytes += piece.size();
    exchange.queued.emplace_back(piece);
  }
  if (exchange.queued_bytes > core::limits::kStreamQueuedBytesMax) {
    answer(exchange, {.kind = Kind::error, .id = exchange.id, .code = core::Errc::busy, .body = "stream is not read fast enough"});
    return false;
  }
  if (exchange.queued.empty() && exchange.credit > 0 && link->queued_bytes() < core::limits::kStreamQueuedBytesMax) return true;
  any_wants_drained = exchange.wants_drained = true;
  return false;
}

void Connection::State::end_stream(Exchange& exchange) {
  exchange.streaming = exchange.ended = true;
  if (exchange.queued.empty()) answer(exchange, {.kind = Kind::end, .id = exchange.id});
}

void Connection::State::on_credit(const Envelope& envelope) {
  const auto found = exchanges.find(envelope.id);
  if (found == exchanges.end()) return;
  auto& exchange = *found->second;
  exchange.credit += envelope.credit;
  std::size_t sent = 0;
  while (sent < exchange.queued.size() && exchange.credit > 0) {
    const auto& piece = exchange.queued[sent++];
    exchange.credit -= static_cast<std::int64_t>(piece.size());
    exchange.queued_bytes -= piece.size();
    send({.kind = Kind::item, .id = exchange.id, .body = piece});
  }
  exchange.queued.erase(exchange.queued.begin(), exchange.queued.begin() + static_cast<std::ptrdiff_t>(sent));
  if (!exchange.queued.empty() || exchange.credit <= 0) return;
  if (exchange.ended) return answer(exchange, {.kind = Kind::end, .id = exchange.id});
  if (!std::exchange(exchange.wants_drained, false)) return;
  const auto tell = exchange.on_drained;
  if (tell) tell();
}

// The socket has taken everything: streams that stopped for it, and have credit, may go on.
void Connection::State::on_drained() {
  if (!std::exchange(any_wants_drained, false)) return;
  std::vector<std::uint64_t> ready;
  for (const auto& [id, exchange] : exchanges)
    if (exchange->wants_drained && exchange->queued.empty() && exchange->credit > 0) ready.push_back(id);
  for (const auto id : ready) {
    const auto found = exchanges.find(id);
    if (found == exchanges.end()) continue;
    found->second->wants_drained = false;
    const auto tell = found->second->on_drained;
    if (tell) tell();
    if (closed) return;
  }
}

// ---- the handler's side --------------------------------------------------------------------------

// Each takes a copy first: the callbacks that end with the exchange may hold this very reply.
void Reply::ok(core::ByteView body) const {
  const auto hold = exchange_;
  if (hold->connection == nullptr) return;
  ASSERT(!hold->streaming);
  if (!Link::fits(body.size())) return fail({core::Errc::too_large, "answer of " + std::to_string(body.size()) + " bytes"});
  hold->connection->answer(*hold, {.kind = Kind::reply, .id = hold->id, .body = body});
}

void Reply::fail(const core::Error& error) const {
  const auto hold = exchange_;
  if (hold->connection == nullptr) return;
  constexpr std::size_t kDetailBytesMax = 64 * core::limits::kKiB;
  hold->connection->answer(*hold, {.kind = Kind::error, .id = hold->id, .code = error.code, .body = core::ByteView(error.detail).substr(0, kDetailBytesMax)});
}

bool Reply::item(core::ByteView piece) const {
  const auto hold = exchange_;
  if (hold->connection == nullptr) return false;
  ASSERT(!hold->ended);
  ASSERT(Link::fits(piece.size()));
  return hold->connection->send_item(*hold, piece);
}

void Reply::end() const {
  const auto hold = exchange_;
  if (hold->connection == nullptr) return;
  ASSERT(!hold->ended);
  hold->connection->end_stream(*hold);
  if (hold->connection != nullptr) hold->kept = hold;
}

void Reply::on_drained(std::function<void()> fn) const {
  if (exchange_->connection != nullptr) exchange_->on_drained = std::move(fn);
}

void Reply::on_cancelled(std::function<void()> fn) const {
  if (exchange_->connection != nullptr) exchange_->on_cancelled = std::move(fn);
}

bool Reply::cancelled() const { return exchange_->cancelled; }

}  // namespace net::rpc
