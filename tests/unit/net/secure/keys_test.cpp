// SPDX-License-Identifier: MPL-2.0
#include "net/secure/keys.h"

#include <catch2/catch.hpp>

#include <set>

#include "core/base/id.h"

using core::Errc;
using net::secure::Keyring;
using net::secure::parse_key;

TEST_CASE("a generated key parses to itself, and no two are alike", "[secure][keys]") {
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const auto text = net::secure::generate_key();
    CHECK(text.size() == 44);
    CHECK(seen.insert(text).second);
    const auto key = parse_key(text);
    REQUIRE(key.ok());
    CHECK(format_key(*key) == text);
  }
}

TEST_CASE("keys of 16 and 24 bytes are taken, others are not", "[secure][keys]") {
  CHECK(parse_key("cg8StVXbQJ0gPvMd9o7yrg==").ok());
  CHECK(parse_key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").ok());
  CHECK(*parse_key("cg8StVXbQJ0gPvMd9o7yrg==") == *parse_key("cg8StVXbQJ0gPvMd9o7yrg=="));
  for (const auto* text : {"cg8StVXbQJ0gPvMd9o7yrg==", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) CHECK(format_key(*parse_key(text)) == text);
  const std::string size = "key size must be 16, 24 or 32 bytes", base64 = "illegal base64 data at input byte ";
  const auto [bad, why] = GENERATE_COPY(table<std::string, std::string>(
      {{"", size}, {"AAAA", size}, {std::string(48, 'A'), size}, {std::string(4000, 'A'), size}, {"short", base64 + "5"}, {"!!!!", base64 + "0"},
       {"cg8StVXbQJ0gPvMd9o7yrg", base64 + "22"}, {"cg8StVXbQJ0gPvMd9o7yrg==x", base64 + "22"}, {"cg8StVXbQJ0gPvMd9o7yrg==AAAA", base64 + "22"},
       {std::string(48, '!'), base64 + "0"}}));
  CAPTURE(bad);
  REQUIRE_FALSE(parse_key(bad).ok());
  CHECK(parse_key(bad).error() == core::Error{Errc::invalid, why});
}

TEST_CASE("a keyring rotates: add, use, remove, in that order", "[secure][keys]") {
  const auto first = *parse_key(net::secure::generate_key());
  const auto second = *parse_key(net::secure::generate_key());
  Keyring ring(first);
  CHECK(ring.use(second).error().code == Errc::not_found);
  ring.add(second);
  ring.add(second);
  CHECK(ring.keys().size() == 2);
  CHECK(ring.remove(first).error().code == Errc::rejected);
  REQUIRE(ring.use(second).ok());
  CHECK(ring.primary() == second);
  REQUIRE(ring.remove(first).ok());
  CHECK(ring.remove(first).error().code == Errc::not_found);
  CHECK(ring.keys().size() == 1);
}

TEST_CASE("secrets are UUIDs, their digests are fixed, and comparing finds them equal", "[secure][keys]") {
  CHECK(core::is_uuid(net::secure::random_uuid()));
  CHECK(net::secure::random_uuid() != net::secure::random_uuid());
  const auto digest = net::secure::secret_digest("secret");
  CHECK(digest.size() == 64);
  CHECK(digest == net::secure::secret_digest("secret"));
  CHECK(digest != net::secure::secret_digest("Secret"));
  CHECK(net::secure::same_secret("abc", "abc"));
  CHECK_FALSE(net::secure::same_secret("abc", "abd"));
  CHECK_FALSE(net::secure::same_secret("abc", "ab"));
}
