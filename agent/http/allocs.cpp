// SPDX-License-Identifier: MPL-2.0
#include "agent/http/routes.h"

namespace agent::http {

using core::server::Ask;

void allocations(const Call& call) { call.read(Ask::allocs, "", ""); }

void allocation(const Call& call) {
  auto [id, action] = split(call.request().rest(), {"/stop"});
  if (id.empty()) return call.fail(500, "missing allocation ID");
  if (action.empty()) return call.read(Ask::alloc, std::move(id), "alloc not found");
  if (!call.writes()) return call.invalid_method();
  call.write(core::server::StopAlloc{core::AllocId{std::move(id)}}, [](const core::server::Answer& answer) {
    return "{\"EvalID\":\"" + answer.eval_id.text + "\",\"Index\":" + std::to_string(answer.index.value) + "}";
  });
}

}  // namespace agent::http
