// SPDX-License-Identifier: MPL-2.0
// An HTTP server on loopback and a client to call it, on one loop that cannot hang.
#pragma once

#include <catch2/catch.hpp>

#include <optional>

#include "net/http/client.h"
#include "net/http/server.h"
#include "tests/support/test_loop.h"

namespace support {

class HttpLoopback {
 public:
  explicit HttpLoopback(net::http::Handler handler, net::http::ServerOptions options = {})
      : server(t.loop, std::move(handler), std::move(options)), client(t.loop) {
    const auto bound = server.listen(kLoopback);
    REQUIRE(bound.ok());
    address = {bound->ip, bound->port};
  }
  core::Result<net::http::Response> try_call(net::http::Outgoing request) {
    std::optional<core::Result<net::http::Response>> outcome;
    client.send(address, std::move(request), [&](core::Result<net::http::Response> result) {
      outcome.emplace(std::move(result));
      t.stop();
    });
    t.run();
    return std::move(*outcome);
  }
  net::http::Response call(net::http::Method method, std::string target, core::Bytes body = {}) {
    auto response = try_call({.method = method, .target = std::move(target), .body = std::move(body)});
    REQUIRE(response.ok());
    return std::move(response).value();
  }

  TestLoop t;
  net::http::Server server;
  net::http::Client client;
  net::uv::HostPort address;
};

}  // namespace support
