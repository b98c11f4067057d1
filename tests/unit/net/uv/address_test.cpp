// SPDX-License-Identifier: MPL-2.0
#include "net/uv/address.h"

#include <catch2/catch.hpp>

using net::uv::Address;
using net::uv::HostPort;
using net::uv::parse_address;
using net::uv::parse_host_port;

TEST_CASE("addresses print and parse back", "[uv][address]") {
  const auto address = GENERATE(Address{"127.0.0.1", 4646}, Address{"::1", 1}, Address{"2001:db8::7", 65535}, Address{"0.0.0.0", 0});
  const auto parsed = parse_address(to_string(address));
  REQUIRE(parsed.ok());
  CHECK(*parsed == address);
}

TEST_CASE("what is no numeric address with a port is refused", "[uv][address]") {
  const auto text = GENERATE("", "127.0.0.1", "localhost:1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "[::1]", "::1", "[::1:5", "[::1]5", ":80", "1.2.3.4:5 ");
  CAPTURE(text);
  const auto parsed = parse_address(text);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().code == core::Errc::invalid);
}

TEST_CASE("a host without a port gets the default", "[uv][address]") {
  CHECK(*parse_host_port("example.com", 7) == HostPort{"example.com", 7});
  CHECK(*parse_host_port("example.com:80", 7) == HostPort{"example.com", 80});
  CHECK(*parse_host_port("::1", 7) == HostPort{"::1", 7});
  CHECK(*parse_host_port("[::1]:80", 7) == HostPort{"::1", 80});
  CHECK(*parse_host_port("[::1]", 7) == HostPort{"::1", 7});
  CHECK_FALSE(parse_host_port("[::1]x", 7).ok());
  CHECK_FALSE(parse_host_port("host:port", 7).ok());
  CHECK_FALSE(parse_host_port("", 7).ok());
}
