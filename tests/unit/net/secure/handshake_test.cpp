// SPDX-License-Identifier: MPL-2.0
#include "net/secure/handshake.h"

#include <catch2/catch.hpp>

#include <functional>
#include <vector>

using core::Bytes;
using core::Errc;
using net::secure::Channel;
using net::secure::Handshake;
using net::secure::Keyring;

namespace {

Keyring ring() { return Keyring(*net::secure::parse_key(net::secure::generate_key())); }

struct Session {
  Channel initiator;
  Channel responder;
};

// Runs the three messages, each passed through `tamper`, and stops at the first refusal.
core::Result<Session> run(const Keyring& ours, const Keyring& theirs, const std::function<Bytes(int, Bytes)>& tamper = [](int, Bytes m) { return m; },
                          std::string_view context = "test") {
  Handshake initiator(Handshake::Side::initiator, ours, "test");
  Handshake responder(Handshake::Side::responder, theirs, context);
  TRY(auto second, responder.receive(tamper(1, initiator.start())));
  TRY(auto third, initiator.receive(tamper(2, std::move(second))));
  TRY(const auto nothing, responder.receive(tamper(3, std::move(third))));
  CHECK(nothing.empty());
  CHECK(initiator.done());
  CHECK(responder.done());
  CHECK(initiator.agreed() == ours.primary());
  CHECK(responder.agreed() == ours.primary());
  return Session{initiator.take_channel(), responder.take_channel()};
}

Bytes sealed(Channel& channel, core::ByteView message) {
  Bytes out;
  channel.seal(message, out);
  return out;
}

}  // namespace

TEST_CASE("two sides with the same key talk both ways", "[secure][handshake]") {
  const auto keys = ring();
  auto session = run(keys, keys);
  REQUIRE(session.ok());
  for (const Bytes& message : {Bytes("hello"), Bytes(), Bytes(100'000, 'x')}) {
    CHECK(*session->responder.open(sealed(session->initiator, message)) == message);
    CHECK(*session->initiator.open(sealed(session->responder, message)) == message);
  }
  CHECK(sealed(session->initiator, "hello").find("hello") == Bytes::npos);
}

TEST_CASE("a responder accepts an older key of its ring", "[secure][handshake]") {
  const auto old_keys = ring();
  auto both = ring();
  both.add(old_keys.primary());
  CHECK(run(old_keys, both).ok());
  CHECK_FALSE(run(both, old_keys).ok());
}

TEST_CASE("another key, or another protocol, is denied", "[secure][handshake]") {
  const auto keys = ring();
  const auto stranger = run(ring(), keys);
  REQUIRE_FALSE(stranger.ok());
  CHECK(stranger.error().code == Errc::denied);
  const auto other_protocol = run(keys, keys, [](int, Bytes m) { return m; }, "other");
  REQUIRE_FALSE(other_protocol.ok());
  CHECK(other_protocol.error().code == Errc::denied);
}

TEST_CASE("no byte of the handshake can be changed, and none left out", "[secure][handshake]") {
  const auto keys = ring();
  const auto which = GENERATE(1, 2, 3);
  CAPTURE(which);
  std::size_t size = 0;
  REQUIRE(run(keys, keys, [&](int n, Bytes m) { return n == which ? (size = m.size(), m) : m; }).ok());
  for (std::size_t at = 0; at < size; ++at) {
    CAPTURE(at);
    CHECK_FALSE(run(keys, keys, [&](int n, Bytes m) {
                  if (n == which) m[at] = static_cast<char>(m[at] ^ 0x40);
                  return m;
                }).ok());
  }
  CHECK_FALSE(run(keys, keys, [&](int n, Bytes m) { return n == which ? m.substr(1) : m; }).ok());
  CHECK_FALSE(run(keys, keys, [&](int n, Bytes m) { return n == which ? m + "x" : m; }).ok());
  CHECK_FALSE(run(keys, keys, [&](int n, Bytes m) { return n == which ? Bytes() : m; }).ok());
}

TEST_CASE("messages recorded in one session prove nothing in another", "[secure][handshake]") {
  const auto keys = ring();
  std::vector<Bytes> recorded(4);
  REQUIRE(run(keys, keys, [&](int n, Bytes m) { return recorded[static_cast<std::size_t>(n)] = m; }).ok());
  for (const int replayed : {2, 3})
    CHECK_FALSE(run(keys, keys, [&](int n, Bytes m) { return n == replayed ? recorded[static_cast<std::size_t>(n)] : m; }).ok());
  // The first message alone can be sent again, but what follows needs the secret behind it.
  Handshake responder(Handshake::Side::responder, keys, "test");
  REQUIRE(responder.receive(recorded[1]).ok());
  CHECK_FALSE(responder.receive(recorded[3]).ok());
}

TEST_CASE("a message sent back to its sender, or out of turn, is refused", "[secure][handshake]") {
  const auto keys = ring();
  Handshake initiator(Handshake::Side::initiator, keys, "test");
  const auto first = initiator.start();
  CHECK_FALSE(initiator.receive(first).ok());
  Handshake responder(Handshake::Side::responder, keys, "test");
  REQUIRE(responder.receive(first).ok());
  CHECK_FALSE(responder.receive(first).ok());
  CHECK_FALSE(responder.done());
}

TEST_CASE("a channel opens only the next message, unchanged, from the other side", "[secure][channel]") {
  const auto keys = ring();
  auto session = run(keys, keys);
  REQUIRE(session.ok());
  const auto one = sealed(session->initiator, "one");
  const auto two = sealed(session->initiator, "two");
  SECTION("reordered") { CHECK_FALSE(session->responder.open(two).ok()); }
  SECTION("repeated") {
    REQUIRE(session->responder.open(one).ok());
    CHECK_FALSE(session->responder.open(one).ok());
  }
  SECTION("reflected") { CHECK_FALSE(session->initiator.open(one).ok()); }
  SECTION("changed") {
    auto changed = one;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    const auto opened = session->responder.open(changed);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().code == Errc::corrupt);
  }
  SECTION("cut short") {
    for (std::size_t n = 0; n < one.size(); ++n) CHECK_FALSE(session->responder.open(core::ByteView(one).substr(0, n)).ok());
  }
}
