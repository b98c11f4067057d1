// SPDX-License-Identifier: MPL-2.0
#include "agent/client/server_names.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/support/test_loop.h"

using agent::client::ServerNames;
using net::uv::Address;
using support::TestLoop;

namespace {

bool holds(const std::vector<Address>& addresses, const Address& wanted) {
  return std::find(addresses.begin(), addresses.end(), wanted) != addresses.end();
}

}  // namespace

TEST_CASE("numeric servers are known at once, each counted once", "[client][names]") {
  TestLoop t;
  ServerNames names(t.loop, {});
  REQUIRE(names.set({"127.0.0.1:5000", "127.0.0.2", "[::1]:5000", "127.0.0.1:5000"}).ok());
  CHECK_FALSE(names.looking());
  CHECK(names.addresses() == std::vector<Address>{{"127.0.0.1", 5000}, {"127.0.0.2", 4647}, {"::1", 5000}});
}

TEST_CASE("a name is looked up and counts with its addresses", "[client][names]") {
  TestLoop t;
  ServerNames names(t.loop, {});
  REQUIRE(names.set({"localhost:5000"}).ok());
  CHECK(names.looking());
  CHECK(names.addresses().empty());
  names.on_known([&] { t.stop(); });
  t.run();
  CHECK_FALSE(names.looking());
  CHECK((holds(names.addresses(), {"127.0.0.1", 5000}) || holds(names.addresses(), {"::1", 5000})));
}

TEST_CASE("a name that cannot be looked up is given up for now, the others count", "[client][names]") {
  TestLoop t;
  ServerNames names(t.loop, {});
  REQUIRE(names.set({"no-such-host.invalid"}).ok());
  names.on_known([&] { t.stop(); });
  t.run();
  CHECK_FALSE(names.looking());
  CHECK(names.addresses().empty());
  REQUIRE(names.set({"no-such-host.invalid", "127.0.0.1:5000"}).ok());
  CHECK_FALSE(names.looking());
  CHECK(names.addresses() == std::vector<Address>{{"127.0.0.1", 5000}});
}

TEST_CASE("a list with a mistake changes nothing; a new one replaces all, also while names are looked up", "[client][names]") {
  TestLoop t;
  ServerNames names(t.loop, {});
  REQUIRE(names.set({"localhost:5000"}).ok());
  CHECK(names.set({"127.0.0.1:5000", "127.0.0.1:many"}).error().code == core::Errc::invalid);
  CHECK(names.looking());
  bool known = false;
  names.on_known([&] { known = true; });
  REQUIRE(names.set({"127.0.0.1:6000"}).ok());
  CHECK(known);
  CHECK(names.addresses() == std::vector<Address>{{"127.0.0.1", 6000}});
}
