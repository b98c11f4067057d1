// SPDX-License-Identifier: MPL-2.0
#include "agent/metrics/statsd.h"
#include "tests/support/test_loop.h"

using agent::metrics::datagrams;
using agent::metrics::Statsd;
using support::TestLoop;

TEST_CASE("lines share a datagram as far as they fit, and none is cut", "[metrics][statsd]") {
  CHECK(datagrams({}, 10).empty());
  CHECK(datagrams({"aaaa\n", "bbbb\n", "c\n"}, 10) == std::vector<std::string>{"aaaa\nbbbb\n", "c\n"});
  CHECK(datagrams({"aaaaaaaaa\n", "b\n"}, 10) == std::vector<std::string>{"aaaaaaaaa\n", "b\n"});
}

TEST_CASE("a line that fits no datagram is left out", "[metrics][statsd]") {
  CHECK(datagrams({"a\n", "bbbbbbbbbb\n", "c\n"}, 10) == std::vector<std::string>{"a\nc\n"});
}

TEST_CASE("statsd gets lines once its name is known", "[metrics][statsd]") {
  TestLoop t;
  std::string got;
  auto server = net::uv::UdpSocket::bind(t.loop, support::kLoopback, [&](core::ByteView datagram, const net::uv::Address&) {
    got = datagram;
    t.stop();
  });
  REQUIRE(server.ok());
  Statsd statsd(t.loop, {"127.0.0.1", server->local().port}, {});
  net::uv::Timer sending(t.loop, [&] {
    statsd.send({"a:1.000000|c\n", "b:2.000000|g\n"});
    sending.arm(t.loop.now() + std::chrono::milliseconds(5));
  });
  sending.arm(t.loop.now());
  t.run();
  CHECK(got == "a:1.000000|c\nb:2.000000|g\n");
}
