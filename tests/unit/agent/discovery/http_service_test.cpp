// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/config.h"
#include "agent/discovery/consul_options.h"
#include "tests/support/http_loopback.h"
#include "tests/unit/agent/discovery/lines.h"

using namespace agent::discovery;
using core::Errc;
using core::Level;
using net::http::Request;
using net::http::Responder;
using net::http::Response;

namespace {

agent::config::Consul consul_at(const net::uv::HostPort& where) {
  auto config = agent::config::defaults().consul;
  config.address = net::uv::join_host_port(where.host, where.port);
  config.configured = true;
  return config;
}

struct Rig {
  explicit Rig(net::http::Handler handler) : http(std::move(handler)), config(consul_at(http.address)) {}

  core::Result<core::Bytes> get(const std::string& target) {
    if (!client) client.emplace(http.t.loop, *consul_options(config), core::Logger(log, "consul"));
    std::optional<core::Result<core::Bytes>> got;
    client->get(target, [&](core::Result<core::Bytes> body) {
      got.emplace(std::move(body));
      http.t.stop();
    });
    http.t.run();
    return *got;
  }

  support::HttpLoopback http;
  agent::config::Consul config;
  support::Lines log;
  std::optional<HttpService> client;
};

}  // namespace

TEST_CASE("what Consul is to know of who asks travels in headers", "[discovery][consul]") {
  std::string seen;
  Rig rig([&](const Request& request, const Responder& responder) {
    for (const auto* name : {"X-Consul-Token", "Authorization", "X-Consul-Namespace"}) seen += std::string(request.headers.find(name).value_or("-")) + "|";
    seen += request.target;
    responder.send(Response::json(core::Bytes("[]")));
  });
  SECTION("all of it") {
    rig.config.token.text = "sesame";
    rig.config.auth.text = "ali:baba";
    rig.config.ns = "team";
    rig.config.address = "http://" + rig.config.address + "/consul/";
    CHECK(rig.get("/v1/x?y=1").value() == "[]");
    CHECK(seen == "sesame|Basic YWxpOmJhYmE=|team|/consul/v1/x?y=1");
  }
  SECTION("nothing of it") {
    CHECK(rig.get("/v1/x").ok());
    CHECK(seen == "-|-|-|/v1/x");
  }
  CHECK_FALSE(rig.log.hold("sesame"));
}

TEST_CASE("a refusal is an error that names the question and the status", "[discovery][consul]") {
  Rig rig([](const Request&, const Responder& responder) { responder.send(Response::text(403, "secret reason")); });
  const auto got = rig.get("/v1/agent/self?dc=x");
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().code == Errc::denied);
  CHECK(got.error().detail == "GET /v1/agent/self is answered with 403: the token is not accepted");
}

TEST_CASE("an answer without end is an error", "[discovery][consul]") {
  Rig rig([](const Request&, const Responder& responder) { responder.send(Response::json(core::Bytes(5 * 1024 * 1024, ' '))); });
  CHECK(rig.get("/v1/agent/self").error().code == Errc::too_large);
}

TEST_CASE("who does not answer in time is an error", "[discovery][consul]") {
  std::vector<Responder> kept;
  Rig rig([&](const Request&, const Responder& responder) { kept.push_back(responder); });
  rig.config.timeout = std::chrono::milliseconds(20);
  CHECK(rig.get("/v1/agent/self").error().code == Errc::timeout);
  rig.client.reset();
}

TEST_CASE("that a configured Consul fails is warned of once, not at every question", "[discovery][consul]") {
  Rig rig([](const Request&, const Responder& responder) { responder.send(Response::empty(500)); });
  for (int i = 0; i < 5; ++i) CHECK_FALSE(rig.get("/v1/agent/self").ok());
  CHECK(rig.log.count(Level::warn, "Consul does not do as it is asked") == 1);
}

TEST_CASE("that nobody has a Consul is worth one line for who debugs", "[discovery][consul]") {
  Rig rig([](const Request&, const Responder& responder) { responder.send(Response::empty(404)); });
  rig.config.configured = false;
  for (int i = 0; i < 5; ++i) CHECK_FALSE(rig.get("/v1/agent/self").ok());
  CHECK(rig.log.count(Level::debug, "no Consul on this host") == 1);
  CHECK(rig.log.count(Level::warn, "") == 0);
  CHECK(rig.log.count(Level::info, "") == 0);
}

TEST_CASE("that Consul is found, goes and returns is told", "[discovery][consul]") {
  int status = 200;
  Rig rig([&](const Request&, const Responder& responder) { responder.send(Response::text(status, "{}")); });
  rig.config.configured = false;
  for (const int next : {200, 200, 500, 500, 200, 500}) {
    status = next;
    CHECK(rig.get("/v1/agent/self").ok() == (next == 200));
  }
  CHECK(rig.log.count(Level::info, "Consul answers: ") == 1);
  CHECK(rig.log.count(Level::info, "Consul answers again: ") == 1);
  CHECK(rig.log.count(Level::warn, "") == 1);
}

TEST_CASE("a Consul that wants https or a socket is not spoken to", "[discovery][consul]") {
  auto config = agent::config::defaults().consul;
  SECTION("ssl") { config.ssl = true; }
  SECTION("https") { config.address = "https://127.0.0.1:8501"; }
  SECTION("a socket") { config.address = "unix:///var/run/consul.sock"; }
  CHECK(consul_options(config).error().code == Errc::unsupported);
}
