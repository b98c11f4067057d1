// SPDX-License-Identifier: MPL-2.0
#include "core/base/limits.h"
#include "tests/support/rpc_loopback.h"

using core::Bytes;
using core::ByteView;
using core::Errc;
using net::rpc::Inbound;
using net::rpc::Reply;
using support::RpcLoopback;

TEST_CASE("requests are answered, plain and sealed, small and large", "[rpc]") {
  RpcLoopback rpc(GENERATE(false, true) ? RpcLoopback::server_credentials() : nullptr);
  for (const std::size_t size : {0u, 1u, 1000u, 70'000u, 8'000'000u}) {
    const auto answer = rpc.call(RpcLoopback::kEcho, Bytes(size, 'q'));
    REQUIRE(answer.ok());
    CHECK(*answer == Bytes(size, 'q'));
  }
  CHECK(rpc.server->connections() == 1);
}

TEST_CASE("many requests in flight are each answered with their own", "[rpc]") {
  RpcLoopback rpc(GENERATE(false, true) ? RpcLoopback::server_credentials() : nullptr);
  REQUIRE(rpc.call(RpcLoopback::kEcho, "").ok());
  int right = 0;
  auto done = rpc.t.stop_after(3000);
  for (int i = 0; i < 3000; ++i)
    rpc.pool->request({rpc.address}, RpcLoopback::kEcho, std::to_string(i), {}, [&, i](core::Result<Bytes> result) {
      if (result.ok() && *result == std::to_string(i)) ++right;
      done();
    });
  rpc.t.run();
  CHECK(right == 3000);
}

TEST_CASE("answers may come in any order, and later", "[rpc]") {
  RpcLoopback rpc;
  std::string order;
  rpc.on_kept = [&] {
    if (rpc.kept.size() < 3) return;
    rpc.t.loop.defer([&] {
      rpc.kept[2].ok("c");
      rpc.kept[0].ok("a");
      rpc.kept[1].fail({Errc::conflict, "b"});
    });
  };
  auto done = rpc.t.stop_after(3);
  for (int i = 0; i < 3; ++i)
    rpc.pool->request({rpc.address}, RpcLoopback::kKeep, "", {}, [&](core::Result<Bytes> result) {
      order += result.ok() ? *result : result.error().detail;
      if (!result.ok()) CHECK(result.error().code == Errc::conflict);
      done();
    });
  rpc.t.run();
  CHECK(order == "cab");
}

TEST_CASE("unknown methods, forbidden ones and forgotten requests are errors, not silence", "[rpc]") {
  RpcLoopback rpc;
  CHECK(rpc.call(999, "").error().code == Errc::unsupported);
  CHECK(rpc.call(RpcLoopback::kServerOnly, "").error().code == Errc::denied);
  CHECK(rpc.call(RpcLoopback::kForget, "").error().code == Errc::unavailable);
  CHECK(rpc.call(RpcLoopback::kEcho, Bytes(core::limits::kFrameBytesMax, 'x')).error().code == Errc::too_large);
}

TEST_CASE("a neighbour of another cluster is heard, and may ask what is for neighbours only", "[rpc]") {
  constexpr net::rpc::Method kForNeighbours = 90;
  RpcLoopback rpc;
  rpc.dispatcher.on_request(kForNeighbours, net::rpc::kNeighbours, [](Inbound in) { in.reply.ok(in.peer.hello.cluster); });
  CHECK(rpc.call(kForNeighbours, "").error().code == Errc::denied);
  auto options = rpc.pool_options();
  options.hello = {net::rpc::Role::neighbour, "elsewhere", "n", "1"};
  rpc.pool.emplace(rpc.t.loop, options, core::Rng(1));
  CHECK(rpc.call(kForNeighbours, "").value() == "elsewhere");
  for (const auto method : {RpcLoopback::kEcho, RpcLoopback::kServerOnly}) CHECK(rpc.call(method, "").error().code == Errc::denied);
}

TEST_CASE("a request that takes too long times out, and its handler is told", "[rpc]") {
  RpcLoopback rpc;
  bool told = false;
  rpc.on_kept = [&] {
    rpc.kept[0].on_cancelled([&] {
      told = true;
      rpc.t.stop();
    });
  };
  const auto late = rpc.call(RpcLoopback::kKeep, "", {.timeout = std::chrono::milliseconds(20)});
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().code == Errc::timeout);
  if (!told) rpc.t.run();
  CHECK(told);
  CHECK(rpc.kept[0].cancelled());
  rpc.kept[0].ok("too late");  // harmless
  CHECK(rpc.call(RpcLoopback::kEcho, "still fine").ok());
}

