// SPDX-License-Identifier: MPL-2.0
#include "net/frame_exchange.h"

#include <optional>
#include <utility>

#include "net/frame.h"
#include "net/uv/timer.h"

namespace net {
namespace {

using core::Bytes;
using core::ByteView;
using core::Errc;
using core::Error;

Bytes frame_of(ByteView payload) {
  Bytes out;
  append_preamble(out, FrameFlags::gossip);
  append_frame_header(out, payload.size());
  out.append(payload);
  return out;
}

// The first frame of a stream, once it is complete.
class FirstFrame {
 public:
  explicit FirstFrame(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  core::Result<std::optional<Bytes>> feed(ByteView bytes) {
    std::optional<Bytes> frame;
    TRY(reader_.feed(bytes, [&](ByteView payload) {
      if (!frame) frame = payload;
      return core::ok_status();
    }));
    if (reader_.pending_bytes() > bytes_max_ || (frame && frame->size() > bytes_max_))
      return Error{Errc::too_large, "more than an exchange may hold"};
    return frame;
  }

 private:
  FrameReader reader_{FrameFlags::gossip};
  std::size_t bytes_max_;
};

}  // namespace

struct FrameQuestion::State {
  Bytes question;
  FirstFrame answer;
  uv::Done<Bytes> done;
  std::optional<uv::TcpConnect> connect;
  std::optional<uv::Stream> stream;
  std::optional<uv::Timer> deadline;

  State(ByteView asked, std::size_t answer_bytes_max, uv::Done<Bytes> told)
      : question(frame_of(asked)), answer(answer_bytes_max), done(std::move(told)) {}

  // `done` may destroy us.
  void finish(core::Result<Bytes> result) {
    const auto tell = std::exchange(done, {});
    if (tell) tell(std::move(result));
  }
  void on_connected(core::Result<uv::Stream> connected) {
    if (!connected.ok()) return finish(connected.error());
    stream.emplace(std::move(*connected));
    stream->read([this](ByteView bytes) { on_bytes(bytes); },
                 [this](core::Status end) {
                   finish(end.ok() ? Error{Errc::unavailable, "closed without an answer"} : end.error());
                 });
    stream->write(std::move(question));
  }
  void on_bytes(ByteView bytes) {
    auto frame = answer.feed(bytes);
    if (!frame.ok())
      finish(frame.error());
    else if (*frame)
      finish(std::move(**frame));
  }
};

FrameQuestion::FrameQuestion(uv::Loop& loop, const uv::Address& to, ByteView question, Options options, uv::Done<Bytes> done)
    : state_(std::make_unique<State>(question, options.answer_bytes_max, std::move(done))) {
  auto* state = state_.get();
  state->connect.emplace(loop, to, options.timeout,
                         [state](core::Result<uv::Stream> connected) { state->on_connected(std::move(connected)); });
  state->deadline.emplace(loop, [state, to] { state->finish(Error{Errc::timeout, "no answer from " + uv::to_string(to)}); });
  state->deadline->arm(loop.now() + options.timeout);
}
FrameQuestion::FrameQuestion(FrameQuestion&&) noexcept = default;
FrameQuestion& FrameQuestion::operator=(FrameQuestion&&) noexcept = default;
FrameQuestion::~FrameQuestion() = default;

struct FrameAnswerer::Connection {
  uv::Address from;
  FirstFrame question;
  bool asked = false;
  uv::Stream stream;
  uv::Timer deadline;
};

FrameAnswerer::FrameAnswerer(uv::Loop& loop, Options options, Handlers handlers)
    : loop_(loop), options_(options), handlers_(std::move(handlers)) {}

FrameAnswerer::~FrameAnswerer() = default;

core::Result<std::unique_ptr<FrameAnswerer>> FrameAnswerer::listen(uv::Loop& loop, const uv::Address& address, Options options,
                                                                   Handlers handlers) {
  std::unique_ptr<FrameAnswerer> answerer(new FrameAnswerer(loop, options, std::move(handlers)));
  TRY(auto listener,
      uv::TcpListener::listen(loop, address, [self = answerer.get()](uv::Stream stream) { self->accept(std::move(stream)); }));
  answerer->listener_ = std::make_unique<uv::TcpListener>(std::move(listener));
  return answerer;
}

void FrameAnswerer::accept(uv::Stream stream) {
  auto from = stream.peer();
  if (connections_.size() >= options_.connections_max) return handlers_.on_refused(from, {Errc::busy, "too many exchanges at once"});
  const auto ticket = next_++;
  auto connection = std::make_unique<Connection>(
      Connection{std::move(from), FirstFrame(options_.question_bytes_max), false, std::move(stream), uv::Timer(loop_, [this, ticket] {
                   refuse(ticket, {Errc::timeout, "took too long"});
                 })});
  connection->deadline.arm(loop_.now() + options_.timeout);
  auto& reading = connection->stream;
  connections_.emplace(ticket, std::move(connection));
  // Who closes without having asked only wanted to know whether somebody listens.
  reading.read([this, ticket](ByteView bytes) { on_bytes(ticket, bytes); }, [this, ticket](const core::Status&) { drop(ticket); });
}

void FrameAnswerer::on_bytes(Ticket ticket, ByteView bytes) {
  auto& connection = *connections_.at(ticket);
  if (connection.asked) return refuse(ticket, {Errc::corrupt, "more than one question"});
  auto frame = connection.question.feed(bytes);
  if (!frame.ok()) return refuse(ticket, frame.error());
  if (!*frame) return;
  connection.asked = true;
  const auto from = connection.from;
  handlers_.on_question(ticket, **frame, from);
}

void FrameAnswerer::refuse(Ticket ticket, const Error& why) {
  const auto connection = connections_.extract(ticket);
  if (connection) handlers_.on_refused(connection.mapped()->from, why);
}

void FrameAnswerer::drop(Ticket ticket) { connections_.erase(ticket); }

void FrameAnswerer::answer(Ticket ticket, ByteView answer) {
  const auto it = connections_.find(ticket);
  if (it == connections_.end()) return;
  it->second->stream.write(frame_of(answer), [this, ticket](const core::Result<core::Unit>&) { drop(ticket); });
}

}  // namespace net
