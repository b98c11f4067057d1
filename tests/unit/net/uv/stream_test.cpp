// SPDX-License-Identifier: MPL-2.0
#include "net/uv/stream.h"

#include <signal.h>
#include <unistd.h>

#include <optional>

#include "net/uv/tcp.h"
#include "net/uv/unix_socket.h"
#include "tests/support/test_loop.h"

using core::ByteView;
using core::Bytes;
using core::Errc;
using core::Status;
using net::uv::Stream;
using net::uv::TcpConnect;
using net::uv::TcpListener;
using support::TestLoop;

namespace {

// Two connected streams over loopback TCP.
struct Pair {
  TestLoop t;
  std::optional<Stream> server;
  std::optional<Stream> client;

  Pair() {
    auto ready = t.stop_after(2);
    auto both = std::make_shared<std::function<void()>>(ready);
    auto listener = TcpListener::listen(t.loop, support::kLoopback, [&, both](Stream s) {
      server.emplace(std::move(s));
      (*both)();
    });
    REQUIRE(listener.ok());
    TcpConnect attempt(t.loop, listener->local(), std::chrono::seconds(5), [&, both](core::Result<Stream> s) {
      REQUIRE(s.ok());
      client.emplace(std::move(s).value());
      (*both)();
    });
    t.run();
  }
};

}  // namespace

TEST_CASE("what one side writes the other reads, then its end", "[uv][tcp]") {
  Pair p;
  Bytes got;
  bool ended = false;
  p.server->read([&](ByteView bytes) { got += bytes; },
                 [&](Status status) {
                   ended = status.ok();
                   p.t.stop();
                 });
  p.client->write("hello, ");
  std::vector<net::uv::Buffer> pieces;
  pieces.emplace_back(Bytes("big "));
  pieces.emplace_back(std::make_shared<const Bytes>("world"));
  p.client->write(std::move(pieces));
  p.client->shutdown();
  p.t.run();
  CHECK(got == "hello, big world");
  CHECK(ended);
  CHECK(p.client->peer() == p.server->local());
  CHECK(p.server->peer() == p.client->local());
}

TEST_CASE("a write larger than the kernel takes is queued, told when done, and arrives whole", "[uv][tcp]") {
  Pair p;
  const Bytes sent(9'000'000, 'x');
  std::size_t got = 0;
  bool told = false;
  bool drained = false;
  p.client->on_drained([&] { drained = true; });
  p.client->write(sent, [&](Status status) { told = status.ok(); });
  CHECK_FALSE(told);
  CHECK(p.client->queued_bytes() > 0);
  p.client->shutdown();
  p.server->read([&](ByteView bytes) { got += bytes.size(); }, [&](Status) { p.t.stop(); });
  p.t.run();
  CHECK(got == sent.size());
  CHECK(told);
  CHECK(drained);
  CHECK(p.client->queued_bytes() == 0);
}

TEST_CASE("a completion never comes before the call returned", "[uv][tcp]") {
  Pair p;
  bool told = false;
  p.client->write("x", [&](Status) {
    told = true;
    p.t.stop();
  });
  CHECK_FALSE(told);
  p.t.run();
  CHECK(told);
}

