// SPDX-License-Identifier: MPL-2.0
#include "net/uv/interfaces.h"

#include <catch2/catch.hpp>

#include "net/uv/address.h"

TEST_CASE("an address that is bound is the one to be reached at, a wildcard is not", "[uv][interfaces]") {
  CHECK(net::uv::reachable_ip("127.0.0.1") == "127.0.0.1");
  CHECK(net::uv::reachable_ip("10.1.2.3") == "10.1.2.3");
  CHECK(net::uv::reachable_ip("::1") == "::1");
  for (const auto* wildcard : {"0.0.0.0", "::"}) {
    const auto ip = net::uv::reachable_ip(wildcard);
    CHECK(net::uv::is_ip(ip));
    CHECK(ip != wildcard);
  }
}
