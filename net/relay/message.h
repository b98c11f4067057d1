// SPDX-License-Identifier: MPL-2.0
// HTTP messages as they travel over RPC: a request in one piece, and the head of an answer, behind which
// its body follows in pieces. See docs/formats/rpc.md.
#pragma once

#include <cstdint>
#include <optional>

#include "net/http/message.h"

namespace net::relay {

// Without what concerns the connection it came over.
core::Bytes encode(const http::Request& request);
core::Result<http::Request> decode_request(core::ByteView bytes);

struct Head {
  int status = 200;
  http::Headers headers;
  std::optional<std::uint64_t> body_bytes;  // nothing: the answer is a stream
};
core::Bytes encode(const Head& head);
core::Result<Head> decode_head(core::ByteView bytes);

}  // namespace net::relay
