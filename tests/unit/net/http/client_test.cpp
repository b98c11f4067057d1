// SPDX-License-Identifier: MPL-2.0
#include "net/http/client.h"

#include <future>
#include <thread>

#include "tests/support/http_loopback.h"

using core::Bytes;
using core::ByteView;
using core::Errc;
using net::http::Client;
using net::http::Method;
using net::http::parse_url;
using net::http::Request;
using net::http::Responder;
using net::http::Response;
using support::HttpLoopback;

TEST_CASE("the client sends method, headers and body, and collects the answer", "[http][client]") {
  HttpLoopback web([](Request request, Responder responder) {
    auto response = Response::json(Bytes(to_string(request.method)) + request.target + request.body);
    response.status = 201;
    response.headers.add("X-Seen", request.headers.find("X-Nomad-Token").value_or("none"));
    responder.send(std::move(response));
  });
  net::http::Outgoing out{.method = Method::put, .target = "/v1/jobs?pretty", .body = Bytes(100'000, 'j')};
  out.headers.add("X-Nomad-Token", "t");
  const auto response = web.try_call(std::move(out));
  REQUIRE(response.ok());
  CHECK(response->status == 201);
  CHECK(response->headers.find("x-seen") == "t");
  CHECK(response->body.text() == "PUT/v1/jobs?pretty" + Bytes(100'000, 'j'));
}

TEST_CASE("calls after one another share a connection; a closed one is replaced", "[http][client]") {
  std::vector<std::uint16_t> ports;
  net::http::ServerOptions options;
  options.idle_timeout = std::chrono::milliseconds(30);
  HttpLoopback web(
      [&](Request request, Responder responder) {
        ports.push_back(request.peer.port);
        responder.send(Response::empty(200));
      },
      options);
  web.call(Method::get, "/");
  web.call(Method::get, "/");
  REQUIRE(ports.size() == 2);
  CHECK(ports[0] == ports[1]);
  // Let the server drop the idle connection; the client finds out when it uses it.
  net::uv::Timer wait(web.t.loop, [&] {
    if (web.server.connections() == 0) return web.t.stop();
    wait.arm(web.t.loop.now() + std::chrono::milliseconds(5));
  });
  wait.arm(web.t.loop.now());
  web.t.run();
  web.call(Method::get, "/");
  CHECK(ports.size() == 3);
}

TEST_CASE("a stream's head comes first, then the pieces, then the end", "[http][client]") {
  HttpLoopback web([](Request request, Responder responder) {
    if (request.path == "/error") return responder.send(Response::text(500, "No cluster leader"));
    responder.start(Response::text(200, "one,"));
    responder.write("two,");
    responder.finish();
  });
  std::string seen;
  std::string end;
  const auto stream = [&](std::string target) {
    web.client.stream(
        web.address, {.target = std::move(target)}, [&](const Response& head) { seen += std::to_string(head.status) + ":"; },
        [&](ByteView piece) { seen += piece; },
        [&](core::Result<Response> result) {
          REQUIRE(result.ok());
          end = std::to_string(result->status) + result->body.text();
          web.t.stop();
        });
    web.t.run();
  };
  stream("/");
  CHECK(seen == "200:one,two,");
  CHECK(end == "200");
  stream("/error");
  CHECK(seen == "200:one,two,");
  CHECK(end == "500No cluster leader");
}

TEST_CASE("a call that takes too long times out, one cut off is unavailable", "[http][client]") {
  std::vector<Responder> kept;
  HttpLoopback web([&](Request request, Responder responder) {
    if (request.path == "/slow") return kept.push_back(std::move(responder));
    responder.start(Response::empty(200));
    responder.write("part");
  });
  const auto slow = web.try_call({.target = "/slow", .timeout = std::chrono::milliseconds(30)});
  REQUIRE_FALSE(slow.ok());
  CHECK(slow.error().code == Errc::timeout);
  const auto cut = web.try_call({.target = "/cut"});
  REQUIRE_FALSE(cut.ok());
  CHECK(cut.error().code == Errc::unavailable);
}

TEST_CASE("a body over the caller's limit is refused", "[http][client]") {
  HttpLoopback web([&](Request, Responder responder) { responder.send(Response::text(200, Bytes(1000, 'x'))); });
  const auto response = web.try_call({.body_bytes_max = 999});
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code == Errc::too_large);
}

TEST_CASE("a call cancelled by its own callback tells nothing more", "[http][client]") {
  HttpLoopback web([](Request, Responder responder) {
    responder.start(Response::empty(200));
    for (int i = 0; i < 100; ++i) responder.write("x");
    responder.finish();
  });
  int pieces = 0;
  bool done = false;
  Client::CallId call = 0;
  call = web.client.stream(
      web.address, {}, {},
      [&](ByteView) {
        ++pieces;
        web.client.cancel(call);
        web.t.loop.defer([&] { web.t.stop(); });
      },
      [&](core::Result<Response>) { done = true; });
  web.t.run();
  CHECK(pieces == 1);
  CHECK_FALSE(done);
}

TEST_CASE("nobody listening is unavailable, for a name too", "[http][client]") {
  net::uv::HostPort nobody{"localhost", 0};
  {
    HttpLoopback web([](Request, Responder) {});
    nobody.port = web.address.port;
  }
  const auto response = net::http::fetch({nobody, ""}, {.timeout = std::chrono::seconds(10)});
  REQUIRE_FALSE(response.ok());
  CHECK(response.error().code == Errc::unavailable);
}

TEST_CASE("fetch works against a server in another thread, whole and streamed", "[http][client]") {
  std::promise<net::uv::HostPort> ready;
  std::thread other([&] {  // asserts nothing itself: Catch is for one thread
    net::uv::Loop loop;
    net::http::Server server(loop, [&](Request request, Responder responder) {
      if (request.path == "/base/stop") loop.defer([&] { loop.stop(); });
      if (request.path != "/base/endless") return responder.send(Response::text(200, request.target));
      responder.start(Response::empty(200));
      responder.on_drained([responder] { responder.write(Bytes(1'000'000, 'x')); });
      responder.write(Bytes(1'000'000, 'x'));
    });
    const auto bound = server.listen(support::kLoopback);
    ready.set_value({bound->ip, bound->port});
    loop.run();
  });
  const net::http::Url url{ready.get_future().get(), "/base"};
  const auto whole = net::http::fetch(url, {.target = "/x?y"});
  REQUIRE(whole.ok());
  CHECK(whole->body.text() == "/base/x?y");
  std::size_t got = 0;
  const auto streamed = net::http::fetch_stream(url, {.target = "/endless"}, [&](ByteView piece) { return (got += piece.size()) < 3'000'000; });
  REQUIRE(streamed.ok());
  CHECK(streamed->status == 200);
  CHECK(got >= 3'000'000);
  CHECK(net::http::fetch(url, {.target = "/stop"}).ok());
  other.join();
}

TEST_CASE("URLs name a server, a port and a prefix", "[http][client]") {
  const auto url = parse_url("http://example.com/prefix/", 4646);
  REQUIRE(url.ok());
  CHECK(url->server == net::uv::HostPort{"example.com", 4646});
  CHECK(url->base_path == "/prefix");
  CHECK(parse_url("127.0.0.1:80", 4646)->server == net::uv::HostPort{"127.0.0.1", 80});
  CHECK(parse_url("http://[::1]:80", 4646)->server == net::uv::HostPort{"::1", 80});
  CHECK(parse_url("https://x", 4646).error().code == Errc::unsupported);
  CHECK(parse_url("http://", 4646).error().code == Errc::invalid);
}
