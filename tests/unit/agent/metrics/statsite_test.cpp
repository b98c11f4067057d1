// SPDX-License-Identifier: MPL-2.0
#include <optional>

#include "agent/metrics/statsite.h"
#include "tests/support/test_loop.h"

using agent::metrics::Statsite;
using support::TestLoop;

namespace {

struct Receiver {
  explicit Receiver(TestLoop& t) {
    auto listening = net::uv::TcpListener::listen(t.loop, support::kLoopback, [this, &t](net::uv::Stream stream) {
      ++connections;
      peer.emplace(std::move(stream));
      peer->read(
          [this, &t](core::ByteView bytes) {
            received += bytes;
            if (received.ends_with("end\n")) t.stop();
          },
          [](const core::Status&) {});
    });
    REQUIRE(listening.ok());
    listener.emplace(std::move(*listening));
  }
  net::uv::HostPort where() const { return {"127.0.0.1", listener->local().port}; }

  int connections = 0;
  std::string received;
  std::optional<net::uv::Stream> peer;
  std::optional<net::uv::TcpListener> listener;
};

// Sends them again and again, for nobody knows when the connection is there.
struct Sending {
  Sending(TestLoop& t, Statsite& to, std::vector<std::string> lines) : timer(t.loop, [this, &t, &to] {
    to.send(all);
    timer.arm(t.loop.now() + std::chrono::milliseconds(5));
  }), all(std::move(lines)) {
    timer.arm(t.loop.now());
  }
  net::uv::Timer timer;
  std::vector<std::string> all;
};

}  // namespace

TEST_CASE("statsite gets lines over one connection", "[metrics][statsite]") {
  TestLoop t;
  Receiver receiver(t);
  Statsite statsite(t.loop, receiver.where(), {}, std::chrono::milliseconds(10));
  Sending sending(t, statsite, {"a:1.000000|c\n", "end\n"});
  t.run();
  t.run();
  CHECK(receiver.received.starts_with("a:1.000000|c\nend\na:1.000000|c\nend\n"));
  CHECK(receiver.connections == 1);
}

TEST_CASE("statsite is connected anew when the connection breaks", "[metrics][statsite]") {
  TestLoop t;
  Receiver receiver(t);
  Statsite statsite(t.loop, receiver.where(), {}, std::chrono::milliseconds(10));
  Sending sending(t, statsite, {"end\n"});
  t.run();
  receiver.peer.reset();
  receiver.received.clear();
  t.run();
  CHECK(receiver.received.starts_with("end\n"));
  CHECK(receiver.connections == 2);
}
