// SPDX-License-Identifier: MPL-2.0
// Two agents in one loop: one that listens for HTTP and passes everything on, and others that answer over RPC.
#pragma once

#include <memory>
#include <vector>

#include "net/relay/answerer.h"
#include "net/relay/asker.h"
#include "net/rpc/client_pool.h"
#include "net/rpc/server.h"
#include "tests/support/http_loopback.h"

namespace test {

inline constexpr net::rpc::Method kRelay = 30;

// One that answers.
struct Behind {
  Behind(net::uv::Loop& loop, net::http::Handler handler) : answerer(std::make_unique<net::relay::Answerer>(std::move(handler))) {
    dispatcher.on_request(kRelay, net::rpc::kNeighbours, [this](net::rpc::Inbound in) {
      ++asked;
      if (answerer) answerer->answer(in, net::http::Passed::last);
    });
    server.emplace(loop, dispatcher, net::rpc::ServerOptions{.hello = {net::rpc::Role::server, "there", "s", "1"}});
    const auto bound = server->listen(support::kLoopback);
    REQUIRE(bound.ok());
    address = *bound;
  }
  std::unique_ptr<net::relay::Answerer> answerer;
  int asked = 0;
  net::rpc::Dispatcher dispatcher;
  std::optional<net::rpc::Server> server;
  net::uv::Address address;
};

class RelayRig {
 public:
  explicit RelayRig(net::http::Handler handler, net::http::ServerOptions options = {})
      : http([this](net::http::Request request, net::http::Responder responder) { pass_on(request, std::move(responder)); }, std::move(options)),
        first(http.t.loop, std::move(handler)) {
    agents = {first.address};
  }

  support::HttpLoopback http;
  Behind first;
  std::vector<net::uv::Address> agents;  // asked in this order
  net::rpc::Method method = kRelay;
  net::rpc::ClientPool pool{http.t.loop,
                            {.hello = {net::rpc::Role::neighbour, "here", "n", "1"}, .backoff_min = std::chrono::milliseconds(5), .backoff_max = std::chrono::milliseconds(20)},
                            core::Rng(1)};

 private:
  void pass_on(const net::http::Request& request, net::http::Responder responder) {
    net::relay::ask(pool, method, agents, request, responder,
                    {.on_head = [](net::http::Response& head) { head.headers.set("X-Here", "yes"); },
                     .on_failed = [responder](const core::Error& error) {
                       responder.send(net::http::Response::text(500, std::string(to_string(error.code)) + ": " + error.detail));
                     }});
  }
};

}  // namespace test
