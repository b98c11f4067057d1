// SPDX-License-Identifier: MPL-2.0
#include "agent/config_keys.h"

#include <catch2/catch.hpp>

#include "agent/config_read.h"

using namespace agent::config;
using net::secure::Credentials;
using net::secure::Keyring;

namespace {

const std::string kOne = "cg8StVXbQJ0gPvMd9o7yrg==";
const std::string kOther = "pUqJrVyVRj5jsiYEkM/tFQYfWyJIv4s3XkvDwy7Cu5s=";

net::secure::Key key(const std::string& text) { return *net::secure::parse_key(text); }

Config with(const std::string& rpc_key) {
  const auto layer = parse("server { rpc_key = " + rpc_key + " }", "agent.hcl");
  REQUIRE(layer.ok());
  return *layer;
}

}  // namespace

TEST_CASE("a server's rpc_key is one key or several, the first of which proves who it is", "[agent][config]") {
  const auto gossip = std::optional(Keyring(key(kOther)));
  CHECK(*rpc_keys(with("\"" + kOne + "\""), gossip) == Keyring(key(kOne)));
  auto both = Keyring(key(kOne));
  both.add(key(kOther));
  CHECK(*rpc_keys(with("[\"" + kOne + "\", \"" + kOther + "\"]"), std::nullopt) == both);
}

TEST_CASE("without an rpc_key a server has what gossip has", "[agent][config]") {
  const auto gossip = std::optional(Keyring(key(kOther)));
  CHECK(*rpc_keys(Config(), gossip) == gossip);
  CHECK_FALSE(rpc_keys(Config(), std::nullopt)->has_value());
  CHECK(*rpc_keys(with("\"\""), gossip) == gossip);
}

TEST_CASE("a client's key is its own", "[agent][config]") {
  Config config;
  CHECK_FALSE(client_credentials(config)->has_value());
  config.client.rpc_key.text = kOne;
  CHECK(*client_credentials(config) == Credentials::of_client(key(kOne)));
}

TEST_CASE("keys are not shown, and a later source replaces them all", "[agent][config]") {
  auto config = with("[\"" + kOne + "\", \"" + kOther + "\"]");
  CHECK(to_json(config).find(kOne) == std::string::npos);
  CHECK(to_json(config).find("\"RPCKey\":\"<redacted>\"") != std::string::npos);
  merge(config, with("\"" + kOther + "\""));
  CHECK(config.server.rpc_key.texts == Texts{kOther});
}

TEST_CASE("nine keys of RPC are too many", "[agent][config]") {
  auto config = dev_preset();
  config.server.rpc_key.texts.assign(8, kOne);
  CHECK(validate(config).ok());
  config.server.rpc_key.texts.push_back(kOne);
  CHECK(validate(config).error().detail == "rpc_key has more than 8 keys");
}
