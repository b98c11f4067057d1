// SPDX-License-Identifier: MPL-2.0
#include "net/relay/message.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/binary.h"
#include "core/base/limits.h"

namespace net::relay {
namespace {

using core::Errc;
using core::Error;

constexpr std::uint64_t kStream = ~std::uint64_t{0};

// Of one connection, and not of the message (RFC 9110 section 7.6.1), or told in another way here.
constexpr std::array<std::string_view, 9> kOfConnection{"Connection", "Keep-Alive", "Proxy-Connection", "TE",     "Trailer",
                                                        "Upgrade",    "Expect",     "Transfer-Encoding", "Content-Length"};

Error bad(std::string_view what) { return {Errc::corrupt, "relayed message: " + std::string(what)}; }

void put_headers(core::Writer& w, const http::Headers& headers) {
  core::Writer lines;
  std::uint16_t count = 0;
  headers.for_each([&](std::string_view name, std::string_view value) {
    if (std::any_of(kOfConnection.begin(), kOfConnection.end(), [&](auto other) { return http::same_name(name, other); })) return;
    lines.string(name);
    lines.string(value);
    ++count;
  });
  w.u16(count);
  w.raw(lines.bytes());
}

bool is_name(core::ByteView name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != ':' && c != 0x7f; });
}

core::Result<http::Headers> take_headers(core::Reader& in) {
  http::Headers headers;
  TRY(const auto count, in.u16());
  for (std::uint16_t i = 0; i < count; ++i) {
    TRY(const auto name, in.string(core::limits::kHttpHeaderBytesMax));
    TRY(const auto value, in.string(core::limits::kHttpHeaderBytesMax));
    if (!is_name(name)) return bad("a header without a name");
    headers.add(name, value);
  }
  return headers;
}

}  // namespace

core::Bytes encode(const http::Request& request) {
  core::Writer w;
  w.u8(static_cast<std::uint8_t>(request.method));
  w.boolean(request.keep_alive);
  w.string(request.target);
  put_headers(w, request.headers);
  w.string(request.body);
  return w.take();
}

core::Result<http::Request> decode_request(core::ByteView bytes) {
  core::Reader in(bytes);
  http::Request request;
  TRY(const auto method, in.u8());
  if (method > static_cast<std::uint8_t>(http::Method::other)) return bad("unknown method");
  request.method = static_cast<http::Method>(method);
  TRY(request.keep_alive, in.boolean());
  TRY(const auto target, in.string(core::limits::kHttpHeaderBytesMax));
  request.target = target;
  TRY(auto parsed, http::parse_target(request.target));
  request.path = std::move(parsed.path);
  if (!parsed.raw_query.empty()) request.query = http::Query(parsed.raw_query);
  TRY(request.headers, take_headers(in));
  TRY(const auto body, in.string(core::limits::kFrameBytesMax));
  request.body = body;
  TRY(in.end());
  return request;
}

core::Bytes encode(const Head& head) {
  core::Writer w;
  w.u16(static_cast<std::uint16_t>(head.status));
  w.u64(head.body_bytes.value_or(kStream));
  put_headers(w, head.headers);
  return w.take();
}

core::Result<Head> decode_head(core::ByteView bytes) {
  core::Reader in(bytes);
  Head head;
  TRY(const auto status, in.u16());
  if (status < 200 || status > 599) return bad("a status of " + std::to_string(status));
  head.status = status;
  TRY(const auto length, in.u64());
  if (length != kStream) head.body_bytes = length;
  TRY(head.headers, take_headers(in));
  TRY(in.end());
  return head;
}

}  // namespace net::relay
