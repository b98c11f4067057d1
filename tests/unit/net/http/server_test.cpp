// SPDX-License-Identifier: MPL-2.0
#include "net/http/server.h"

#include <optional>

#include "net/http/router.h"
#include "net/uv/tcp.h"
#include "tests/support/raw_client.h"

using core::Bytes;
using core::ByteView;
using net::http::Request;
using net::http::Responder;
using net::http::Response;
using net::http::Server;
using net::http::ServerOptions;
using support::RawClient;
using support::TestLoop;

namespace {

constexpr auto kEcho = [](Request request, Responder responder) {
  responder.send(Response::text(200, std::string(to_string(request.method)) + " " + request.path + " " + request.body));
};

Bytes get(std::string_view path, std::string_view more = "") { return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more) + "\r\n"; }

struct Fixture {
  TestLoop t;
  Server server;
  net::uv::Address address;

  explicit Fixture(net::http::Handler handler, ServerOptions options = {}) : server(t.loop, std::move(handler), std::move(options)) {
    auto bound = server.listen(support::kLoopback);
    REQUIRE(bound.ok());
    address = *bound;
  }
  // Everything the server says to these bytes until it closes, the client having closed its sending side or not.
  Bytes talk(Bytes bytes, bool half_close = false) {
    RawClient client(t, address, std::move(bytes), half_close);
    t.run();
    return client.received();
  }
};

}  // namespace

