// SPDX-License-Identifier: MPL-2.0
#include "net/secure/packets.h"

#include <catch2/catch.hpp>

#include "core/base/rng.h"

using core::Bytes;
using core::Errc;
using namespace net::secure;

namespace {

Key fresh_key() { return *parse_key(generate_key()); }
Packets member(const Keyring& keys, std::uint64_t sender, std::uint64_t session = 1, std::string cluster = "nomad") {
  return Packets(keys, {.cluster = std::move(cluster), .sender = sender, .session = session});
}
Errc refused(Packets& by, core::ByteView sealed) {
  const auto opened = by.open(sealed);
  REQUIRE_FALSE(opened.ok());
  return opened.error().code;
}

}  // namespace

TEST_CASE("a packet opens at every other member of the cluster, once", "[secure][packets]") {
  const Keyring keys(fresh_key());
  auto a = member(keys, 1), b = member(keys, 2), c = member(keys, 3);
  const auto sealed = a.seal("ping 7");
  CHECK(sealed.size() == 6 + kPacketOverheadBytes);
  CHECK(*b.open(sealed) == "ping 7");
  CHECK(*c.open(sealed) == "ping 7");
  CHECK(refused(b, sealed) == Errc::conflict);
  CHECK(refused(a, sealed) == Errc::denied);
  CHECK(*b.open(a.seal("")) == "");
}

TEST_CASE("what was changed, cut or made up does not open", "[secure][packets]") {
  const Keyring keys(fresh_key());
  auto a = member(keys, 1), b = member(keys, 2);
  const auto sealed = a.seal("suspect");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    CAPTURE(at);
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = sealed;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      CHECK_FALSE(b.open(changed).ok());
    }
    CHECK_FALSE(b.open(core::ByteView(sealed).substr(0, at)).ok());
  }
  CHECK_FALSE(b.open(sealed + "x").ok());
  CHECK(refused(b, random_bytes(200)) != Errc::conflict);
  // None of it counts as having opened the packet itself.
  CHECK(b.open(sealed).ok());
}

TEST_CASE("packets of another cluster or under another key do not open", "[secure][packets]") {
  const Keyring keys(fresh_key()), others(fresh_key());
  auto a = member(keys, 1), b = member(keys, 2);
  auto foreign = member(keys, 3, 1, "staging"), wrong = member(others, 4);
  CHECK(refused(b, foreign.seal("x")) == Errc::denied);
  CHECK(refused(b, wrong.seal("x")) == Errc::denied);
  CHECK(b.senders() == 0);

  SECTION("until the key is added, and then the packet it refused opens, too") {
    const auto sealed = wrong.seal("y");
    b.keys().add(others.primary());
    CHECK(*b.open(sealed) == "y");
    REQUIRE(b.keys().use(others.primary()).ok());
    CHECK(*wrong.open(b.seal("z")) == "z");
  }
}

TEST_CASE("while a key is rotated members hear each other, whoever is ahead, and then the old key opens nothing", "[secure][packets]") {
  const Key old_key = fresh_key(), new_key = fresh_key();
  auto a = member(Keyring(old_key), 1), b = member(Keyring(old_key), 2), late = member(Keyring(old_key), 3);
  const auto hear_each_other = [&] {
    CHECK(b.open(a.seal("from a")).ok());
    CHECK(a.open(b.seal("from b")).ok());
  };
  a.keys().add(new_key);
  hear_each_other();
  b.keys().add(new_key);
  hear_each_other();
  REQUIRE(a.keys().use(new_key).ok());
  hear_each_other();
  CHECK(a.open(late.seal("not told yet")).ok());
  REQUIRE(b.keys().use(new_key).ok());
  hear_each_other();
  REQUIRE(a.keys().remove(old_key).ok());
  hear_each_other();
  CHECK(refused(a, late.seal("too late")) == Errc::denied);
  CHECK(b.open(late.seal("in time")).ok());
  CHECK(refused(late, a.seal("unheard")) == Errc::denied);
}

TEST_CASE("a cluster without a key has one that depends on its name", "[secure][packets]") {
  CHECK(public_key_of("nomad") == public_key_of("nomad"));
  CHECK_FALSE(public_key_of("nomad") == public_key_of("staging"));
}

TEST_CASE("what was recorded in a session does not open after a later one was heard", "[secure][packets]") {
  const Keyring keys(fresh_key());
  auto before = member(keys, 1, 10), after = member(keys, 1, 11), b = member(keys, 2);
  const auto recorded = before.seal("old"), unheard = before.seal("old, too");
  CHECK(b.open(recorded).ok());
  CHECK(b.open(after.seal("new")).ok());
  CHECK(refused(b, recorded) == Errc::conflict);
  CHECK(refused(b, unheard) == Errc::conflict);
  CHECK(b.open(after.seal("newer")).ok());
}

TEST_CASE("packets that overtake each other open, each once", "[secure][packets]") {
  const auto seed = GENERATE(range(1u, 20u));
  core::Rng rng(seed);
  ReplayWindow window;
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < 5000; ++i) numbers.push_back(i);
  // Nothing moves further than half a window.
  for (std::size_t i = 0; i < numbers.size(); ++i) std::swap(numbers[i], numbers[std::min<std::size_t>(i + rng.below(256), numbers.size() - 1)]);
  std::size_t taken = 0, again = 0;
  for (const auto number : numbers) {
    taken += window.take(1, number) ? 1 : 0;
    again += window.take(1, number) ? 1 : 0;
  }
  CHECK(again == 0);
  CHECK(taken > numbers.size() * 95 / 100);
}

TEST_CASE("numbers that jump ahead forget what was before, and never open it twice", "[secure][packets]") {
  ReplayWindow window;
  CHECK(window.take(1, 5));
  CHECK(window.take(1, 5 + ReplayWindow::kSpan - 1));
  CHECK_FALSE(window.take(1, 5));
  CHECK(window.take(1, 6));
  CHECK(window.take(1, 1'000'000));
  CHECK_FALSE(window.take(1, 6));
  CHECK(window.take(1, 1'000'000 - ReplayWindow::kSpan + 1));
  CHECK_FALSE(window.take(1, 1'000'000 - ReplayWindow::kSpan));
  CHECK(window.take(1, ~std::uint64_t{0}));
  CHECK_FALSE(window.take(1, ~std::uint64_t{0}));
}

TEST_CASE("senders are remembered up to a limit", "[secure][packets]") {
  const Keyring keys(fresh_key());
  Packets b(keys, {.cluster = "nomad", .sender = 1000, .session = 1, .senders_max = 10});
  for (std::uint64_t sender = 1; sender <= 50; ++sender) {
    auto a = member(keys, sender);
    CHECK(b.open(a.seal("x")).ok());
  }
  CHECK(b.senders() == 10);
}
