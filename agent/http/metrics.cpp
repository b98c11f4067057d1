// SPDX-License-Identifier: MPL-2.0
// /v1/metrics: what this agent counted and measured.
#include "agent/http/routes.h"

namespace agent::http {

void metrics(const Call& call) {
  if (!call.is(net::http::Method::get)) return call.invalid_method();
  const auto& self = call.api().self;
  if (call.request().query.get("format").value_or("") != "prometheus") return call.ok(self.metrics_json());
  if (!self.metrics_text) return call.fail(415, "Prometheus is not enabled");
  auto response = Response::text(200, self.metrics_text());
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  call.send(std::move(response));
}

}  // namespace agent::http
