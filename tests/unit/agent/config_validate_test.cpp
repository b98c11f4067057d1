// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/config_read.h"

using namespace agent::config;

namespace {

// What is said of a server's configuration with `text` laid over it.
std::string fault(std::string_view text) {
  auto config = defaults();
  config.server.enabled = true;
  config.data_dir = "/d";
  const auto layer = parse(text, "agent.hcl");
  if (!layer.ok()) FAIL(layer.error().detail);
  merge(config, *layer);
  complete(config);
  const auto status = validate(config);
  return status.ok() ? "" : status.error().detail;
}

}  // namespace

TEST_CASE("defaults make a valid server", "[agent][config]") { CHECK(fault("").empty()); }

TEST_CASE("an agent is a server, a client or a dev agent", "[agent][config]") {
  auto c = defaults();
  complete(c);
  CHECK(validate(c).error().detail == "Must specify either server, client or dev mode for the agent.");
  c.server.enabled = true;
  CHECK(validate(c).error().detail == "Must specify data directory");
  c.server.enabled = false;
  c.client.enabled = true;
  c.client.state_dir = "/s";
  CHECK(validate(c).error().detail == "Must specify both the state and alloc dir if data-dir is omitted.");
  c.client.alloc_dir = "/a";
  CHECK(validate(c).ok());
  c.server.bootstrap_expect = 1;
  CHECK(validate(c).error().detail == "Bootstrap requires server mode to be enabled");
}

TEST_CASE("broken rules are told in known words", "[agent][config]") {
  struct Example {
    const char* text;
    const char* fault;
  };
  const auto example = GENERATE(
      Example{"log_level = \"loud\"",
              "Invalid log level: LOUD. Valid log levels are: [TRACE DEBUG INFO WARN ERR]"},
      Example{"log_level = \"err\"", ""}, Example{"log_level = \"error\"", ""},
      Example{"compat = \"v9\"", "compat must be one of"},
      Example{"ports { http = 70000 }", "ports.http cannot be 70000. Must be between 1 and 65535"},
      Example{"ports { http = 4647 }", "ports.http and ports.rpc must differ"},
      Example{"bind_addr = \"{{ GetPrivateIP }}\"", "address templates are not supported"},
      Example{"server { protocol_version = 2 }", "Protocol version '2' too high. Must be in range: [1, 1]"},
      Example{"server { raft_multiplier = 11 }", "raft_multiplier cannot be 11. Must be between 1 and 10"},
      Example{"server { event_buffer_size = -1 }", "Invalid Config, event_buffer_size must be non-negative"},
      Example{"server { job_gc_interval = \"-1s\" }", "job_gc_interval should be greater than 0s"},
      Example{"server { min_heartbeat_ttl = \"10ms\" }", "min_heartbeat_ttl must be at least 1s, not 10ms"},
      Example{"server { encrypt = \"!\" }", "Invalid encryption key: illegal base64 data at input byte 0"},
      Example{"server { encrypt = \"AAAA\" }", "Invalid encryption key: key size must be 16, 24 or 32 bytes"},
      Example{"server { encrypt = \"cg8StVXbQJ0gPvMd9o7yrg==\" }", ""},
      Example{"server { encrypt = \"pUqJrVyVRj5jsiYEkM/tFQYfWyJIv4s3XkvDwy7Cu5s=\" }", ""},
      Example{"server { start_join = [\"a\"] server_join { retry_join = [\"b\"] } }",
              "server_join and start_join cannot both be defined; prefer setting the server_join stanza"},
      Example{"server { server_join { retry_join = [\"b\"] start_join = [\"a\"] } }",
              "retry_join and start_join cannot both be defined"},
      Example{"client { server_join { start_join = [\"a\"] } }",
              "start_join is not supported for Nomad clients"},
      Example{"client { meta { \"a b\" = 1 } }", "Invalid Client.Meta key: a b"},
      Example{"telemetry { prefix_filter = [\"nomad\"] }",
              "Filter rule must begin with either '+' or '-': \"nomad\""},
      Example{"limits { rpc_max_conns_per_client = 25 }", "rpc_max_conns_per_client must be > 25; found: 25"},
      Example{"limits { rpc_max_conns_per_client = 0 }", ""},
      Example{"server { rpc_key = \"AAAA\" }", "Invalid encryption key: key size must be 16, 24 or 32 bytes"},
      Example{"server { rpc_key = [\"cg8StVXbQJ0gPvMd9o7yrg==\", \"AAAA\"] }", "Invalid encryption key: key size must be 16, 24 or 32 bytes"},
      Example{"client { rpc_key = \"!\" }", "Invalid encryption key: illegal base64 data at input byte 0"},
      Example{"client { drain_on_shutdown { deadline = \"-1s\" } }", "client.drain_on_shutdown.deadline must not be negative"},
      Example{"autopilot { min_quorum = -1 }", "autopilot.min_quorum must not be negative"},
      Example{"autopilot { server_stabilization_time = \"-1s\" }", "autopilot.server_stabilization_time must not be negative"},
      Example{"limits { rpc_handshake_timeout = \"-1s\" }", "rpc_handshake_timeout must be >= 0"},
      Example{"consul { address = \"10.0.0.1:x\" }", "consul.address: "},
      Example{"consul { timeout = \"-1s\" }", "consul.timeout must be at least 1ms, not -1s"},
      Example{"consul { address = \"http://consul.example/here\" }", ""},
      Example{"consul { address = \"https://consul.example\" }", ""},  // and said at start
      Example{"atlas { infrastructure = \"a b\" }", "atlas.infrastructure must be 1 to 128 letters"},
      Example{"atlas { infrastructure = \"a/b\" endpoint = \"127.0.0.1\" }", "atlas.token must be set to use atlas.endpoint"},
      Example{"atlas { infrastructure = \"a/b\" endpoint = \"https://x\" token = \"t\" }", "atlas.endpoint: unsupported scheme"},
      Example{"atlas { infrastructure = \"a/b\" endpoint = \"x:y\" token = \"t\" }", "atlas.endpoint: "},
      Example{"atlas { infrastructure = \"a/b\" endpoint = \"http://x:1/y\" token = \"t\" }", ""},
      Example{"atlas { infrastructure = \"a/b\" }", ""},  // and said in the banner
      Example{"atlas_rendezvous { enabled = true }", "atlas_rendezvous.token must be set"},
      Example{"atlas_rendezvous { enabled = true token = \"t\" }", ""},
      Example{"atlas { token = \"t\" } atlas_rendezvous { enabled = true }", ""},
      Example{"tls { http = true }", "tls is not supported by this release"});
  CAPTURE(example.text);
  const auto said = fault(example.text);
  CAPTURE(said);
  CHECK(said.find(example.fault) == 0);
  if (std::string_view(example.fault).empty()) CHECK(said.empty());
}

