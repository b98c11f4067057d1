// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "tests/unit/agent/http/rig.h"

using namespace test;

TEST_CASE("/v1/metrics answers JSON, and Prometheus where that is enabled", "[http][metrics]") {
  HttpRig rig;
  rig.api.self.metrics_json = [] { return std::string(R"({"Gauges":[]})"); };
  const auto plain = rig.get("/v1/metrics");
  CHECK(plain.status == 200);
  CHECK(plain.headers.find("Content-Type") == "application/json");
  CHECK(plain.body.text() == R"({"Gauges":[]})");

  const auto refused = rig.get("/v1/metrics?format=prometheus");
  CHECK(refused.status == 415);
  CHECK(refused.body.text() == "Prometheus is not enabled");

  rig.api.self.metrics_text = [] { return std::string("nomad_g 1\n"); };
  const auto text = rig.get("/v1/metrics?format=prometheus");
  CHECK(text.status == 200);
  CHECK(text.headers.find("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(text.body.text() == "nomad_g 1\n");
}

TEST_CASE("/v1/metrics is read, not written", "[http][metrics]") {
  HttpRig rig;
  CHECK(rig.put("/v1/metrics").status == 405);
}
