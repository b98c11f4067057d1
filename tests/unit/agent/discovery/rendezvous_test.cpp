// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/discovery/rendezvous.h"
#include "agent/discovery/rendezvous_visitor.h"

using namespace agent::discovery;
using namespace std::chrono_literals;
using core::Errc;

namespace {

constexpr core::Instant kStart = core::Instant() + 1h;

std::string words(const std::string& infrastructure, const std::string& address) {
  return core::to_json(RendezvousVisit{.infrastructure = infrastructure, .peer = {.name = "s1.global", .region = "global", .address = address}});
}

}  // namespace

TEST_CASE("a visit is answered with the others and how long the entry lives", "[discovery][rendezvous]") {
  Rendezvous rendezvous("sesame");
  CHECK(rendezvous.visit("sesame", words("acme/prod", "10.0.0.1:4648"), kStart).value() == R"({"TTL":30000000000,"Peers":null})");
  const auto second = rendezvous.visit("sesame", words("acme/prod", "10.0.0.2:4648"), kStart);
  REQUIRE(second.ok());
  CHECK(*second == R"({"TTL":30000000000,"Peers":[{"Name":"s1.global","Region":"global","Address":"10.0.0.1:4648"}]})");
  const auto heard = decode_rendezvous(*second);
  REQUIRE(heard.ok());
  CHECK(heard->others == Addresses{"10.0.0.1:4648"});
  CHECK(heard->ttl == 30s);
}

TEST_CASE("who shows another token is refused, and changes nothing", "[discovery][rendezvous]") {
  Rendezvous rendezvous("sesame");
  REQUIRE(rendezvous.visit("sesame", words("i", "10.0.0.1:4648"), kStart).ok());
  const auto token = GENERATE(as<std::string>{}, "", "sesam", "sesame ", "Sesame", "sesamf");
  CAPTURE(token);
  CHECK(rendezvous.visit(token, words("i", "10.0.0.9:4648"), kStart).error().code == Errc::denied);
  CHECK(rendezvous.visit(token, "nonsense", kStart).error().code == Errc::denied);
  CHECK(rendezvous.leave(token, "i", "10.0.0.1:4648").error().code == Errc::denied);
  CHECK(decode_rendezvous(rendezvous.visit("sesame", words("i", "10.0.0.2:4648"), kStart).value())->others == Addresses{"10.0.0.1:4648"});
}

TEST_CASE("words that are none of a server are refused", "[discovery][rendezvous]") {
  Rendezvous rendezvous("sesame");
  const auto body = GENERATE(as<std::string>{}, "", "[]", "{}", "null", R"({"Infrastructure":7})", words("", "10.0.0.1:4648"), words("a b", "10.0.0.1:4648"),
                             words(std::string(129, 'a'), "10.0.0.1:4648"), words("a\n", "10.0.0.1:4648"), words("i", ""), words("i", "10.0.0.1"), words("i", "10.0.0.1:0"),
                             words("i", "10.0.0.1:65536"), words("i", "a b:1"), words("i", std::string(254, 'a') + ":1"),
                             R"({"Infrastructure":"i","Peer":{"Name":"","Region":"r","Address":"10.0.0.1:1"}})",
                             R"({"Infrastructure":"i","Peer":{"Name":"n","Region":"a b","Address":"10.0.0.1:1"}})",
                             R"({"Infrastructure":"i","Peer":{"Name":")" + std::string(129, 'n') + R"(","Region":"r","Address":"10.0.0.1:1"}})");
  CAPTURE(body);
  CHECK(rendezvous.visit("sesame", body, kStart).error().code == Errc::invalid);
}

TEST_CASE("long words are refused before they are read", "[discovery][rendezvous]") {
  Rendezvous rendezvous("sesame");
  CHECK(rendezvous.visit("sesame", words("i", "10.0.0.1:4648") + std::string(5000, ' '), kStart).error().code == Errc::too_large);
}

TEST_CASE("of what a rendezvous says only what can be used is heard", "[discovery][rendezvous]") {
  const auto heard = decode_rendezvous(R"({"TTL":"100ms","Peers":[{"Address":"10.0.0.1:4648"},{"Address":"10.0.0.1"},{"Address":""},{},null,{"Address":"[fd00::1]:4648"}]})");
  REQUIRE(heard.ok());
  CHECK(heard->others == Addresses{"10.0.0.1:4648", "[fd00::1]:4648"});
  CHECK(heard->ttl == 3s);
  CHECK(decode_rendezvous(R"({"TTL":"100000h"})")->ttl == 1h);
  CHECK(decode_rendezvous("{}")->others.empty());
  const auto nonsense = GENERATE(as<std::string>{}, "", "[]", "null", "<html>", R"({"Peers":{}})", R"({"Peers":[{"Address":7}]})", R"({"TTL":"soon"})");
  CAPTURE(nonsense);
  CHECK(decode_rendezvous(nonsense).error().code == Errc::corrupt);
}
