// SPDX-License-Identifier: MPL-2.0
// One question and one answer over a connection of their own, each a frame (docs/formats/frame.md, marked as
// sealed: whoever asks and answers sees to that).
//
// Happy path: connect, question, answer, close. Failures: what takes too long, breaks off or is not a frame
// ends the exchange; an asker is told, an answerer only counts on_refused.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "net/uv/address.h"
#include "net/uv/done.h"
#include "net/uv/loop.h"
#include "net/uv/tcp.h"

namespace net {

// Asks. `done` is called once; destroying the question drops it.
class FrameQuestion {
 public:
  struct Options {
    core::Duration timeout = std::chrono::seconds(10);  // for all of it
    std::size_t answer_bytes_max = 0;
  };
  FrameQuestion(uv::Loop& loop, const uv::Address& to, core::ByteView question, Options options, uv::Done<core::Bytes> done);
  FrameQuestion(FrameQuestion&&) noexcept;
  FrameQuestion& operator=(FrameQuestion&&) noexcept;
  ~FrameQuestion();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class FrameAnswerer {
 public:
  ~FrameAnswerer();
  using Ticket = std::uint64_t;
  struct Options {
    core::Duration timeout = std::chrono::seconds(10);  // from the connection to its end
    std::size_t question_bytes_max = 0;
    std::size_t connections_max = 64;
  };
  struct Handlers {
    // The bytes are borrowed for the call. Then answer() or drop().
    std::function<void(Ticket, core::ByteView question, const uv::Address& from)> on_question;
    std::function<void(const uv::Address& from, const core::Error& why)> on_refused;
  };
  static core::Result<std::unique_ptr<FrameAnswerer>> listen(uv::Loop& loop, const uv::Address& address, Options options,
                                                             Handlers handlers);

  // Both do nothing for a connection that is gone.
  void answer(Ticket ticket, core::ByteView answer);
  void drop(Ticket ticket);
  std::size_t connections() const { return connections_.size(); }

 private:
  struct Connection;
  FrameAnswerer(uv::Loop& loop, Options options, Handlers handlers);
  void accept(uv::Stream stream);
  void on_bytes(Ticket ticket, core::ByteView bytes);
  void refuse(Ticket ticket, const core::Error& why);

  uv::Loop& loop_;
  Options options_;
  Handlers handlers_;
  Ticket next_ = 1;
  std::map<Ticket, std::unique_ptr<Connection>> connections_;
  std::unique_ptr<uv::TcpListener> listener_;
};

}  // namespace net
