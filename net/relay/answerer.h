// SPDX-License-Identifier: MPL-2.0
// Requests that other agents pass on over RPC, handled as if they had come over HTTP.
#pragma once

#include <memory>
#include <set>

#include "net/http/server.h"
#include "net/rpc/reply.h"

namespace net::relay {

class Answerer {
 public:
  explicit Answerer(http::Handler handler) : handler_(std::move(handler)) {}
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;
  // Handlers of requests that are not answered yet see their client go.
  ~Answerer();

  // Hands the request over; `passed` says whether it may be passed on from here.
  void answer(const rpc::Inbound& inbound, http::Passed passed);

 private:
  class Relayed;
  http::Handler handler_;
  std::set<Relayed*> open_;
};

}  // namespace net::relay
