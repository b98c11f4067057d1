// SPDX-License-Identifier: MPL-2.0
// What travels between agents, as values and as bytes. See docs/formats/rpc.md.
//
// A frame holds one or more envelopes, so that a busy connection sends many with one write. Requests
// are numbered by the asker; what answers a request carries its number. Both sides may ask.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/base/binary.h"
#include "core/base/bytes.h"
#include "core/base/result.h"

namespace net::rpc {

using Method = std::uint16_t;  // numbered by the agent

// A neighbour is a server of another cluster.
enum class Role : std::uint8_t { server = 1, client = 2, cli = 3, neighbour = 4 };
std::string_view to_string(Role role);

// The first envelope of each side.
struct Hello {
  Role role = Role::cli;
  std::string cluster;  // region or cluster name: peers of another one are refused, but for neighbours
  std::string name;     // who speaks, for logs
  std::string version;  // of the program

  friend bool operator==(const Hello&, const Hello&) = default;
};
core::Bytes encode(const Hello& hello);
core::Result<Hello> decode_hello(core::ByteView bytes);

enum class Kind : std::uint8_t {
  hello = 1,
  request = 2,  // asks; answered by one reply or error, or by items and an end
  notice = 3,   // asks nothing
  reply = 4,
  item = 5,     // one piece of a streamed answer
  end = 6,      // the streamed answer is complete
  error = 7,    // the request failed, or the stream did
  cancel = 8,   // the asker is not interested any more
  credit = 9,   // the asker is ready for this many bytes more of the stream
};

struct Envelope {
  Kind kind = Kind::notice;
  std::uint64_t id = 0;          // of the request; 0 for hello and notice
  Method method = 0;             // request, notice
  std::uint32_t timeout_ms = 0;  // request: how long the asker waits, 0 for ever
  std::uint32_t credit = 0;      // credit: bytes
  core::Errc code{};             // error
  core::ByteView body = {};      // hello, request, notice, reply, item; error: its detail. Borrowed

  friend bool operator==(const Envelope&, const Envelope&) = default;
};

// Most bytes an envelope takes besides its body.
inline constexpr std::size_t kEnvelopeHeadBytesMax = 48;

void append(core::Bytes& out, const Envelope& envelope);
// The next envelope of a frame; its body points into the frame.
core::Result<Envelope> take_envelope(core::Reader& frame);

}  // namespace net::rpc
