// SPDX-License-Identifier: MPL-2.0
// HTTP/1.1 server: keep-alive, pipelining answered in order, chunked streams, limits, timeouts, and
// a cap on connections per client address. An idle connection costs about a kilobyte.
#pragma once

#include <functional>
#include <memory>

#include "core/base/time.h"
#include "net/http/message.h"
#include "net/http/parser.h"
#include "net/http/responder.h"
#include "net/uv/address.h"
#include "net/uv/loop.h"

namespace net::http {

using Handler = std::function<void(Request, Responder)>;

struct ServerOptions {
  std::size_t connections_per_address_max = 100;  // 0: no limit
  RequestParser::Limits limits = {};
  core::Duration idle_timeout = std::chrono::minutes(5);      // between requests, and for a client that stops reading
  core::Duration request_timeout = std::chrono::seconds(60);  // from a request's first byte to its last
};

class Server {
 public:
  struct State;

  // `handler` is called on the loop, once per request. The server is not destroyed from inside it.
  Server(uv::Loop& loop, Handler handler, ServerOptions options = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Starts accepting; may be called for several addresses. Returns the address with the port taken.
  core::Result<uv::Address> listen(const uv::Address& address);
  // Takes effect for connections to come.
  void set_connections_per_address_max(std::size_t max);
  std::size_t connections() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace net::http
