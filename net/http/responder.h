// SPDX-License-Identifier: MPL-2.0
// The way back to one client: a handler gets it with the request and answers once, now or later,
// from the loop. It may be copied freely; when the last copy goes without an answer the client gets
// a 500, and an unfinished stream is cut off so that nobody takes it for whole.
//
// Once the client is gone everything here does nothing, so a late answer needs no care.
#pragma once

#include <functional>
#include <memory>

#include "net/http/message.h"
#include "net/uv/stream.h"

namespace net::http {

struct Exchange;

class Responder {
 public:
  // Gets the connection and the bytes that came after the request.
  using TakeOver = std::function<void(uv::Stream, core::Bytes leftover)>;

  explicit Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  // The whole answer. REQUIRES: not answered yet.
  void send(Response response) const;

  // Or a stream: the head (its body, if any, is the first piece), then pieces, then finish().
  // REQUIRES: not answered yet.
  void start(Response head) const;
  // Sent by the end of this turn. False: over the high mark; go on after on_drained, or the memory
  // is yours to explain. REQUIRES: started, not finished.
  bool write(core::Bytes piece) const;
  void finish() const;
  // Called each time the client has caught up after write() said false.
  void on_drained(std::function<void()> fn) const;

  // Answers with `head` (101) and gives the connection away: for protocols that begin as HTTP.
  void upgrade(Response head, TakeOver take_over) const;

  // Called once if the client closes before the answer is complete. A client that only closed its
  // sending side still gets the answer.
  void on_gone(std::function<void()> fn) const;
  bool gone() const;

 private:
  std::shared_ptr<Exchange> exchange_;  // shared with copies of this responder: the last one decides
};

}  // namespace net::http
