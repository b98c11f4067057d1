// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "core/metrics/render.h"

using namespace core;
using namespace core::metrics;

namespace {

WallTime start() { return parse_rfc3339("2026-11-22T11:21:00Z").value(); }

std::string with(const std::string& text, const std::string& part) { return text.find(part) == std::string::npos ? text : part; }

}  // namespace

TEST_CASE("JSON is of the last finished interval", "[metrics]") {
  Registry registry({.host = "h1"}, start());
  const auto gauge = registry.gauge("nomad.g", {{"cpu", "cpu0"}});
  gauge.set(1.5);
  registry.counter("nomad.c").add(20);
  for (const double value : {1.0, 2.0, 3.0}) registry.sample("nomad.s").add(value);
  registry.advance(start() + 10s);
  gauge.set(99);
  CHECK(to_json(registry) ==
        R"({"Timestamp":"2026-11-22 11:21:00 +0000 UTC",)"
        R"("Gauges":[{"Name":"nomad.g","Value":1.5,"Labels":{"cpu":"cpu0","host":"h1"}}],"Points":[],)"
        R"("Counters":[{"Name":"nomad.c","Count":1,"Rate":2,"Sum":20,"Min":20,"Max":20,"Mean":20,"Stddev":0,"Labels":{"host":"h1"}}],)"
        R"("Samples":[{"Name":"nomad.s","Count":3,"Rate":0.6,"Sum":6,"Min":1,"Max":3,"Mean":2,"Stddev":1,"Labels":{"host":"h1"}}]})");
}

TEST_CASE("JSON leaves out what recorded nothing, and the host if it has no name", "[metrics]") {
  Registry registry({}, start());
  registry.gauge("nomad.unset");
  registry.counter("nomad.unused");
  CHECK(to_json(registry) == R"({"Timestamp":"2026-11-22 11:21:00 +0000 UTC","Gauges":[],"Points":[],"Counters":[],"Samples":[]})");
  registry.gauge("nomad.g").set(3);
  CHECK(with(to_json(registry), R"({"Name":"nomad.g","Value":3,"Labels":{}})") == R"({"Name":"nomad.g","Value":3,"Labels":{}})");
}

TEST_CASE("the dump has a line for each series of each finished interval, or of the first one", "[metrics]") {
  Registry registry({.host = "h1"}, start());
  const auto gauge = registry.gauge("nomad.g", {{"job", "a b:c"}});
  gauge.set(12);
  registry.counter("nomad.c").add();
  registry.counter("nomad.c").add();
  registry.sample("nomad.s").add(1.0);
  registry.sample("nomad.s").add(2.0);
  const std::string first =
      "[2026-11-22 11:21:00 +0000 UTC][G] 'nomad.g.a_b_c.h1': 12.000\n"
      "[2026-11-22 11:21:00 +0000 UTC][C] 'nomad.c.h1': Count: 2 Sum: 2.000\n"
      "[2026-11-22 11:21:00 +0000 UTC][S] 'nomad.s.h1': Count: 2 Min: 1.000 Mean: 1.500 Max: 2.000 Stddev: 0.707 Sum: 3.000\n";
  CHECK(dump(registry) == first);
  registry.advance(start() + 10s);
  gauge.set(13);
  registry.advance(start() + 20s);
  gauge.set(14);
  CHECK(dump(registry) == first + "[2026-11-22 11:21:10 +0000 UTC][G] 'nomad.g.a_b_c.h1': 13.000\n");
}

TEST_CASE("Prometheus is told totals, last values and quantiles", "[metrics]") {
  Registry registry({.host = "h1"}, start());
  registry.counter("nomad.rpc.query").add(3);
  registry.advance(start() + 10s);
  registry.counter("nomad.rpc.query").add(4);
  registry.gauge("nomad.client.host.cpu.idle", {{"cpu", "cpu0"}}).set(99.5);
  registry.gauge("nomad.client.host.cpu.idle", {{"cpu", "cpu1"}}).set(1e9);
  registry.sample("nomad.raft.commitTime").add(2.0);
  registry.sample("nomad.raft.commitTime").add(4.0);
  CHECK(to_prometheus(registry) ==
        "# HELP nomad_rpc_query nomad_rpc_query\n"
        "# TYPE nomad_rpc_query counter\n"
        "nomad_rpc_query{host=\"h1\"} 7\n"
        "# HELP nomad_client_host_cpu_idle nomad_client_host_cpu_idle\n"
        "# TYPE nomad_client_host_cpu_idle gauge\n"
        "nomad_client_host_cpu_idle{cpu=\"cpu0\",host=\"h1\"} 99.5\n"
        "nomad_client_host_cpu_idle{cpu=\"cpu1\",host=\"h1\"} 1e+09\n"
        "# HELP nomad_raft_commitTime nomad_raft_commitTime\n"
        "# TYPE nomad_raft_commitTime summary\n"
        "nomad_raft_commitTime{host=\"h1\",quantile=\"0.5\"} 2\n"
        "nomad_raft_commitTime{host=\"h1\",quantile=\"0.9\"} 4\n"
        "nomad_raft_commitTime{host=\"h1\",quantile=\"0.99\"} 4\n"
        "nomad_raft_commitTime_sum{host=\"h1\"} 6\n"
        "nomad_raft_commitTime_count{host=\"h1\"} 2\n");
}

TEST_CASE("Prometheus sees no gauge that was not set for a minute, and no sample that never was", "[metrics]") {
  Registry registry({}, start());
  registry.gauge("nomad.g").set(1);
  registry.sample("nomad.s");
  CHECK(to_prometheus(registry) == "# HELP nomad_g nomad_g\n# TYPE nomad_g gauge\nnomad_g 1\n");
  for (int i = 1; i <= 7; ++i) registry.advance(start() + i * kInterval);
  CHECK(to_prometheus(registry).empty());
}

TEST_CASE("labels of any text cannot break a line of Prometheus", "[metrics]") {
  Registry registry({}, start());
  registry.counter("nomad.a-b", {{"job name", "x\"y\\z\nq"}}).add();
  CHECK(with(to_prometheus(registry), R"(nomad_a_b{job_name="x\"y\\z\nq"} 1)") == R"(nomad_a_b{job_name="x\"y\\z\nq"} 1)");
}

TEST_CASE("statsd lines: the host in a gauge's name, labels at the end, everything once", "[metrics]") {
  Registry registry({.host = "h1", .for_sinks = true}, start());
  registry.gauge("nomad.runtime.alloc_bytes").set(5);
  registry.counter("nomad.rpc.query", {{"job", "a|b:c d\n"}}).add(2);
  registry.sample("nomad.raft.commitTime").add(0.25);
  CHECK(take_lines(registry) == std::vector<std::string>{"nomad.h1.runtime.alloc_bytes:5.000000|g\n", "nomad.rpc.query.a_b_c_d_:2.000000|c\n",
                                                         "nomad.raft.commitTime:0.250000|ms\n"});
  CHECK(take_lines(registry).empty());
}

TEST_CASE("statsd lines without a host's name", "[metrics]") {
  Registry registry({.for_sinks = true}, start());
  registry.gauge("nomad.g").set(-1);
  CHECK(take_lines(registry) == std::vector<std::string>{"nomad.g:-1.000000|g\n"});
}
