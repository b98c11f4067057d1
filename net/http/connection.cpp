// SPDX-License-Identifier: MPL-2.0
#include "net/http/connection.h"

#include "core/base/limits.h"

#include <utility>

namespace net::http {
namespace {

// Copying this much into one buffer costs less than another piece in the write.
constexpr std::size_t kCopyBytesMax = 8 * core::limits::kKiB;
// A client that does not read: above this nothing more is produced for it until it does.
constexpr std::size_t kUnsentBytesHigh = 256 * core::limits::kKiB;
// Pipelined bytes kept while a request is handled; beyond it reading stops.
constexpr std::size_t kInputBytesMax = 64 * core::limits::kKiB;
// After our end is closed, how long the client may take to close its own.
constexpr core::Duration kLinger = std::chrono::seconds(2);

// A client that vanished while it waits for a blocking query is noticed by the kernel's probes.
constexpr core::Duration kKeepalive = std::chrono::seconds(30);

}  // namespace

Connection::Connection(ConnectionOwner& owner, uv::Stream stream, uv::Address peer)
    : owner_(owner), peer_(std::move(peer)), parser_(owner.limits()), stream_(std::move(stream)) {
  set_deadline();
  stream_.keepalive(kKeepalive);
  stream_.on_drained([this] { on_sent(); });
  stream_.read([this](core::ByteView bytes) { on_bytes(bytes); }, [this](core::Status status) { on_end(std::move(status)); });
}

Connection::~Connection() {
  if (exchange_ != nullptr) exchange_->lose();
}

// ---- in ------------------------------------------------------------------------------------------

void Connection::on_bytes(core::ByteView bytes) {
  if (phase_ != Phase::open) return;
  if (exchange_ == nullptr && input_.empty() && unsent_bytes() < kUnsentBytesHigh) {
    process(bytes);
    return settle();
  }
  input_.append(bytes);
  if (input_.size() < kInputBytesMax) return;
  paused_ = true;
  stream_.pause();
}

void Connection::on_end(core::Status status) {
  if (!status.ok() || phase_ != Phase::open) return drop();
  peer_finished_ = true;
  if (exchange_ == nullptr && input_.empty()) return drop();
  if (exchange_ == nullptr) return;
  // Nobody reads a stream whose end the client does not wait for; a single answer may still be read.
  if (exchange_->streaming) return drop();
  exchange_->gone = true;
  if (const auto tell = std::exchange(exchange_->on_gone, nullptr)) tell();
}

// Parses and handles until a request is left waiting for its answer, or the bytes are used up.
void Connection::process(core::ByteView bytes) {
  processing_ = true;
  while (!bytes.empty() && exchange_ == nullptr && phase_ == Phase::open && take_over_ == nullptr && unsent_bytes() < kUnsentBytesHigh) {
    const auto used = parser_.feed(bytes);
    if (!used.ok()) {
      refuse();
      bytes = {};
      break;
    }
    bytes.remove_prefix(*used);
    if (parser_.take_expects_continue() && !parser_.complete()) append_text(kContinue);
    if (parser_.complete()) dispatch();
  }
  processing_ = false;
  if (phase_ == Phase::open) input_.assign(bytes);
  set_deadline();
}

void Connection::refuse() {
  auto response = Response::text(parser_.refusal_status(), reason_phrase(parser_.refusal_status()));
  core::Bytes head;
  append_head(head, {.response = response, .keep_alive = false});
  append_text(head);
  append_body(response);
  phase_ = Phase::closing;
}

void Connection::dispatch() {
  auto request = parser_.take();
  request.peer = peer_;
  auto exchange = std::make_shared<Exchange>();
  exchange->carrier = this;
  exchange->keep_alive = request.keep_alive;
  receiving_ = false;
  exchange->http_1_0 = request.http_1_0;
  exchange->is_head = request.method == Method::head;
  exchange_ = exchange.get();
  owner_.handle(std::move(request), Responder(std::move(exchange)));
}

// ---- out -----------------------------------------------------------------------------------------

void Connection::send(Exchange& exchange, Response response) {
  const bool keep = exchange.keep_alive && !last_request();
  core::Bytes head;
  head.reserve(256 + response.headers.wire().size() + (response.body.size() <= kCopyBytesMax ? response.body.size() : 0));
  append_head(head, {.response = response, .keep_alive = keep, .http_1_0 = exchange.http_1_0});
  append_text(head);
  if (!exchange.is_head && status_has_body(response.status)) append_body(response);
  if (!keep) phase_ = Phase::closing;
  end_exchange(exchange);
}

void Connection::start(Exchange& exchange, Response head) {
  exchange.streaming = true;
  exchange.chunked = !exchange.http_1_0;
  exchange.keep_alive = exchange.keep_alive && exchange.chunked && !last_request();
  core::Bytes text;
  append_head(text, {.response = head, .framing = exchange.chunked ? Framing::chunked : Framing::close, .keep_alive = exchange.keep_alive});
  append_text(text);
  if (!head.body.empty()) write(exchange, head.body.text());
  owner_.settle_later(*this);
}

bool Connection::write(Exchange& exchange, core::Bytes piece) {
  if (!piece.empty() && !exchange.is_head) {
    if (exchange.chunked) {
      core::Bytes head;
      append_chunk_head(head, piece.size());
      append_text(head);
    }
    if (piece.size() <= kCopyBytesMax) {
      append_text(piece);
    } else {
      out_bytes_ += piece.size();
      out_.emplace_back(std::move(piece));
    }
    if (exchange.chunked) append_text(kChunkEnd);
  }
  owner_.settle_later(*this);
  if (unsent_bytes() < kUnsentBytesHigh) return true;
  exchange.wants_drained = true;
  return false;
}

void Connection::finish(Exchange& exchange) {
  if (exchange.chunked && !exchange.is_head) append_text(kLastChunk);
  if (!exchange.keep_alive) phase_ = Phase::closing;
  end_exchange(exchange);
}

void Connection::upgrade(Exchange& exchange, Response head, Responder::TakeOver take_over) {
  core::Bytes text;
  append_head(text, {.response = head});
  append_text(text);
  take_over_ = std::move(take_over);
  end_exchange(exchange);
}

// The last responder went without an answer: a bug of the handler's, and no reason to hang.
void Connection::abandon(Exchange& exchange) {
  if (!exchange.streaming) return send(exchange, Response::text(500, "no answer"));
  exchange_ = nullptr;
  exchange.carrier = nullptr;
  phase_ = Phase::closing;  // without the last chunk: the client sees that it is cut off
  owner_.settle_later(*this);
}

void Connection::end_exchange(Exchange& exchange) {
  ASSERT(exchange_ == &exchange);
  exchange_ = nullptr;
  exchange.end();
  if (!processing_) owner_.settle_later(*this);
}

void Connection::append_text(core::ByteView text) {
  out_bytes_ += text.size();
  core::Bytes* last = out_.empty() ? nullptr : out_.back().owned();
  if (last != nullptr && last->size() + text.size() <= kUnsentBytesHigh) {
    last->append(text);
  } else {
    out_.emplace_back(core::Bytes(text));
  }
}

void Connection::append_body(Response& response) {
  if (response.body.size() <= kCopyBytesMax) {
    for (const auto& piece : response.body.pieces()) append_text(piece.view());
    return;
  }
  out_bytes_ += response.body.size();
  for (auto& piece : std::move(response.body).take_pieces()) out_.push_back(std::move(piece));
}

void Connection::flush() {
  if (out_.empty()) return;
  out_bytes_ = 0;
  auto pieces = std::exchange(out_, {});
  if (core::Bytes* only = pieces.size() == 1 ? pieces.front().owned() : nullptr) return stream_.write(std::move(*only));
  stream_.write(std::move(pieces));
}

// ---- progress ------------------------------------------------------------------------------------

// Brings the connection to rest at the end of a turn: goes on with waiting requests, writes what is
// to be written, and closes when that was the last. May destroy it.
void Connection::settle() {
  settle_scheduled = false;
  flush();
  while (!input_.empty() && exchange_ == nullptr && phase_ == Phase::open && take_over_ == nullptr && unsent_bytes() < kUnsentBytesHigh) {
    const auto input = std::exchange(input_, {});
    process(input);
    flush();
  }
  if (take_over_ != nullptr) {
    auto take_over = std::move(take_over_);
    auto stream = std::move(stream_);
    // Nothing may call us from here on; whoever takes it over reads when ready.
    stream.on_drained({});
    stream.read([](core::ByteView) {}, [](core::Status) {});
    stream.pause();
    auto leftover = std::move(input_);
    drop();
    return take_over(std::move(stream), std::move(leftover));
  }
  if (paused_ && phase_ == Phase::open && input_.size() < kInputBytesMax) {
    paused_ = false;
    stream_.resume();
  }
  set_deadline();
  tell_drained();
  if (exchange_ != nullptr || unsent_bytes() > 0) return;
  if (peer_finished_ && phase_ == Phase::open && input_.empty()) return drop();
  if (phase_ == Phase::closing) linger();
}

void Connection::on_sent() {
  if (phase_ == Phase::lingering) return;
  settle();
}

void Connection::tell_drained() {
  if (exchange_ == nullptr || !exchange_->wants_drained || unsent_bytes() > 0) return;
  exchange_->wants_drained = false;
  if (const auto tell = exchange_->on_drained) tell();
}

// Closing at once could reset the connection under an answer that is still travelling, when the
// client was sending at the time.
void Connection::linger() {
  if (peer_finished_) return drop();
  phase_ = Phase::lingering;
  stream_.shutdown();
  stream_.resume();
  deadline_ = owner_.now() + kLinger;
}

void Connection::set_deadline() {
  if (phase_ == Phase::lingering) return;
  const auto now = owner_.now();
  unsent_at_deadline_ = unsent_bytes();
  if (parser_.mid_request() && exchange_ == nullptr) {
    // Counted from the request's first byte: trickling does not move it.
    if (!receiving_) deadline_ = now + owner_.request_timeout();
    receiving_ = true;
    return;
  }
  receiving_ = false;
  deadline_ = exchange_ != nullptr && unsent_at_deadline_ == 0 ? core::Instant::max() : now + owner_.idle_timeout();
}

bool Connection::overdue(core::Instant now) {
  if (now < deadline_) return false;
  const auto unsent = unsent_bytes();
  if (phase_ == Phase::lingering || unsent == 0 || unsent >= unsent_at_deadline_) return true;
  unsent_at_deadline_ = unsent;  // a slow reader, but a reader
  deadline_ = now + owner_.idle_timeout();
  return false;
}

}  // namespace net::http
