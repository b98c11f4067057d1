// SPDX-License-Identifier: MPL-2.0
#include "net/secure/credentials.h"

#include <catch2/catch.hpp>

#include <algorithm>

using net::secure::client_key_of;
using net::secure::Credentials;
using net::secure::Key;
using net::secure::Keyring;
using net::secure::Rank;

namespace {

Key new_key() { return *net::secure::parse_key(net::secure::generate_key()); }

bool believes(const Credentials& credentials, const Key& key) {
  const auto& keys = credentials.keys().keys();
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace

TEST_CASE("a server believes holders of its keys, and of the clients' keys that follow from them", "[secure]") {
  const auto first = new_key(), second = new_key();
  Keyring ring(first);
  ring.add(second);
  const auto server = Credentials::of_server(ring);
  CHECK(server.keys().primary() == first);
  for (const auto& key : {first, second}) {
    REQUIRE(believes(server, key));
    REQUIRE(believes(server, client_key_of(key)));
    CHECK(*server.rank_of(key) == Rank::server);
    CHECK(*server.rank_of(client_key_of(key)) == Rank::client);
  }
}

TEST_CASE("a key that was taken away is believed no more, nor is its clients'", "[secure]") {
  const auto first = new_key(), second = new_key();
  auto server = Credentials::of_server(Keyring(first));
  server = Credentials::of_server(Keyring(second));
  CHECK(server.keys().primary() == second);
  CHECK_FALSE(believes(server, first));
  CHECK_FALSE(believes(server, client_key_of(first)));
  CHECK(believes(server, client_key_of(second)));
  // Their handshakes may have begun before.
  for (const auto& key : {first, client_key_of(first)}) {
    REQUIRE_FALSE(server.rank_of(key).ok());
    CHECK(server.rank_of(key).error().code == core::Errc::denied);
  }
}

TEST_CASE("a client proves itself with its key, and believes no other", "[secure]") {
  const auto cluster = new_key();
  const auto client = Credentials::of_client(client_key_of(cluster));
  CHECK(client.keys().primary() == client_key_of(cluster));
  CHECK_FALSE(believes(client, cluster));
  CHECK(*client.rank_of(client_key_of(cluster)) == Rank::client);
}