TEST_CASE("a request is answered with status, headers and length", "[http][server]") {
  Fixture f(kEcho);
  CHECK(f.talk("PUT /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi") ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nVary: Accept-Encoding\r\nConnection: close\r\nContent-Length: 9\r\n\r\nPUT /a hi");
}

TEST_CASE("pipelined requests are answered in order, also when answers come late", "[http][server]") {
  std::vector<std::pair<std::string, Responder>> waiting;
  std::function<void()> wake;
  Fixture f([&](Request request, Responder responder) {
    if (request.query.has("late")) {
      waiting.emplace_back(request.path, responder);
      wake();
    } else {
      responder.send(Response::text(200, request.path));
    }
  });
  wake = [&] {
    f.t.loop.defer([&] {
      auto [path, responder] = waiting.back();
      waiting.pop_back();
      responder.send(Response::text(200, path));
    });
  };
  const auto input = get("/1") + get("/2?late") + get("/3") + get("/4?late") + get("/5", "Connection: close\r\n");
  const auto answer = f.talk(input);
  std::size_t at = 0;
  for (const auto* path : {"\r\n\r\n/1", "\r\n\r\n/2", "\r\n\r\n/3", "\r\n\r\n/4", "\r\n\r\n/5"}) {
    at = answer.find(path, at);
    REQUIRE(at != Bytes::npos);
  }
}

TEST_CASE("a client that closes its sending side still gets what it asked for", "[http][server]") {
  std::optional<Responder> late;
  Fixture f([&](Request request, Responder responder) {
    if (request.path != "/2") return responder.send(Response::text(200, request.path));
    responder.on_gone([&] { late->send(Response::text(200, "late")); });
    late = responder;
  });
  const auto answer = f.talk(get("/1") + get("/2") + get("/3"), true);
  CHECK(answer.find("\r\n\r\n/1") != Bytes::npos);
  CHECK(answer.find("\r\n\r\nlate") != Bytes::npos);
  CHECK(answer.ends_with("\r\n\r\n/3"));
}

TEST_CASE("refused requests get their status and the connection is closed", "[http][server]") {
  ServerOptions options;
  options.limits.body_bytes_max = 10;
  Fixture f(kEcho, options);
  CHECK(f.talk("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(f.talk("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + Bytes(1'000'000, 'x')).starts_with("HTTP/1.1 413 Request Entity Too Large\r\n"));
  CHECK(f.talk(get("/" + Bytes(20'000, 'x'))).starts_with("HTTP/1.1 431 "));
  CHECK(f.talk(get("/ok") + "rubbish\r\n\r\n").find("HTTP/1.1 400 ") != Bytes::npos);
}

TEST_CASE("a client waiting for 100 Continue is told to go on", "[http][server]") {
  Fixture f(kEcho);
  const auto answer = f.talk("PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n", true);
  CHECK(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\n"));
}

TEST_CASE("HEAD gets the headers of the body it does not get", "[http][server]") {
  Fixture f([](Request, Responder responder) { responder.send(Response::text(200, "12345")); });
  const auto answer = f.talk("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  CHECK(answer.find("Content-Length: 5\r\n") != Bytes::npos);
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("a shared body arrives whole and is let go of", "[http][server]") {
  auto body = std::make_shared<const Bytes>(Bytes(3'000'000, 'b'));
  Fixture f([&](Request, Responder responder) {
    Response response;
    response.body.append(Bytes("head "));
    response.body.append(body);
    responder.send(std::move(response));
  });
  const auto answer = f.talk(get("/", "Connection: close\r\n"));
  CHECK(answer.find("Content-Length: 3000005\r\n") != Bytes::npos);
  CHECK(answer.ends_with(*body));
  CHECK(body.use_count() == 1);
}

TEST_CASE("a handler that forgets to answer gets its client a 500", "[http][server]") {
  Fixture f([](Request, Responder) {});
  CHECK(f.talk(get("/", "Connection: close\r\n")).starts_with("HTTP/1.1 500 "));
}

TEST_CASE("a stream arrives in chunks, and an HTTP/1.0 client gets it plain", "[http][server]") {
  Fixture f([](Request, Responder responder) {
    responder.start(Response::text(200, "first"));
    CHECK(responder.write("second"));
    responder.finish();
  });
  CHECK(f.talk(get("/", "Connection: close\r\n")).ends_with("Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n"));
  const auto old = f.talk("GET / HTTP/1.0\r\n\r\n");
  CHECK(old.ends_with("\r\n\r\nfirstsecond"));
  CHECK(old.find("chunked") == Bytes::npos);
}

TEST_CASE("a stream dropped before its end is cut off, not finished", "[http][server]") {
  Fixture f([](Request, Responder responder) {
    responder.start(Response::empty(200));
    responder.write("part");
  });
  CHECK(f.talk(get("/")).ends_with("4\r\npart\r\n"));
}

TEST_CASE("a stream to a slow reader stops at the high mark and goes on when drained", "[http][server]") {
  std::size_t produced = 0;
  std::size_t refused = 0;
  constexpr std::size_t kTotal = 20'000'000;
  Fixture f([&](Request, Responder responder) {
    responder.start(Response::empty(200));
    auto produce = [&, responder] {
      bool more = true;
      while (more && produced < kTotal) {
        produced += 100'000;
        more = responder.write(Bytes(100'000, 'x'));
      }
      if (!more) ++refused;
      if (produced == kTotal) responder.finish();
    };
    responder.on_drained(produce);
    produce();
  });
  const auto answer = f.talk(get("/", "Connection: close\r\n"));
  CHECK(answer.size() > kTotal);
  CHECK(answer.ends_with("0\r\n\r\n"));
  CHECK(refused > 0);
}

TEST_CASE("a handler learns that its client went away, and a late answer is harmless", "[http][server]") {
  std::optional<Responder> kept;
  std::optional<RawClient> client;
  TestLoop* loop = nullptr;
  int gone = 0;
  Fixture f([&](Request request, Responder responder) {
    if (request.path == "/stream") responder.start(Response::empty(200));
    kept = responder;
    responder.on_gone([&] {
      ++gone;
      loop->stop();
    });
    loop->loop.defer([&] { client.reset(); });
  });
  loop = &f.t;
  const auto* path = GENERATE("/wait", "/stream");
  client.emplace(f.t, f.address, get(path), false);
  f.t.run();
  CHECK(gone == 1);
  CHECK(kept->gone());
  if (std::string_view(path) == "/wait") kept->send(Response::empty(200));
  if (std::string_view(path) == "/stream") CHECK_FALSE(kept->write("x"));
}

TEST_CASE("idle, trickling and never-reading clients are dropped", "[http][server]") {
  ServerOptions options;
  options.idle_timeout = std::chrono::milliseconds(60);
  options.request_timeout = std::chrono::milliseconds(60);
  Fixture f(kEcho, options);
  CHECK(f.talk("").empty());
  CHECK(f.talk("GET / HTTP/1.1\r\nHos").empty());
  CHECK(f.talk(get("/1")).ends_with("/1 "));
  CHECK(f.server.connections() == 0);
}

TEST_CASE("connections over the cap of their address get a 429", "[http][server]") {
  ServerOptions options;
  options.connections_per_address_max = 1;
  Fixture f(kEcho, options);
  RawClient first(f.t, f.address, get("/"), false);
  first.on_bytes([&] { f.t.stop(); });
  f.t.run();
  CHECK(f.talk(get("/")).starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
  f.server.set_connections_per_address_max(0);
  CHECK(f.talk(get("/", "Connection: close\r\n")).starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("a connection can be taken over, with the bytes that came early", "[http][server]") {
  std::optional<net::uv::Stream> taken;
  Bytes early;
  Bytes later;
  TestLoop* loop = nullptr;
  Fixture f([&](Request, Responder responder) {
    Response head = Response::empty(101);
    head.headers.add("Upgrade", "echo");
    responder.upgrade(std::move(head), [&](net::uv::Stream stream, Bytes leftover) {
      early = std::move(leftover);
      taken.emplace(std::move(stream));
      taken->read([&](ByteView bytes) { later += bytes; },
                  [&](core::Status) {
                    taken->write("bye");
                    loop->loop.defer([&] { taken.reset(); });
                  });
    });
  });
  loop = &f.t;
  const auto answer = f.talk(get("/", "Connection: Upgrade\r\nUpgrade: echo\r\n") + "early", true);
  CHECK(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n"));
  CHECK(answer.ends_with("\r\n\r\nbye"));
  CHECK(early + later == "early");
  CHECK(f.server.connections() == 0);
}

TEST_CASE("a server dies with requests in flight, and their handlers are told", "[http][server]") {
  TestLoop t;
  int gone = 0;
  std::optional<Responder> kept;
  std::optional<RawClient> client;
  auto server = std::make_unique<Server>(t.loop, [&](Request, Responder responder) {
    responder.on_gone([&] { ++gone; });
    kept = responder;
    t.stop();
  });
  auto bound = server->listen(support::kLoopback);
  REQUIRE(bound.ok());
  client.emplace(t, *bound, get("/"), false);
  t.run();
  server.reset();
  CHECK(gone == 1);
  kept->send(Response::empty(200));
}
