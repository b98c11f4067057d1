// SPDX-License-Identifier: MPL-2.0
// Bytes to requests, without I/O (llhttp does the grammar). Feed it whatever arrived; it stops behind
// each complete request, so that pipelined ones are taken one by one.
//
// Nothing is allocated on the word of a Content-Length: bodies grow as bytes arrive, up to a limit,
// and a length over the limit is refused before them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/limits.h"
#include "core/base/result.h"
#include "net/http/message.h"

namespace net::http {

class RequestParser {
 public:
  struct Limits {
    std::size_t header_bytes_max = core::limits::kHttpHeaderBytesMax;  // request line and fields together
    std::size_t body_bytes_max = core::limits::kHttpBodyBytesMax;
    // When set, decides by method and decoded path instead of body_bytes_max.
    std::function<std::size_t(Method, std::string_view path)> body_bytes_for = {};
  };

  // `limits` outlives the parser.
  explicit RequestParser(const Limits& limits);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  ~RequestParser();

  // How many bytes were used: all of them, or those up to the end of a request (then complete()).
  // An error ends the connection: Errc::invalid (400), too_large (431 or 413), unsupported (505);
  // refusal_status() says which. REQUIRES: !complete().
  core::Result<std::size_t> feed(core::ByteView bytes);
  bool complete() const { return complete_; }
  // The complete request, without peer. REQUIRES: complete().
  Request take();

  // Bytes of a request have arrived, but not all.
  bool mid_request() const { return begun_ && !complete_; }
  // The client waits for "100 Continue" before it sends the body; true once per request.
  bool take_expects_continue();
  int refusal_status() const { return refusal_status_; }

  // Called by the grammar.
  struct Native;

 private:
  core::Error refuse(int status, core::Errc code, std::string_view why);

  std::unique_ptr<Native> native_;
  bool complete_ = false;
  bool begun_ = false;
  int refusal_status_ = 0;
};

}  // namespace net::http
