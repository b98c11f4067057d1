// SPDX-License-Identifier: MPL-2.0
// HTTP/1.1 client on a loop, and fetch() for programs without one.
//
// Each call has one connection to itself; finished ones are kept a while for the next call to the
// same address. A kept connection that turns out closed before a byte of the answer came is replaced
// once, silently, because the server may close an idle connection at any time.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/limits.h"
#include "core/base/time.h"
#include "net/http/message.h"
#include "net/uv/address.h"
#include "net/uv/done.h"
#include "net/uv/loop.h"

namespace net::http {

struct Outgoing {
  Method method = Method::get;
  std::string target = "/";  // path and query, encoded
  Headers headers = {};
  core::Bytes body = {};
  // From the call to the last byte; zero: no limit.
  core::Duration timeout = std::chrono::seconds(60);
  std::size_t body_bytes_max = 64 * core::limits::kMiB;  // of a collected response body
};

class Client {
 public:
  struct State;
  using CallId = std::uint64_t;
  using OnHead = std::function<void(const Response& head)>;
  using OnBody = std::function<void(core::ByteView piece)>;

  explicit Client(uv::Loop& loop);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  // Drops the calls in flight: nobody is told.
  ~Client();

  // The whole response, whatever its status. Errors: unavailable, timeout, corrupt, too_large, not_found (name).
  CallId send(const uv::HostPort& server, Outgoing request, uv::Done<Response> done);
  // The head, then the body in pieces as they come; `done` says how it ended, with an empty body. A
  // response without 2xx is collected like send() does, so that errors can be shown.
  CallId stream(const uv::HostPort& server, Outgoing request, OnHead on_head, OnBody on_body, uv::Done<Response> done);
  // Forgets a call; its `done` is not called. Unknown ids are ignored. A call's own callbacks may cancel
  // it, but not destroy the client; `done` may do both.
  void cancel(CallId call);

 private:
  std::unique_ptr<State> state_;
};

struct Url {
  uv::HostPort server;
  std::string base_path;  // "" or "/prefix", without a final slash
};
// "http://host[:port][/prefix]" or "host:port"; Errc::unsupported for other schemes.
core::Result<Url> parse_url(std::string_view text, std::uint16_t default_port);

// One request on a loop of its own; returns when it is over.
core::Result<Response> fetch(const Url& url, Outgoing request);
// The same with the body handed out as it comes; `on_body` returns false to end early, which is Ok.
core::Result<Response> fetch_stream(const Url& url, Outgoing request, const std::function<bool(core::ByteView)>& on_body);

}  // namespace net::http
