// SPDX-License-Identifier: MPL-2.0
// PUT enters a server, or refreshes its entry, and answers with the others; DELETE takes it out.
#include "agent/discovery/rendezvous_messages.h"
#include "agent/http/routes.h"

namespace agent::http {

void rendezvous(const Call& call) {
  const auto& self = call.api().self;
  if (!self.rendezvous_visit) return call.fail(404, "no rendezvous is offered here");
  const auto& request = call.request();
  const auto token = request.headers.find(discovery::kRendezvousTokenHeader).value_or("");
  if (call.writes()) {
    auto answer = self.rendezvous_visit(token, request.body);
    return answer.ok() ? call.ok(std::move(*answer)) : call.fail(answer.error());
  }
  if (!call.is(net::http::Method::delete_)) return call.invalid_method();
  const auto parameter = [&](std::string_view name) { return std::string(request.query.get(name).value_or("")); };
  const auto left = self.rendezvous_leave(token, parameter("infrastructure"), parameter("address"));
  return left.ok() ? call.ok("{}") : call.fail(left.error());
}

}  // namespace agent::http