TEST_CASE("a cancelled call tells nobody here and the handler there", "[rpc]") {
  RpcLoopback rpc;
  bool answered = false;
  net::rpc::CallId call = 0;
  rpc.on_kept = [&] {
    rpc.kept[0].on_cancelled([&] { rpc.t.stop(); });
    rpc.pool->cancel(call);
  };
  call = rpc.pool->request({rpc.address}, RpcLoopback::kKeep, "", {}, [&](core::Result<Bytes>) { answered = true; });
  rpc.t.run();
  CHECK_FALSE(answered);
}

TEST_CASE("a server can ask the client that is connected to it", "[rpc]") {
  RpcLoopback rpc;
  net::rpc::Dispatcher at_client;
  at_client.on_request(50, net::rpc::kServers, [](Inbound in) { in.reply.ok("client says " + Bytes(in.body)); });
  auto options = rpc.pool_options();
  options.dispatcher = &at_client;
  rpc.pool.emplace(rpc.t.loop, options, core::Rng(1));
  net::rpc::PeerId peer = 0;
  rpc.server->on_peer([&](const net::rpc::Peer& p) {
    CHECK(p.hello.name == "n");
    peer = p.id;
  });
  REQUIRE(rpc.call(RpcLoopback::kEcho, "").ok());
  REQUIRE(rpc.server->find(peer) != nullptr);
  Bytes answer;
  rpc.server->find(peer)->request(50, "hi", std::chrono::seconds(5), [&](core::Result<Bytes> result) {
    answer = *result;
    rpc.t.stop();
  });
  rpc.t.run();
  CHECK(answer == "client says hi");
  CHECK(rpc.server->find(peer + 1) == nullptr);
}

TEST_CASE("notices arrive in order and are not answered", "[rpc]") {
  RpcLoopback rpc;
  Bytes seen;
  rpc.dispatcher.on_notice(60, net::rpc::kAgents, [&](ByteView body, const net::rpc::Peer& peer) {
    CHECK(peer.hello.role == net::rpc::Role::client);
    seen += body;
    if (body == "!") rpc.t.stop();
  });
  CHECK(rpc.pool->notify(rpc.address, 60, "lost").error().code == Errc::unavailable);  // it only begins to dial
  REQUIRE(rpc.call(RpcLoopback::kEcho, "").ok());
  for (const auto* word : {"a", "b", "c", "!"}) REQUIRE(rpc.pool->notify(rpc.address, 60, word).ok());
  rpc.t.run();
  CHECK(seen == "abc!");
}

TEST_CASE("a handler may destroy the whole server that called it", "[rpc]") {
  RpcLoopback rpc;
  rpc.dispatcher.on_request(70, net::rpc::kAnyone, [&](Inbound) { rpc.server.reset(); });
  const auto result = rpc.call(70, "", {.timeout = std::chrono::seconds(5)});
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == Errc::unknown_fate);
}

TEST_CASE("a completion may destroy the pool that makes it", "[rpc]") {
  RpcLoopback rpc;
  int done = 0;
  for (int i = 0; i < 3; ++i)
    rpc.pool->request({rpc.address}, RpcLoopback::kEcho, "", {}, [&](core::Result<Bytes>) {
      ++done;
      rpc.pool.reset();
      rpc.t.stop();
    });
  rpc.t.run();
  CHECK(done == 1);
}
