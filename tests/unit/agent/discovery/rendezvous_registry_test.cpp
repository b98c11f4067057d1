// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/discovery/rendezvous_registry.h"

using namespace agent::discovery;
using namespace std::chrono_literals;
using core::Errc;

namespace {

constexpr core::Instant kStart = core::Instant() + 1h;

RendezvousPeer peer(int i) { return {.name = "s" + std::to_string(i), .region = "global", .address = "10.0.0." + std::to_string(i) + ":4648"}; }
RendezvousVisit visit(const std::string& infrastructure, int i) { return {.infrastructure = infrastructure, .peer = peer(i)}; }

}  // namespace

TEST_CASE("whoever comes learns of those who came before, not of itself", "[discovery][rendezvous]") {
  RendezvousRegistry registry;
  CHECK(registry.visit(visit("acme/prod", 2), kStart)->empty());
  CHECK(*registry.visit(visit("acme/prod", 1), kStart) == std::vector{peer(2)});
  CHECK(*registry.visit(visit("acme/prod", 3), kStart) == std::vector{peer(1), peer(2)});
  CHECK(*registry.visit(visit("acme/prod", 2), kStart) == std::vector{peer(1), peer(3)});
}

TEST_CASE("infrastructures do not meet, whatever their names begin with", "[discovery][rendezvous]") {
  RendezvousRegistry registry;
  CHECK(registry.visit(visit("acme/prod", 1), kStart)->empty());
  const auto other = GENERATE(as<std::string>{}, "acme/pro", "acme/prod2", "acme", "a");
  CAPTURE(other);
  CHECK(registry.visit(visit(other, 2), kStart)->empty());
  CHECK(registry.visit(visit("acme/prod", 1), kStart)->empty());
}

TEST_CASE("who does not come back in time is forgotten, and who does is not", "[discovery][rendezvous]") {
  RendezvousRegistry registry;
  REQUIRE(registry.visit(visit("i", 1), kStart).ok());
  REQUIRE(registry.visit(visit("i", 2), kStart).ok());
  REQUIRE(registry.visit(visit("i", 2), kStart + 20s).ok());
  CHECK(*registry.visit(visit("i", 3), kStart + 30s - 1ns) == std::vector{peer(1), peer(2)});
  CHECK(*registry.visit(visit("i", 3), kStart + 30s) == std::vector{peer(2)});
  CHECK(registry.visit(visit("i", 3), kStart + 50s)->empty());
  CHECK(registry.size() == 1);
}

TEST_CASE("two servers at one address are one: the later", "[discovery][rendezvous]") {
  RendezvousRegistry registry;
  auto renamed = visit("i", 1);
  renamed.peer.name = "other";
  REQUIRE(registry.visit(visit("i", 1), kStart).ok());
  CHECK(registry.visit(renamed, kStart)->empty());
  CHECK(*registry.visit(visit("i", 2), kStart) == std::vector{renamed.peer});
}

TEST_CASE("who leaves is not found any more", "[discovery][rendezvous]") {
  RendezvousRegistry registry;
  REQUIRE(registry.visit(visit("i", 1), kStart).ok());
  registry.leave("other", peer(1).address);
  registry.leave("i", peer(9).address);
  CHECK(registry.size() == 1);
  registry.leave("i", peer(1).address);
  CHECK(registry.visit(visit("i", 2), kStart)->empty());
  // Its old deadline takes nothing from a new entry.
  REQUIRE(registry.visit(visit("i", 1), kStart + 29s).ok());
  CHECK(*registry.visit(visit("i", 2), kStart + 31s) == std::vector{peer(1)});
}

TEST_CASE("a full rendezvous takes nobody new, and keeps those it has", "[discovery][rendezvous]") {
  RendezvousRegistry registry(RendezvousRegistry::Limits{.entries = 3, .of_one = 2, .ttl = 30s});
  REQUIRE(registry.visit(visit("i", 1), kStart).ok());
  REQUIRE(registry.visit(visit("i", 2), kStart).ok());
  CHECK(registry.visit(visit("i", 3), kStart).error().code == Errc::busy);
  REQUIRE(registry.visit(visit("j", 1), kStart + 10s).ok());
  CHECK(registry.visit(visit("k", 1), kStart + 10s).error().code == Errc::busy);
  CHECK(*registry.visit(visit("i", 1), kStart + 10s) == std::vector{peer(2)});
  CHECK(registry.size() == 3);
  CHECK(registry.visit(visit("k", 1), kStart + 30s).ok());
}
