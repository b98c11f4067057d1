// SPDX-License-Identifier: MPL-2.0
#include "tests/support/raw_client.h"
#include "tests/support/rpc_loopback.h"

using core::Bytes;
using core::Errc;
using net::rpc::Inbound;
using net::uv::Address;
using support::RpcLoopback;

namespace {

// An address nobody listens on.
Address nobody(support::TestLoop& t) {
  auto listener = net::uv::TcpListener::listen(t.loop, support::kLoopback, [](net::uv::Stream) {});
  REQUIRE(listener.ok());
  return listener->local();
}

}  // namespace

TEST_CASE("servers that cannot be reached are passed over, in the caller's order", "[rpc][pool]") {
  RpcLoopback rpc;
  const auto dead = nobody(rpc.t);
  CHECK(rpc.call_at({dead, rpc.address}, RpcLoopback::kEcho, "x").ok());
  CHECK(rpc.pool->connected(rpc.address));
  CHECK_FALSE(rpc.pool->connected(dead));
  // The dead one is in its wait now: not even tried.
  CHECK(rpc.call_at({dead, rpc.address}, RpcLoopback::kEcho, "x").ok());
  const auto none = rpc.call_at({dead}, RpcLoopback::kEcho, "x");
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().code == Errc::unavailable);
  CHECK(rpc.call_at({}, RpcLoopback::kEcho, "x").error().code == Errc::unavailable);
}

TEST_CASE("a server that comes back is dialed again after the wait", "[rpc][pool]") {
  RpcLoopback rpc;
  REQUIRE(rpc.call(RpcLoopback::kEcho, "").ok());
  rpc.server.reset();
  rpc.pool->on_down([&](const Address& address, const core::Error&) {
    CHECK(address == rpc.address);
    rpc.t.stop();
  });
  rpc.t.run();
  rpc.server.emplace(rpc.t.loop, rpc.dispatcher, net::rpc::ServerOptions{.hello = {net::rpc::Role::server, "c", "s", "1"}});
  REQUIRE(rpc.server->listen(rpc.address).ok());
  net::uv::Timer again(rpc.t.loop, [&] { rpc.t.stop(); });
  rpc.pool->on_down({});
  int tries = 0;
  while (!rpc.call(RpcLoopback::kEcho, "").ok()) {
    REQUIRE(++tries < 100);
    again.arm(rpc.t.loop.now() + std::chrono::milliseconds(10));
    rpc.t.run();
  }
}

TEST_CASE("a request whose connection broke is sent again only if that does no harm", "[rpc][pool]") {
  RpcLoopback rpc;
  RpcLoopback other;
  int broken = 0;
  rpc.dispatcher.on_request(90, net::rpc::kAnyone, [&](Inbound) {
    ++broken;
    rpc.server.reset();
  });
  net::rpc::Server spare(rpc.t.loop, other.dispatcher, {.hello = {net::rpc::Role::server, "c", "s2", "1"}});
  other.dispatcher.on_request(90, net::rpc::kAnyone, [](Inbound in) { in.reply.ok("from the spare"); });
  const auto second = *spare.listen(support::kLoopback);
  SECTION("repeatable") {
    const auto result = rpc.call_at({rpc.address, second}, 90, "", {.repeatable = true});
    REQUIRE(result.ok());
    CHECK(*result == "from the spare");
  }
  SECTION("not repeatable") {
    const auto result = rpc.call_at({rpc.address, second}, 90, "");
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == Errc::unknown_fate);
  }
  CHECK(broken == 1);
}

TEST_CASE("a server that accepts and says nothing is given up in time", "[rpc][pool]") {
  RpcLoopback rpc;
  std::vector<net::uv::Stream> silent;
  auto listener = net::uv::TcpListener::listen(rpc.t.loop, support::kLoopback, [&](net::uv::Stream s) { silent.push_back(std::move(s)); });
  REQUIRE(listener.ok());
  auto options = rpc.pool_options();
  options.dial_timeout = std::chrono::milliseconds(30);
  rpc.pool.emplace(rpc.t.loop, options, core::Rng(1));
  CHECK(rpc.call_at({listener->local(), rpc.address}, RpcLoopback::kEcho, "x").ok());
  rpc.pool.emplace(rpc.t.loop, rpc.pool_options(), core::Rng(1));
  const auto slow = rpc.call_at({listener->local()}, RpcLoopback::kEcho, "x", {.timeout = std::chrono::milliseconds(30)});
  REQUIRE_FALSE(slow.ok());
  CHECK(slow.error().code == Errc::timeout);
}

