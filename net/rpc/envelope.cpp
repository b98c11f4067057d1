// SPDX-License-Identifier: MPL-2.0
#include "net/rpc/envelope.h"

#include "core/base/limits.h"

namespace net::rpc {
namespace {

constexpr std::size_t kNameBytesMax = 256;

core::Error bad(std::string_view what) { return {core::Errc::corrupt, "rpc envelope: " + std::string(what)}; }

template <class Int>
void put(char*& at, Int value) {
  for (std::size_t i = 0; i < sizeof(Int); ++i) *at++ = static_cast<char>(value >> (8 * i));
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::server: return "server";
    case Role::client: return "client";
    case Role::cli: return "cli";
    case Role::neighbour: return "neighbour";
  }
  UNREACHABLE();
}

core::Bytes encode(const Hello& hello) {
  core::Writer w;
  w.u8(static_cast<std::uint8_t>(hello.role));
  for (const auto* text : {&hello.cluster, &hello.name, &hello.version}) w.string(core::ByteView(*text).substr(0, kNameBytesMax));
  return w.take();
}

core::Result<Hello> decode_hello(core::ByteView bytes) {
  core::Reader in(bytes);
  Hello hello;
  TRY(const auto role, in.u8());
  if (role < 1 || role > 4) return bad("unknown role");
  hello.role = static_cast<Role>(role);
  for (auto* text : {&hello.cluster, &hello.name, &hello.version}) {
    TRY(const auto word, in.string(kNameBytesMax));
    *text = word;
  }
  TRY(in.end());
  return hello;
}

void append(core::Bytes& out, const Envelope& e) {
  char head[kEnvelopeHeadBytesMax];
  char* at = head;
  put(at, static_cast<std::uint8_t>(e.kind));
  put(at, e.id);
  if (e.kind == Kind::request || e.kind == Kind::notice) put(at, e.method);
  if (e.kind == Kind::request) put(at, e.timeout_ms);
  if (e.kind == Kind::credit) put(at, e.credit);
  if (e.kind == Kind::error) {
    const auto word = to_string(e.code);
    put(at, static_cast<std::uint8_t>(word.size()));
    at += word.copy(at, word.size());
  }
  const bool bodiless = e.kind == Kind::end || e.kind == Kind::cancel || e.kind == Kind::credit;
  if (!bodiless) put(at, static_cast<std::uint32_t>(e.body.size()));
  ASSERT(at <= head + sizeof head);
  out.append(head, at);
  if (!bodiless) out.append(e.body);
}

core::Result<Envelope> take_envelope(core::Reader& frame) {
  Envelope e;
  TRY(const auto kind, frame.u8());
  if (kind < 1 || kind > static_cast<std::uint8_t>(Kind::credit)) return bad("unknown kind " + std::to_string(kind));
  e.kind = static_cast<Kind>(kind);
  TRY(e.id, frame.u64());
  switch (e.kind) {
    case Kind::request: {
      TRY(e.method, frame.u16());
      TRY(e.timeout_ms, frame.u32());
      break;
    }
    case Kind::notice: {
      TRY(e.method, frame.u16());
      break;
    }
    case Kind::credit: {
      TRY(e.credit, frame.u32());
      return e;
    }
    case Kind::error: {
      TRY(const auto size, frame.u8());
      TRY(const auto word, frame.raw(size));
      // A code a newer peer knows and we do not still is a failure.
      e.code = core::errc_from(word).value_or(core::Errc::rejected);
      break;
    }
    case Kind::end:
    case Kind::cancel: return e;
    case Kind::hello:
    case Kind::reply:
    case Kind::item: break;
  }
  TRY(e.body, frame.string(core::limits::kFrameBytesMax));
  return e;
}

}  // namespace net::rpc