TEST_CASE("a stream destroyed in its own read callback is never called again", "[uv][tcp]") {
  Pair p;
  int calls = 0;
  p.server->read(
      [&](ByteView) {
        ++calls;
        p.server.reset();
      },
      [&](Status) { ++calls; });
  p.client->read([](ByteView) {}, [&](Status) { p.t.stop(); });
  p.client->write(Bytes(300'000, 'x'));
  p.t.run();
  CHECK(calls == 1);
}

// The first write is answered by a reset; to write then raises SIGPIPE, which would end this process.
TEST_CASE("a write to a peer that left fails, and raises no signal", "[uv][tcp]") {
  Pair p;
  p.server.reset();
  Status last = core::ok_status();
  std::function<void(Status)> again = [&](Status status) {
    last = std::move(status);
    if (!last.ok()) return p.t.stop();
    p.client->write("x", again);
  };
  p.t.loop.defer([&] { p.client->write("x", again); });
  p.t.run();
  CHECK(last.error().code == Errc::unavailable);
  sigset_t pending;
  sigpending(&pending);
  CHECK(sigismember(&pending, SIGPIPE) == 0);
}

TEST_CASE("a paused stream reads nothing until resumed", "[uv][tcp]") {
  Pair p;
  Bytes got;
  p.server->read(
      [&](ByteView bytes) {
        got += bytes;
        p.t.stop();
      },
      [](Status) {});
  p.server->pause();
  p.client->write("late", [&](Status) { p.t.stop(); });
  p.t.run();
  CHECK(got.empty());
  p.server->resume();
  p.t.run();
  CHECK(got == "late");
}

TEST_CASE("a reader may be replaced from inside the reader it replaces", "[uv][tcp]") {
  Pair p;
  Bytes first;
  Bytes second;
  p.server->read(
      [&](ByteView bytes) {
        first += bytes;
        p.server->read(
            [&](ByteView more) {
              second += more;
              p.t.stop();
            },
            [](Status) {});
        p.client->write("two");
      },
      [](Status) {});
  p.client->write("one");
  p.t.run();
  CHECK(first == "one");
  CHECK(second == "two");
}

TEST_CASE("listening on a taken port says in_use, on a foreign address invalid", "[uv][tcp]") {
  TestLoop t;
  auto first = TcpListener::listen(t.loop, support::kLoopback, [](Stream) {});
  REQUIRE(first.ok());
  CHECK(first->local().port != 0);
  const auto again = TcpListener::listen(t.loop, first->local(), [](Stream) {});
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code == Errc::in_use);
  const auto foreign = TcpListener::listen(t.loop, {"192.0.2.1", 0}, [](Stream) {});
  REQUIRE_FALSE(foreign.ok());
  CHECK(foreign.error().code == Errc::invalid);
  const auto named = TcpListener::listen(t.loop, {"localhost", 0}, [](Stream) {});
  REQUIRE_FALSE(named.ok());
  CHECK(named.error().code == Errc::invalid);
}

TEST_CASE("connecting where nobody listens is unavailable, and told once", "[uv][tcp]") {
  TestLoop t;
  net::uv::Address nobody;
  {
    auto listener = TcpListener::listen(t.loop, support::kLoopback, [](Stream) {});
    REQUIRE(listener.ok());
    nobody = listener->local();
  }
  t.loop.defer([&] { t.stop(); });
  t.run();  // the listener's close has happened
  int told = 0;
  Errc code{};
  TcpConnect attempt(t.loop, nobody, std::chrono::seconds(5), [&](core::Result<Stream> s) {
    REQUIRE_FALSE(s.ok());
    code = s.error().code;
    ++told;
    t.stop();
  });
  CHECK(told == 0);
  t.run();
  CHECK(told == 1);
  CHECK(code == Errc::unavailable);
}

TEST_CASE("an attempt to connect that is given up tells nobody", "[uv][tcp]") {
  TestLoop t;
  bool told = false;
  auto listener = TcpListener::listen(t.loop, support::kLoopback, [](Stream) {});
  REQUIRE(listener.ok());
  { TcpConnect attempt(t.loop, listener->local(), std::chrono::seconds(5), [&](core::Result<Stream>) { told = true; }); }
  { TcpConnect attempt(t.loop, {"not an address", 1}, std::chrono::seconds(5), [&](core::Result<Stream>) { told = true; }); }
  t.loop.defer([&] { t.loop.defer([&] { t.stop(); }); });
  t.run();
  CHECK_FALSE(told);
}

TEST_CASE("unix sockets carry bytes, and refuse impossible paths", "[uv][unix]") {
  TestLoop t;
  const std::string path = "/tmp/nomad-test-" + std::to_string(::getpid()) + ".sock";
  std::optional<Stream> server;
  std::optional<Stream> client;
  Bytes got;
  auto listener = net::uv::UnixListener::listen(t.loop, path, [&](Stream s) {
    server.emplace(std::move(s));
    server->read(
        [&](ByteView bytes) {
          got += bytes;
          t.stop();
        },
        [](Status) {});
  });
  REQUIRE(listener.ok());
  const auto again = net::uv::UnixListener::listen(t.loop, path, [](Stream) {});
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code == Errc::in_use);
  net::uv::UnixConnect attempt(t.loop, path, [&](core::Result<Stream> s) {
    REQUIRE(s.ok());
    client.emplace(std::move(s).value());
    client->write("ping");
  });
  t.run();
  CHECK(got == "ping");
  const auto too_long = net::uv::UnixListener::listen(t.loop, "/tmp/" + std::string(200, 'x'), [](Stream) {});
  REQUIRE_FALSE(too_long.ok());
  CHECK(too_long.error().code == Errc::invalid);
  Errc code{};
  net::uv::UnixConnect nobody(t.loop, path + ".absent", [&](core::Result<Stream> s) {
    REQUIRE_FALSE(s.ok());
    code = s.error().code;
    t.stop();
  });
  t.run();
  CHECK(code == Errc::not_found);
}
