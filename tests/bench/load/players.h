// SPDX-License-Identifier: MPL-2.0
// Thousands of users and clients on one loop: HTTP requests and RPC calls, so many in flight at once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/model/node.h"
#include "net/uv/address.h"

namespace bench {

struct Rate {
  double per_second = 0;
  double p50_ms = 0, p99_ms = 0;
  std::uint64_t failed = 0;
};

// `count` requests with `in_flight` at a time, each on a kept connection.
struct HttpRequest {
  std::string target, body;  // PUT with a body, GET without
};
Rate http_load(int port, std::uint64_t count, std::size_t in_flight, const std::function<HttpRequest(std::uint64_t)>& make);

// The same over one RPC connection.
struct RpcRequest {
  std::uint16_t method;
  std::string body;
};
Rate rpc_load(int port, std::uint64_t count, std::size_t in_flight, const std::function<RpcRequest(std::uint64_t)>& make);

// A node as a client registers it, with a few dozen attributes.
core::model::Node node(std::uint64_t number);
std::string uuid(std::uint64_t number);

// Connects that many clients, each on a connection of its own, registered and subscribed to its work;
// calls `then` while they are connected.
void with_clients(int port, std::uint64_t count, const std::function<void()>& then);

}  // namespace bench
