// SPDX-License-Identifier: MPL-2.0
#include "net/http/wire.h"

#include <charconv>

namespace net::http {
namespace {

void append_number(core::Bytes& out, std::size_t number, int base = 10) {
  char digits[24];
  const auto [end, problem] = std::to_chars(digits, digits + sizeof digits, number, base);
  out.append(digits, end);
}

}  // namespace

bool status_has_body(int status) { return status >= 200 && status != 204 && status != 304; }

void append_head(core::Bytes& out, const ResponseHead& head) {
  const auto& response = head.response;
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  out.append(response.headers.wire());
  out.append("Vary: Accept-Encoding\r\n");
  if (!head.keep_alive && response.status != 101) {
    out.append("Connection: close\r\n");
  } else if (head.http_1_0) {
    out.append("Connection: keep-alive\r\n");
  }
  if (status_has_body(response.status) && head.framing == Framing::chunked) out.append("Transfer-Encoding: chunked\r\n");
  if (status_has_body(response.status) && head.framing == Framing::length) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  out.append("\r\n");
}

void append_chunk_head(core::Bytes& out, std::size_t size) {
  append_number(out, size, 16);
  out.append("\r\n");
}

void append_head(core::Bytes& out, const RequestHead& head) {
  out.append(to_string(head.method)).append(" ").append(head.target).append(" HTTP/1.1\r\n");
  if (!head.headers.find("Host")) out.append("Host: ").append(head.host).append("\r\n");
  out.append(head.headers.wire());
  const bool writes = head.method == Method::post || head.method == Method::put || head.method == Method::patch;
  if (head.body_bytes > 0 || writes) {
    out.append("Content-Length: ");
    append_number(out, head.body_bytes);
    out.append("\r\n");
  }
  out.append("\r\n");
}

}  // namespace net::http