TEST_CASE("calls to a server that is given up go on elsewhere, if they may", "[rpc][pool]") {
  RpcLoopback rpc;
  const auto dead = nobody(rpc.t);
  const bool repeatable = GENERATE(true, false);
  rpc.on_kept = [&] { rpc.t.loop.defer([&] { rpc.pool->drop(rpc.address, {Errc::unavailable, "it failed"}); }); };
  const auto result = rpc.call_at({rpc.address, dead}, RpcLoopback::kKeep, "x", {.repeatable = repeatable});
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == (repeatable ? Errc::unavailable : Errc::unknown_fate));
  CHECK(rpc.kept.front().cancelled());
  CHECK_FALSE(rpc.pool->connected(rpc.address));
  CHECK(rpc.call_at({rpc.address}, RpcLoopback::kEcho, "x").error().code == Errc::unavailable);
  rpc.pool->drop({"127.0.0.1", 9}, {Errc::unavailable, "nobody"});
}

TEST_CASE("a connection that is not needed any more is closed once nothing is asked over it", "[rpc][pool]") {
  RpcLoopback rpc;
  rpc.on_kept = [&] {
    rpc.t.loop.defer([&] {
      rpc.pool->drop_idle(rpc.address);
      CHECK(rpc.pool->connected(rpc.address));
      rpc.kept.front().ok("kept");
    });
  };
  CHECK(*rpc.call(RpcLoopback::kKeep, "x") == "kept");
  rpc.pool->drop_idle(rpc.address);
  CHECK_FALSE(rpc.pool->connected(rpc.address));
  CHECK(rpc.call(RpcLoopback::kEcho, "again").ok());
  rpc.pool->drop_idle({"127.0.0.1", 9});
}

TEST_CASE("peers without the key, with another, or of another cluster are refused", "[rpc][pool]") {
  const auto keys = RpcLoopback::server_credentials();
  const auto with_key = GENERATE(true, false);
  RpcLoopback rpc(with_key ? keys : nullptr);
  std::vector<Errc> refusals;
  rpc.server->on_refused([&](const Address&, const core::Error& error) { refusals.push_back(error.code); });
  auto options = rpc.pool_options();
  SECTION("one side has a key") { options.credentials = with_key ? nullptr : keys; }
  SECTION("another key") {
    if (!with_key) return;
    options.credentials = RpcLoopback::server_credentials();
  }
  SECTION("another cluster") { options.hello.cluster = "elsewhere"; }
  rpc.pool.emplace(rpc.t.loop, options, core::Rng(1));
  const auto result = rpc.call(RpcLoopback::kEcho, "x");
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == Errc::unavailable);
  rpc.t.loop.defer([&] { rpc.t.stop(); });
  rpc.t.run();
  CHECK(rpc.server->connections() == 0);
}

TEST_CASE("who holds the clients' key is heard as a client, and as nothing else", "[rpc][pool]") {
  const auto cluster = *net::secure::parse_key(net::secure::generate_key());
  RpcLoopback rpc(std::make_shared<net::secure::Credentials>(net::secure::Credentials::of_server(net::secure::Keyring(cluster))));
  auto options = rpc.pool_options();
  options.credentials = std::make_shared<net::secure::Credentials>(net::secure::Credentials::of_client(net::secure::client_key_of(cluster)));
  rpc.pool.emplace(rpc.t.loop, options, core::Rng(1));
  CHECK(rpc.call(RpcLoopback::kEcho, "x").ok());
  CHECK(rpc.call(RpcLoopback::kServerOnly, "x").error().code == Errc::denied);
  options.hello.role = GENERATE(net::rpc::Role::server, net::rpc::Role::neighbour);
  rpc.pool.emplace(rpc.t.loop, options, core::Rng(1));
  const auto refused = rpc.call(RpcLoopback::kEcho, "x");
  REQUIRE_FALSE(refused.ok());
  CHECK_THAT(refused.error().detail, Catch::Contains("must hold the cluster's key"));
}

TEST_CASE("strangers on the port are dropped: talkative ones at once, silent ones in time", "[rpc][server]") {
  RpcLoopback rpc(nullptr, {.hello = {net::rpc::Role::server, "c", "s", "1"}, .handshake_timeout = std::chrono::milliseconds(30)});
  std::vector<Errc> refusals;
  rpc.server->on_refused([&](const Address&, const core::Error& error) { refusals.push_back(error.code); });
  support::RawClient http(rpc.t, rpc.address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", false);
  rpc.t.run();
  support::RawClient silent(rpc.t, rpc.address, "", false);
  rpc.t.run();
  CHECK(refusals == std::vector<Errc>{Errc::corrupt, Errc::timeout});
  CHECK(rpc.server->connections() == 0);
}

TEST_CASE("connections over the cap of their address are closed", "[rpc][server]") {
  RpcLoopback rpc(nullptr, {.hello = {net::rpc::Role::server, "c", "s", "1"}, .connections_per_address_max = 1});
  REQUIRE(rpc.call(RpcLoopback::kEcho, "").ok());
  support::RawClient second(rpc.t, rpc.address, "", false);
  rpc.t.run();
  CHECK(second.received().empty());
  CHECK(rpc.server->connections() == 1);
  CHECK(rpc.call(RpcLoopback::kEcho, "").ok());
}
