// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/discovery/rendezvous.h"
#include "agent/discovery/rendezvous_visitor.h"
#include "tests/support/http_loopback.h"
#include "tests/unit/agent/discovery/lines.h"

using namespace agent::discovery;
using net::http::Method;
using net::http::Request;
using net::http::Responder;
using net::http::Response;

namespace {

// A real rendezvous, and a server that visits it. `on_request` sees each request first.
struct Rig {
  explicit Rig(std::string shown = "sesame") {
    HttpService::Options where{.name = "the rendezvous", .where = {.server = http.address, .base_path = ""}, .headers = {}, .timeout = std::chrono::seconds(5), .expected = true};
    where.headers.add(kRendezvousTokenHeader, shown);
    visitor.emplace(http.t.loop, std::move(where), visit("10.0.0.1:4648"), core::Rng(7), core::Logger(log, "atlas"));
  }
  static RendezvousVisit visit(const std::string& address) {
    return {.infrastructure = "acme/prod", .peer = {.name = "s.global", .region = "global", .address = address}};
  }
  Response answer(const Request& request) {
    const auto token = request.headers.find(kRendezvousTokenHeader).value_or("");
    if (request.path != kRendezvousPath) return Response::empty(404);
    if (request.method == Method::delete_) {
      left = request.target;
      const auto status = rendezvous.leave(token, std::string(*request.query.get("infrastructure")), std::string(*request.query.get("address")));
      return Response::text(status.ok() ? 200 : 403, "{}");
    }
    ++visits;
    auto answered = rendezvous.visit(token, request.body, http.t.loop.now());
    return answered.ok() ? Response::json(core::Bytes(*answered)) : Response::text(403, answered.error().detail);
  }
  core::Result<Addresses> ask() {
    std::optional<core::Result<Addresses>> heard;
    visitor->visit([&](core::Result<Addresses> said) {
      heard.emplace(std::move(said));
      http.t.stop();
    });
    http.t.run();
    return *heard;
  }

  Rendezvous rendezvous{"sesame"};
  int visits = 0;
  std::string left;
  support::Lines log;
  support::HttpLoopback http{[this](const Request& request, const Responder& responder) { responder.send(answer(request)); }};
  std::optional<RendezvousVisitor> visitor;
};

}  // namespace

TEST_CASE("a visitor enters its server and hears of the others", "[discovery][rendezvous]") {
  Rig rig;
  CHECK(rig.ask()->empty());
  REQUIRE(rig.rendezvous.visit("sesame", core::to_json(Rig::visit("10.0.0.2:4648")), rig.http.t.loop.now()).ok());
  CHECK(rig.ask().value() == Addresses{"10.0.0.2:4648"});
  const auto seen = rig.rendezvous.visit("sesame", core::to_json(Rig::visit("10.0.0.3:4648")), rig.http.t.loop.now());
  CHECK(decode_rendezvous(seen.value())->others == Addresses{"10.0.0.1:4648", "10.0.0.2:4648"});
}

TEST_CASE("a visitor takes its entry with it", "[discovery][rendezvous]") {
  Rig rig;
  REQUIRE(rig.ask().ok());
  rig.visitor->leave([&] { rig.http.t.stop(); });
  rig.http.t.run();
  CHECK(rig.left == "/v1/rendezvous?infrastructure=acme%2Fprod&address=10.0.0.1%3A4648");
  CHECK(decode_rendezvous(rig.rendezvous.visit("sesame", core::to_json(Rig::visit("10.0.0.2:4648")), rig.http.t.loop.now()).value())->others.empty());
}

TEST_CASE("a visitor whose token is not accepted says so once, and not which it is", "[discovery][rendezvous]") {
  Rig rig("open sesame");
  for (int i = 0; i < 5; ++i) CHECK(rig.ask().error().code == core::Errc::denied);
  CHECK(rig.log.count(core::Level::warn, "403: the token is not accepted") == 1);
  CHECK_FALSE(rig.log.hold("sesame"));
}