TEST_CASE("settings that do nothing are named", "[agent][config]") {
  auto c = defaults();
  CHECK(without_effect(c).empty());
  c.atlas.infrastructure = "o/a";
  c.vault.enabled = true;
  CHECK(without_effect(c) == Texts{"atlas on an agent that is no server is read but has no effect in this release",
                                   "vault is read but has no effect in this release"});
}

TEST_CASE("a Consul that cannot be spoken to is named", "[agent][config][consul]") {
  auto c = defaults();
  SECTION("ssl") { c.consul.ssl = true; }
  SECTION("https") { c.consul.address = "https://127.0.0.1:8501"; }
  SECTION("a socket") { c.consul.address = "unix:///run/consul.sock"; }
  REQUIRE(without_effect(c).size() == 1);
  CHECK(without_effect(c)[0].ends_with("Consul is not used"));
}

TEST_CASE("an agent that is open to a network without a key is told of once", "[agent][config]") {
  auto c = defaults();
  const bool server = GENERATE(true, false);
  (server ? c.server.enabled : c.client.enabled) = true;
  CHECK_FALSE(agent::config::unprotected(c, false).has_value());
  c.bind_addr = GENERATE("0.0.0.0", "10.0.0.1", "::");
  CHECK(agent::config::unprotected(c, false).has_value());
  CHECK(agent::config::unprotected(c, true).has_value() != server);
  (server ? c.server.encrypt : c.client.rpc_key).text = "cg8StVXbQJ0gPvMd9o7yrg==";
  CHECK_FALSE(agent::config::unprotected(c, false).has_value());
}

TEST_CASE("a reload names what only a restart applies, and not what it applies itself", "[config]") {
  const auto running = agent::config::defaults();
  auto fresh = running;
  CHECK(agent::config::needing_restart(running, fresh).empty());
  fresh.log_level = "DEBUG";
  fresh.leave_on_interrupt = fresh.leave_on_terminate = true;
  CHECK(agent::config::needing_restart(running, fresh).empty());
  fresh.ports.http = 1234;
  fresh.server.heartbeat_grace = std::chrono::seconds(1);
  CHECK(agent::config::needing_restart(running, fresh) == agent::config::Texts{"Ports", "Server"});
}
