// SPDX-License-Identifier: MPL-2.0
// An RPC server on loopback with a few methods, and a pool to call it, on one loop that cannot hang.
#pragma once

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <utility>

#include "net/rpc/client_pool.h"
#include "net/rpc/server.h"
#include "tests/support/test_loop.h"

namespace support {

class RpcLoopback {
 public:
  using Credentials = std::shared_ptr<const net::secure::Credentials>;
  // A new cluster key's.
  static Credentials server_credentials() {
    return std::make_shared<net::secure::Credentials>(
        net::secure::Credentials::of_server(net::secure::Keyring(*net::secure::parse_key(net::secure::generate_key()))));
  }
  static constexpr net::rpc::Method kEcho = 1;     // answers with the body
  static constexpr net::rpc::Method kForget = 2;   // drops the request
  static constexpr net::rpc::Method kKeep = 3;     // keeps the reply in `kept`
  static constexpr net::rpc::Method kServerOnly = 4;

  explicit RpcLoopback(Credentials credentials = nullptr, net::rpc::ServerOptions options = {.hello = {net::rpc::Role::server, "c", "s", "1"}})
      : credentials_(std::move(credentials)) {
    options.credentials = credentials_;
    dispatcher.on_request(kEcho, net::rpc::kAnyone, [](net::rpc::Inbound in) { in.reply.ok(in.body); });
    dispatcher.on_request(kForget, net::rpc::kAnyone, [](net::rpc::Inbound) {});
    dispatcher.on_request(kKeep, net::rpc::kAnyone, [this](net::rpc::Inbound in) {
      kept.push_back(in.reply);
      if (on_kept) on_kept();
    });
    dispatcher.on_request(kServerOnly, net::rpc::kServers, [](net::rpc::Inbound in) { in.reply.ok(""); });
    server.emplace(t.loop, dispatcher, std::move(options));
    const auto bound = server->listen(kLoopback);
    REQUIRE(bound.ok());
    address = *bound;
    pool.emplace(t.loop, pool_options(), core::Rng(1));
  }
  net::rpc::PoolOptions pool_options() const {
    return {.hello = {net::rpc::Role::client, "c", "n", "1"}, .credentials = credentials_, .backoff_min = std::chrono::milliseconds(5), .backoff_max = std::chrono::milliseconds(20)};
  }
  core::Result<core::Bytes> call(net::rpc::Method method, core::Bytes body, net::rpc::CallOptions options = {}) { return call_at({address}, method, std::move(body), options); }
  core::Result<core::Bytes> call_at(std::vector<net::uv::Address> servers, net::rpc::Method method, core::Bytes body, net::rpc::CallOptions options = {}) {
    std::optional<core::Result<core::Bytes>> outcome;
    pool->request(std::move(servers), method, std::move(body), options, [&](core::Result<core::Bytes> result) {
      REQUIRE_FALSE(outcome.has_value());
      outcome.emplace(std::move(result));
      t.stop();
    });
    REQUIRE_FALSE(outcome.has_value());
    t.run();
    return std::move(*outcome);
  }

  TestLoop t;
  net::rpc::Dispatcher dispatcher;
  std::vector<net::rpc::Reply> kept;
  std::function<void()> on_kept;
  net::uv::Address address;
  std::optional<net::rpc::Server> server;
  std::optional<net::rpc::ClientPool> pool;

 private:
  Credentials credentials_;
};

}  // namespace support
