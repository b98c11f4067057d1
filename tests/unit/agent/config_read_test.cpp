// SPDX-License-Identifier: MPL-2.0
#include "agent/config_read.h"

#include <catch2/catch.hpp>

using namespace agent::config;
using namespace std::chrono_literals;

namespace {

Config parsed(std::string_view text) {
  auto config = parse(text, "agent.hcl");
  if (!config.ok()) FAIL(config.error().detail);
  return *config;
}

std::string refusal(std::string_view text) {
  const auto config = parse(text, "agent.hcl");
  return config.ok() ? "" : config.error().detail;
}

}  // namespace

TEST_CASE("a configuration of the first releases is read, HCL and JSON alike", "[agent][config]") {
  const auto text = GENERATE(
      R"(region = "eu"
datacenter = "ams"
data_dir = "/var/lib/nomad"
log_level = "WARN"
bind_addr = "10.0.0.1"
ports { http = "80" }
advertise { rpc = "10.0.0.1:4647" }
server { enabled = true bootstrap_expect = 3 }
client {
  enabled = true
  servers = ["10.0.0.1:4647"]
  meta { rack = "r1" }
  options { docker.endpoint = "unix:///d.sock" "n" = 5 }
}
telemetry { statsd_address = "127.0.0.1:8125" }
atlas { infrastructure = "org/x" token = "t" })",
      R"({"region": "eu", "datacenter": "ams", "data_dir": "/var/lib/nomad", "log_level": "WARN", "bind_addr": "10.0.0.1",
          "ports": {"http": 80}, "advertise": {"rpc": "10.0.0.1:4647"}, "server": {"enabled": true, "bootstrap_expect": 3},
          "client": {"enabled": true, "servers": ["10.0.0.1:4647"], "meta": {"rack": "r1"},
                     "options": {"docker.endpoint": "unix:///d.sock", "n": "5"}},
          "telemetry": {"statsd_address": "127.0.0.1:8125"}, "atlas": {"infrastructure": "org/x", "token": "t"}})");
  const auto c = parsed(text);
  CHECK(c.region == "eu");
  CHECK(c.datacenter == "ams");
  CHECK(c.data_dir == "/var/lib/nomad");
  CHECK(c.log_level == "WARN");
  CHECK(c.ports.http == 80);
  CHECK(c.ports.rpc == 0);
  CHECK(c.advertise.rpc == "10.0.0.1:4647");
  CHECK(c.server.enabled);
  CHECK(c.server.bootstrap_expect == 3);
  CHECK(c.client.servers == Texts{"10.0.0.1:4647"});
  CHECK(c.client.meta == TextMap{{"rack", "r1"}});
  CHECK(c.client.options == TextMap{{"docker.endpoint", "unix:///d.sock"}, {"n", "5"}});
  CHECK(c.telemetry.statsd_address == "127.0.0.1:8125");
  CHECK(c.atlas.token.text == "t");
}

TEST_CASE("a configuration of later releases is read", "[agent][config]") {
  const auto c = parsed(R"(
data_dir  = "/opt/nomad"
bind_addr = "0.0.0.0"
advertise {
  rpc = "10.0.0.5"
}
server {
  enabled          = true
  bootstrap_expect = 3
  node_gc_threshold = "2h"
  num_schedulers = 0
  max_heartbeats_per_second = 12.5
  server_join {
    retry_join = ["10.0.0.6", "10.0.0.7:4648"]
    retry_interval = "15s"
  }
  default_scheduler_config {
    scheduler_algorithm = "spread"
    preemption_config { batch_scheduler_enabled = true }
  }
}
client {
  enabled = true
  options = {
    "driver.allowlist" = "docker,exec"
  }
  reserved { cpu = 100 reserved_ports = "22,8000-9000" }
  host_volume "certs" {
    path      = "/etc/ssl/certs"
    read_only = true
  }
  host_network "public" { cidr = "203.0.113.0/24" }
  stats { anything = 1 }
}
plugin "raw_exec" {
  config {
    enabled = true
    nested { a = ["b"] }
  }
}
limits { http_max_conns_per_client = 0 }
audit { enabled = true sink "s" { type = "file" } }
http_api_response_headers { X-Served-By = "us" }
)");
  CHECK(c.server.num_schedulers == 0);
  CHECK(c.server.node_gc_threshold == 2h);
  CHECK(c.server.max_heartbeats_per_second == 12.5);
  CHECK(c.server.join.retry_join.size() == 2);
  CHECK(c.server.join.retry_interval == 15s);
  CHECK(c.server.default_scheduler_config.preempt_batch == true);
  CHECK(c.client.options.at("driver.allowlist") == "docker,exec");
  CHECK(c.client.reserved.reserved_ports == "22,8000-9000");
  REQUIRE(c.client.host_volumes.size() == 1);
  CHECK(c.client.host_volumes[0].name == "certs");
  CHECK(c.client.host_volumes[0].read_only);
  CHECK(c.client.host_networks.at(0).cidr == "203.0.113.0/24");
  CHECK(c.plugins.at(0).config.text == R"({"enabled":true,"nested":[{"a":["b"]}]})");
  CHECK(c.limits.http_max_conns_per_client == 0);
  CHECK(c.audit.text == R"({"enabled":true,"sink":[{"s":[{"type":"file"}]}]})");
  CHECK(c.http_api_response_headers.at("X-Served-By") == "us");
}

