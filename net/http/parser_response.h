// SPDX-License-Identifier: MPL-2.0
// Bytes to one response, without I/O: the client's half. The head is complete before the first piece
// of the body is handed out; interim responses (1xx) are skipped.
#pragma once

#include <functional>
#include <memory>

#include "core/base/result.h"
#include "net/http/message.h"

namespace net::http {

class ResponseParser {
 public:
  struct Options {
    bool to_head = false;  // the request was HEAD: no body follows, whatever the headers say
    std::size_t header_bytes_max = 256 * 1024;
  };
  using OnBody = std::function<void(core::ByteView)>;

  ResponseParser(Options options, OnBody on_body);
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;
  ~ResponseParser();

  // Uses all bytes up to the end of the response; after bytes beyond it the connection is not used again.
  // Errc::corrupt for what is no response, too_large for its headers.
  core::Status feed(core::ByteView bytes);
  // The connection ended: fine if the response was complete or lasts until the end, else Errc::unavailable.
  core::Status finish();

  bool head_complete() const;
  bool complete() const;
  // The connection may be used again. REQUIRES: complete().
  bool keep_alive() const;
  // Status and headers; the body went to on_body. REQUIRES: head_complete().
  Response take_head();

  struct Native;

 private:
  std::unique_ptr<Native> native_;
};

}  // namespace net::http
