// SPDX-License-Identifier: MPL-2.0
// What stands behind a Responder: one request's way back, and what carries answers on it. For who hands out
// responders: the server's connections, and net/relay.
#pragma once

#include <functional>

#include "net/http/responder.h"

namespace net::http {

struct Exchange;

// A way to clients. Whoever calls has an exchange that is not answered yet.
class Carrier {
 public:
  virtual void send(Exchange& exchange, Response response) = 0;
  virtual void start(Exchange& exchange, Response head) = 0;
  virtual bool write(Exchange& exchange, core::Bytes piece) = 0;
  virtual void finish(Exchange& exchange) = 0;
  virtual void upgrade(Exchange& exchange, Response head, Responder::TakeOver take_over) = 0;
  // The last responder went, and the answer is not there or not whole.
  virtual void abandon(Exchange& exchange) = 0;

 protected:
  ~Carrier() = default;
};

// Shared by copies of its Responder.
struct Exchange {
  Carrier* carrier = nullptr;  // null once answered, or once the client is gone
  bool keep_alive = true;
  bool http_1_0 = false;
  bool is_head = false;
  bool streaming = false;
  bool chunked = false;
  bool gone = false;
  bool wants_drained = false;
  std::function<void()> on_gone;
  std::function<void()> on_drained;

  ~Exchange();
  // The answer is on its way. May destroy it, if its own callbacks held the last responder.
  void end();
  // The client is gone: tells the handler. May destroy it.
  void lose();
};

}  // namespace net::http
