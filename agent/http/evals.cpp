// SPDX-License-Identifier: MPL-2.0
#include "agent/http/routes.h"

namespace agent::http {

using core::server::Ask;

void evaluations(const Call& call) { call.read(Ask::evals, "", ""); }

void evaluation(const Call& call) {
  auto [id, action] = split(call.request().rest(), {"/allocations"});
  if (id.empty()) return call.fail(500, "missing evaluation ID");
  if (action == "allocations") return call.read(Ask::eval_allocs, std::move(id), "eval not found");
  call.read(Ask::eval, std::move(id), "eval not found");
}

}  // namespace agent::http
