// SPDX-License-Identifier: MPL-2.0
// What an agent counts, as those see it who ask for it.
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include <catch2/catch.hpp>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A UDP socket of the test's own: statsd, as far as an agent can tell.
class Datagrams {
 public:
  Datagrams() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Datagrams() { ::close(socket_); }
  Datagrams(const Datagrams&) = delete;
  Datagrams& operator=(const Datagrams&) = delete;

  int port() const { return port_; }
  std::size_t longest() const { return longest_; }
  // All that came so far.
  const std::string& received() {
    std::array<char, 65536> buffer;
    for (ssize_t n = 0; (n = ::recv(socket_, buffer.data(), buffer.size(), 0)) > 0;) {
      text_.append(buffer.data(), static_cast<std::size_t>(n));
      longest_ = std::max(longest_, static_cast<std::size_t>(n));
    }
    return text_;
  }

 private:
  int socket_;
  int port_ = 0;
  std::string text_;
  std::size_t longest_ = 0;
};

}  // namespace

TEST_CASE("an agent tells what it counted: as JSON, to Prometheus, and at SIGUSR1", "[integration][metrics]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  REQUIRE(agent.put("/v1/jobs", api_job("counted", "while :; do sleep 1; done")).status == 200);
  REQUIRE(await([&] { return client_status(agent, "counted") == "running"; }));

  // Totals are there at once; gauges with the next collection.
  CHECK(await([&] {
    const auto text = agent.get("/v1/metrics?format=prometheus").body;
    return has(text, "# TYPE nomad_nomad_job_register summary\n") && has(text, "\nnomad_raft_apply{host=\"") &&
           has(text, "nomad_nomad_worker_invoke_scheduler_service_count{") && has(text, "nomad_nomad_plan_submit_count{") && has(text, "\nnomad_client_allocations_running{") &&
           has(text, "nomad_client_host_cpu_idle{cpu=\"cpu0\"");
  }));
  const auto prometheus = agent.get("/v1/metrics?format=prometheus");
  CHECK(has(prometheus.headers, "text/plain; version=0.0.4; charset=utf-8"));

  // JSON is of the last finished interval: each has a query to count. The dump is of all of them.
  CHECK(await([&] {
    client_status(agent, "counted");
    const auto body = agent.get("/v1/metrics").body;
    return has(body, R"("Name":"nomad.nomad.heartbeat.active","Value":1,)") && has(body, R"("Name":"nomad.client.allocations.running","Value":1,)") &&
           has(body, R"("Name":"nomad.nomad.rpc.query")");
  }));
  CHECK(await([&] {
    agent.signal(SIGUSR1);
    return agent.said(" +0000 UTC][G] 'nomad.nomad.broker.total_ready.") > 0;
  }));
  CHECK(agent.says(" +0000 UTC][C] 'nomad.nomad.rpc.query."));
  CHECK(agent.says("][S] 'nomad.nomad.job.register."));
  CHECK(agent.running());
  CHECK(client_status(agent, "counted") == "running");
}

TEST_CASE("a leader tells how jobs stand, and forgets those that are gone", "[integration][metrics]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  REQUIRE(agent.put("/v1/jobs", api_job("counted", "while :; do sleep 1; done")).status == 200);
  const auto told = [&](const std::string& part) {
    const auto shown = agent.cli({"operator", "metrics", "-format=prometheus"});
    return shown.code == 0 && has(shown.out, part);
  };
  CHECK(await([&] { return told("nomad_nomad_job_status_running{") && told("job=\"counted\",namespace=\"default\",task_group=\"g\"} 1"); }));
  CHECK(await([&] { return told("\nnomad_client_allocs_running{"); }));
  REQUIRE(agent.remove("/v1/job/counted?purge=true").status == 200);
  CHECK(await([&] { return !told("nomad_nomad_job_summary_"); }));
}

TEST_CASE("operator metrics prints what an agent counted", "[integration][metrics][cli]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  const auto compact = agent.cli({"operator", "metrics"});
  CHECK(compact.code == 0);
  CHECK(has(compact.out, "{\"Timestamp\":\""));
  const auto pretty = agent.cli({"operator", "metrics", "-pretty"});
  CHECK(has(pretty.out, "\n    \"Counters\": ["));
  CHECK(agent.cli({"operator", "metrics", "-json", "-format=prometheus"}).code == 1);
  CHECK(agent.cli({"operator", "metrics", "more"}).code == 1);
}

TEST_CASE("a server that publishes nothing to Prometheus says so", "[integration][metrics]") {
  Directory data;
  Agent agent({.arguments = {}, .config = "server {\n  enabled = true\n  bootstrap_expect = 1\n}\n", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(await([&] { return agent.get("/v1/metrics").status == 200; }));
  const auto refused = agent.get("/v1/metrics?format=prometheus");
  CHECK(refused.status == 415);
  CHECK(refused.body == "Prometheus is not enabled");
}

TEST_CASE("statsd is sent what the agent counts", "[integration][metrics]") {
  Directory data;
  Datagrams statsd;
  const auto telemetry = "telemetry {\n  statsd_address = \"127.0.0.1:" + std::to_string(statsd.port()) +
                         "\"\n  disable_hostname = true\n  prefix_filter = [\"-nomad.nomad.rpc\"]\n}\n";
  Agent agent({.arguments = {"-dev"}, .config = telemetry, .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  REQUIRE(agent.put("/v1/jobs", api_job("counted", "exit 0")).status == 200);
  CHECK(await([&] {
    const auto& lines = statsd.received();
    return has(lines, "nomad.nomad.job.register:") && has(lines, "|ms\n") && has(lines, "nomad.raft.apply:") && has(lines, "|c\n") &&
           has(lines, "nomad.nomad.broker.total_ready:0.000000|g\n");
  }));
  CHECK_FALSE(has(statsd.received(), "nomad.nomad.rpc."));
  CHECK(statsd.longest() <= 1432);
}

TEST_CASE("an agent does not start with a sink that is nowhere", "[integration][metrics]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "telemetry {\n  statsd_address = \"host:none\"\n}\n", .data_dir = data.path(), .ports = {}});
  agent.start();
  CHECK(agent.wait() == 1);
  CHECK(has(agent.log(), "==> Error initializing telemetry: "));
}
