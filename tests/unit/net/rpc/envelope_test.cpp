// SPDX-License-Identifier: MPL-2.0
#include "net/rpc/envelope.h"

#include <catch2/catch.hpp>

#include <vector>

#include "core/base/rng.h"

using core::Bytes;
using core::ByteView;
using core::Errc;
using net::rpc::Envelope;
using net::rpc::Hello;
using net::rpc::Kind;
using net::rpc::Role;
using net::rpc::take_envelope;

namespace {

const std::vector<Envelope> kAll{
    {.kind = Kind::hello, .body = "who"},
    {.kind = Kind::request, .id = 7, .method = 300, .timeout_ms = 5000, .body = "ask"},
    {.kind = Kind::notice, .method = 2, .body = "tell"},
    {.kind = Kind::reply, .id = 7, .body = "answer"},
    {.kind = Kind::item, .id = 8, .body = ""},
    {.kind = Kind::end, .id = 8},
    {.kind = Kind::error, .id = 9, .code = Errc::no_leader, .body = "No cluster leader"},
    {.kind = Kind::cancel, .id = ~0ull},
    {.kind = Kind::credit, .id = 8, .credit = 65536},
};

}  // namespace

TEST_CASE("envelopes of one frame are read as they were written", "[rpc][envelope]") {
  Bytes frame;
  for (const auto& envelope : kAll) append(frame, envelope);
  core::Reader in(frame);
  for (const auto& envelope : kAll) {
    const auto read = take_envelope(in);
    REQUIRE(read.ok());
    CHECK(*read == envelope);
  }
  CHECK(in.remaining() == 0);
}

TEST_CASE("the bytes of an envelope are fixed", "[rpc][envelope][golden]") {
  Bytes request;
  append(request, kAll[1]);
  CHECK(request == Bytes("\x02\x07\0\0\0\0\0\0\0\x2c\x01\x88\x13\0\0\x03\0\0\0ask", 22));
  Bytes error;
  append(error, kAll[6]);
  CHECK(error == Bytes("\x07\x09\0\0\0\0\0\0\0\x09no_leader\x11\0\0\0No cluster leader", 40));
  Bytes credit;
  append(credit, kAll[8]);
  CHECK(credit == Bytes("\x09\x08\0\0\0\0\0\0\0\0\0\x01\0", 13));
}

TEST_CASE("every shorter envelope is refused, and bad kinds too", "[rpc][envelope]") {
  for (const auto& envelope : kAll) {
    Bytes whole;
    append(whole, envelope);
    CHECK(whole.size() <= envelope.body.size() + net::rpc::kEnvelopeHeadBytesMax);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      core::Reader in(ByteView(whole).substr(0, n));
      CHECK_FALSE(take_envelope(in).ok());
    }
    for (const char kind : {'\0', '\x0a', '\xff'}) {
      auto bad = whole;
      bad[0] = kind;
      core::Reader in(bad);
      CHECK_FALSE(take_envelope(in).ok());
    }
  }
}

TEST_CASE("an error code we do not know is still an error", "[rpc][envelope]") {
  const Bytes raw("\x07\x01\0\0\0\0\0\0\0\x05weird\0\0\0\0", 19);
  core::Reader in(raw);
  const auto read = take_envelope(in);
  REQUIRE(read.ok());
  CHECK(read->code == Errc::rejected);
}

TEST_CASE("hellos are read as they were written, and garbage is refused", "[rpc][envelope]") {
  const Hello hello{Role::client, "global", "node-1", "1.0.0"};
  const auto bytes = encode(hello);
  CHECK(*net::rpc::decode_hello(bytes) == hello);
  for (std::size_t n = 0; n < bytes.size(); ++n) CHECK_FALSE(net::rpc::decode_hello(ByteView(bytes).substr(0, n)).ok());
  CHECK_FALSE(net::rpc::decode_hello(bytes + "x").ok());
  core::Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    Bytes noise;
    for (auto n = rng.below(40); n-- > 0;) noise.push_back(static_cast<char>(rng.below(256)));
    (void)net::rpc::decode_hello(noise).ok();
    core::Reader in(noise);
    while (take_envelope(in).ok()) continue;
  }
}