TEST_CASE("keys of our own are read", "[agent][config]") {
  const auto c = parsed(R"(compat = "v0.1.2"
server {
  static_peers = ["10.0.0.1:4647"]
  require_encryption = true
  log_retention = "720h"
  trailing_logs = 500
  snapshot_every = 1000
})");
  CHECK(c.compat == "v0.1.2");
  CHECK(c.server.static_peers == Texts{"10.0.0.1:4647"});
  CHECK(c.server.require_encryption == true);
  CHECK(c.server.log_retention == 720h);
  CHECK(c.server.trailing_logs == 500);
  CHECK(c.server.snapshot_every == 1000);
}

TEST_CASE("weak types: numbers as text, one value for a list, repeated lists grow, last scalar wins",
          "[agent][config]") {
  const auto c = parsed(
      "ports { rpc = 010 }\nregion = \"a\"\nregion = \"b\"\nclient { servers = \"x\" servers = [\"y\", "
      "\"z\"] }\nname = 7\nenable_debug = \"true\"");
  CHECK(c.ports.rpc == 8);
  CHECK(c.region == "b");
  CHECK(c.client.servers == Texts{"x", "y", "z"});
  CHECK(c.node_name == "7");
  CHECK(c.enable_debug);
}

TEST_CASE("interpolations are text", "[agent][config]") {
  CHECK(parsed("client { meta { a = \"${b \"c\"}\" } }").client.meta.at("a") == "${b \"c\"}");
}

TEST_CASE("what is wrong is said with its place", "[agent][config]") {
  struct Example {
    const char* text;
    const char* message;
  };
  const auto example = GENERATE(
      Example{"foo = 1",
              "agent.hcl:1,1-4: Unsupported argument; An argument named \"foo\" is not expected here."},
      Example{"client {\n enbled = true\n}",
              "agent.hcl:2,2-8: Unsupported argument; An argument named \"enbled\" is not expected here. Did "
              "you mean \"enabled\"?"},
      Example{"ui { enabled = true }", "agent.hcl:1,1-3: Unsupported block type"},
      Example{"server {}\nserver {}", "only one 'server' block allowed"},
      Example{"ports { http = \"x\" }",
              "agent.hcl:1,16-19: Unsuitable value type; Unsuitable value: a number is required"},
      Example{"enable_debug = \"maybe\"", "a bool is required"},
      Example{"server { heartbeat_grace = \"xx\" }", "time: invalid duration \"xx\""},
      Example{"ports = 7", "it is a block"},
      Example{"client \"x\" {}", "agent.hcl:1,8-11: Extraneous label for client"},
      Example{"client { host_volume \"v\" {} }", "A host volume needs a path."},
      Example{"server {", "Unclosed configuration block"},
      Example{"region = eu", "Invalid expression; A value is expected here; text is written in quotes."},
      Example{"{\"region\": \"eu\",}", "Trailing comma in object"});
  CAPTURE(example.text);
  const auto said = refusal(example.text);
  CAPTURE(said);
  CHECK(said.find(example.message) != std::string::npos);
}
