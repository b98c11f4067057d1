// SPDX-License-Identifier: MPL-2.0
// Messages as bytes: the heads of requests and responses, and chunks.
#pragma once

#include <optional>

#include "net/http/message.h"

namespace net::http {

enum class Framing {
  length,   // Content-Length says where the body ends
  chunked,  // the body comes in chunks
  close,    // the body ends with the connection (HTTP/1.0 clients that are sent a stream)
};

struct ResponseHead {
  const Response& response;
  Framing framing = Framing::length;
  bool keep_alive = true;
  bool http_1_0 = false;  // the client must be told about keep-alive
};

// Appends status line and headers up to the empty line. Adds Vary, Connection where it differs from the
// default, and the framing; statuses without a body (1xx, 204, 304) get no framing.
void append_head(core::Bytes& out, const ResponseHead& head);
bool status_has_body(int status);

// "1a\r\n". A chunk is its head, the bytes, and kChunkEnd; the body ends with kLastChunk.
void append_chunk_head(core::Bytes& out, std::size_t size);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

struct RequestHead {
  Method method = Method::get;
  std::string_view target;
  std::string_view host;
  const Headers& headers;
  std::size_t body_bytes = 0;
};
// Appends request line, Host, the headers, and Content-Length where a body is due.
void append_head(core::Bytes& out, const RequestHead& head);

}  // namespace net::http
