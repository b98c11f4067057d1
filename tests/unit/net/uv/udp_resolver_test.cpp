// SPDX-License-Identifier: MPL-2.0
#include <optional>

#include "net/uv/resolver.h"
#include "net/uv/udp.h"
#include "tests/support/test_loop.h"

using core::ByteView;
using core::Errc;
using net::uv::Address;
using net::uv::Resolve;
using net::uv::UdpSocket;
using support::TestLoop;

TEST_CASE("a datagram arrives with its sender's address, and can be answered", "[uv][udp]") {
  TestLoop t;
  std::optional<UdpSocket> echo;
  auto bound = UdpSocket::bind(t.loop, support::kLoopback, [&](ByteView datagram, const Address& from) {
    CHECK(echo->send(from, std::string(datagram) + "!").ok());
  });
  REQUIRE(bound.ok());
  echo.emplace(std::move(bound).value());
  std::string answer;
  Address answered_by;
  auto asking = UdpSocket::bind(t.loop, support::kLoopback, [&](ByteView datagram, const Address& from) {
    answer = datagram;
    answered_by = from;
    t.stop();
  });
  REQUIRE(asking.ok());
  REQUIRE(asking->send(echo->local(), "hello").ok());
  t.run();
  CHECK(answer == "hello!");
  CHECK(answered_by == echo->local());
}

TEST_CASE("a datagram over what UDP carries is refused", "[uv][udp]") {
  TestLoop t;
  auto socket = UdpSocket::bind(t.loop, support::kLoopback, [](ByteView, const Address&) {});
  REQUIRE(socket.ok());
  const auto sent = socket->send(socket->local(), std::string(70'000, 'x'));
  REQUIRE_FALSE(sent.ok());
  CHECK(sent.error().code == Errc::too_large);
  const auto taken = UdpSocket::bind(t.loop, socket->local(), [](ByteView, const Address&) {});
  REQUIRE_FALSE(taken.ok());
  CHECK(taken.error().code == Errc::in_use);
}

TEST_CASE("localhost resolves to a loopback address with the port asked for", "[uv][resolver]") {
  TestLoop t;
  std::vector<Address> found;
  Resolve lookup(t.loop, {"localhost", 4646}, [&](core::Result<std::vector<Address>> r) {
    REQUIRE(r.ok());
    found = *r;
    t.stop();
  });
  t.run();
  REQUIRE_FALSE(found.empty());
  CHECK((found[0].ip == "127.0.0.1" || found[0].ip == "::1"));
  CHECK(found[0].port == 4646);
}

TEST_CASE("a numeric host is its own answer, on a later turn", "[uv][resolver]") {
  TestLoop t;
  std::vector<Address> found;
  Resolve lookup(t.loop, {"::1", 5}, [&](core::Result<std::vector<Address>> r) {
    found = *r;
    t.stop();
  });
  CHECK(found.empty());
  t.run();
  CHECK(found == std::vector<Address>{{"::1", 5}});
}

TEST_CASE("a dropped lookup tells nobody, and the loop still ends cleanly", "[uv][resolver]") {
  bool told = false;
  {
    net::uv::Loop loop;
    Resolve lookup(loop, {"localhost", 1}, [&](core::Result<std::vector<Address>>) { told = true; });
  }
  CHECK_FALSE(told);
}
