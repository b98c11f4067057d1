// SPDX-License-Identifier: MPL-2.0
#include "agent/metrics/telemetry.h"
#include "tests/support/test_loop.h"

using agent::config::Telemetry;
using support::TestLoop;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<agent::metrics::Telemetry> start(TestLoop& t, const Telemetry& config) {
  auto started = agent::metrics::Telemetry::start(t.loop, config, "node-1", {});
  REQUIRE(started.ok());
  return std::move(*started);
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("gauges are set each collection interval, and no more when nobody is left to set them", "[metrics]") {
  TestLoop t;
  Telemetry config;
  config.collection_interval = 100ms;
  const auto telemetry = start(t, config);
  const auto gauge = telemetry->registry().gauge("nomad.test.gauge");
  double calls = 0;
  const auto stop = t.stop_after(3);
  telemetry->collect_with([&] {
    gauge.set(++calls);
    stop();
  });
  t.run();
  telemetry->collect_with({});
  CHECK(has(telemetry->prometheus(), "nomad_test_gauge{"));
  CHECK(has(telemetry->prometheus(), "nomad_runtime_sys_bytes{"));
  CHECK(calls == 3);
}

TEST_CASE("the host's name is a label of all, unless it is not wanted", "[metrics]") {
  TestLoop t;
  Telemetry config;
  SECTION("of the host") {
    const auto telemetry = start(t, config);
    telemetry->registry().counter("nomad.c").add();
    CHECK(has(telemetry->prometheus(), "nomad_c{host=\""));
    CHECK_FALSE(has(telemetry->prometheus(), "node-1"));
  }
  SECTION("the node's name") {
    config.use_node_name = true;
    const auto telemetry = start(t, config);
    telemetry->registry().counter("nomad.c").add();
    CHECK(has(telemetry->prometheus(), "nomad_c{host=\"node-1\"} 1\n"));
  }
  SECTION("none") {
    config.disable_hostname = true;
    const auto telemetry = start(t, config);
    telemetry->registry().counter("nomad.c").add();
    CHECK(has(telemetry->prometheus(), "nomad_c 1\n"));
  }
}

TEST_CASE("the configured filter decides what is recorded", "[metrics]") {
  TestLoop t;
  Telemetry config;
  config.filter_default = false;
  config.prefix_filter = {"+nomad.kept"};
  const auto telemetry = start(t, config);
  telemetry->registry().counter("nomad.kept").add();
  telemetry->registry().counter("nomad.other").add();
  CHECK(has(telemetry->json(), "nomad.kept"));
  CHECK_FALSE(has(telemetry->json(), "nomad.other"));
}

TEST_CASE("what is recorded reaches statsd within the next second", "[metrics][statsd]") {
  TestLoop t;
  std::string got;
  auto server = net::uv::UdpSocket::bind(t.loop, support::kLoopback, [&](core::ByteView datagram, const net::uv::Address&) {
    got += datagram;
    t.stop();
  });
  REQUIRE(server.ok());
  Telemetry config;
  config.collection_interval = 1h;  // says nothing of when sinks are told
  config.disable_hostname = true;
  config.statsd_address = net::uv::to_string(server->local());
  const auto telemetry = start(t, config);
  telemetry->registry().counter("nomad.c").add(2);
  t.run();
  CHECK(got == "nomad.c:2.000000|c\n");
}

TEST_CASE("a sink's address that is none is refused by its key", "[metrics]") {
  TestLoop t;
  Telemetry config;
  (GENERATE(true, false) ? config.statsd_address : config.statsite_address) = "host:no-port";
  const auto started = agent::metrics::Telemetry::start(t.loop, config, "node-1", {});
  REQUIRE_FALSE(started.ok());
  CHECK(has(started.error().detail, config.statsd_address.empty() ? "statsite_address" : "statsd_address"));
}
