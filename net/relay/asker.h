// SPDX-License-Identifier: MPL-2.0
// An HTTP request that another agent answers, asked of it over RPC. Its answer is handed on as it comes: short
// ones whole, long ones and streams piece by piece, at the pace at which the client reads.
//
// An agent that cannot be reached, or whose connection breaks before the request has left, is passed over for
// the next. So is one that is lost later, if all that was asked is to read and none of the answer has come.
// A client that leaves in the middle of a stream ends it there, too.
#pragma once

#include <functional>
#include <vector>

#include "net/http/responder.h"
#include "net/rpc/client_pool.h"

namespace net::relay {

struct Hooks {
  std::function<void(http::Response&)> on_head;         // before it goes to the client
  std::function<void(const core::Error&)> on_failed;    // nothing of an answer went to the client: it is theirs to give
};

// `agents` in order of preference. The pool outlives the client's connection, or whatever else `responder` leads to.
void ask(rpc::ClientPool& pool, rpc::Method method, std::vector<uv::Address> agents, const http::Request& request,
         http::Responder responder, Hooks hooks);

}  // namespace net::relay
