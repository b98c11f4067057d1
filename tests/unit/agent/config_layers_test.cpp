// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/config_flags.h"
#include "agent/config_read.h"
#include "core/base/json.h"

using namespace agent::config;
using namespace std::chrono_literals;

namespace {

Config merged(std::string_view first, std::string_view second) {
  auto base = parse(first, "a"), over = parse(second, "b");
  REQUIRE(base.ok());
  REQUIRE(over.ok());
  merge(*base, *over);
  return *base;
}

Flags with_flag(std::string_view name, std::string_view value) {
  Flags flags;
  const auto status = set_flag(flags, name, value);
  if (!status.ok()) FAIL(status.error().detail);
  return flags;
}

}  // namespace

TEST_CASE("a later layer replaces text and numbers, and keeps what it does not say", "[agent][config]") {
  const auto c = merged("region = \"a\"\nname = \"n\"\nports { http = 1 rpc = 2 }",
                        "region = \"b\"\nports { http = 9 }\nname = \"\"");
  CHECK(c.region == "b");
  CHECK(c.node_name == "n");
  CHECK(c.ports.http == 9);
  CHECK(c.ports.rpc == 2);
}

TEST_CASE("true stays true, but a switch can be switched off", "[agent][config]") {
  const auto c = merged("enable_debug = true\ndisable_update_check = true\nserver { num_schedulers = 4 }",
                        "enable_debug = false\ndisable_update_check = false\nserver { num_schedulers = 0 }");
  CHECK(c.enable_debug);
  CHECK(c.disable_update_check == false);
  CHECK(c.server.num_schedulers == 0);
}

TEST_CASE("lists grow, maps and named blocks merge by key", "[agent][config]") {
  const auto c = merged(
      "client { servers = [\"a\"] meta { x = 1 y = 1 } host_volume \"v\" { path = \"/a\" } }\nplugin \"p\" { "
      "args = [\"1\"] }",
      "client { servers = [\"b\"] meta { y = 2 } host_volume \"v\" { path = \"/b\" } host_volume \"w\" { "
      "path = \"/w\" } }\nplugin \"p\" { config { k = 1 } }");
  CHECK(c.client.servers == Texts{"a", "b"});
  CHECK(c.client.meta == TextMap{{"x", "1"}, {"y", "2"}});
  REQUIRE(c.client.host_volumes.size() == 2);
  CHECK(c.client.host_volumes[0].path == "/b");
  REQUIRE(c.plugins.size() == 1);
  CHECK(c.plugins[0].args == Texts{"1"});
  CHECK(c.plugins[0].config.text == R"({"k":1})");
}

TEST_CASE("atlas is merged like any block", "[agent][config]") {
  CHECK(merged("atlas { infrastructure = \"o/a\" }", "atlas { join = true }").atlas.infrastructure == "o/a");
}

TEST_CASE("every flag takes a value of its kind", "[agent][config][flags]") {
  for (const auto& spec : flag_specs()) {
    CAPTURE(spec.name);
    Flags flags;
    const std::string value = spec.kind == FlagKind::boolean  ? "true"
                              : spec.kind == FlagKind::number ? "7"
                              : spec.name == "meta"           ? "a=b=c"
                              : spec.name == "retry-interval" ? "9s"
                                                              : "text";
    const auto status = set_flag(flags, spec.name, value);
    CHECK(status.ok());
    CHECK(!spec.help.empty());
    if (spec.kind == FlagKind::boolean) CHECK(!set_flag(flags, spec.name, "maybe").ok());
    if (spec.kind == FlagKind::number) CHECK(!set_flag(flags, spec.name, "many").ok());
  }
}

TEST_CASE("flags set what they stand for", "[agent][config][flags]") {
  CHECK(with_flag("dc", "ams").layer.datacenter == "ams");
  CHECK(with_flag("servers", "a:1,,b:2").layer.client.servers == Texts{"a:1", "b:2"});
  CHECK(with_flag("meta", "k=v=w").layer.client.meta == TextMap{{"k", "v=w"}});
  CHECK(with_flag("consul-verify-ssl", "false").layer.consul.verify_ssl == false);
  CHECK(with_flag("dev-connect", "true").dev);
  CHECK(with_flag("encrypt", "secret").layer.server.encrypt.text == "secret");
}

TEST_CASE("bad values of flags are refused in words", "[agent][config][flags]") {
  Flags flags;
  CHECK(set_flag(flags, "meta", "novalue").error().detail == "Error parsing Client.Meta value: novalue");
  CHECK(set_flag(flags, "bootstrap-expect", "x").error().detail ==
        "invalid value \"x\" for flag -bootstrap-expect: a number is required");
}

TEST_CASE("the dev preset is a valid configuration, and needs no data directory", "[agent][config]") {
  auto c = dev_preset();
  complete(c);
  CHECK(validate(c).ok());
  CHECK(c.server.enabled);
  CHECK(c.client.enabled);
  CHECK(c.bind_addr == "127.0.0.1");
  CHECK(c.log_level == "DEBUG");
  CHECK(c.data_dir.empty());
}

TEST_CASE("directories are found under the data directory unless given", "[agent][config]") {
  auto c = defaults();
  c.data_dir = "/d";
  c.client.alloc_dir = "/elsewhere";
  complete(c);
  CHECK(c.server.data_dir == "/d/server");
  CHECK(c.client.state_dir == "/d/client");
  CHECK(c.client.alloc_dir == "/elsewhere");
}

TEST_CASE("the JSON has Go's names and no secrets", "[agent][config]") {
  auto c = dev_preset();
  c.server.encrypt.text = "S3CRET";
  c.acl.replication_token.text = "S3CRET";
  c.consul.token.text = "S3CRET";
  c.vault.token.text = "S3CRET";
  c.atlas.token.text = "S3CRET";
  c.version.version = "1.2.3";
  const auto text = to_json(c);
  CHECK(text.find("S3CRET") == std::string::npos);
  const auto document = core::json::parse(text);
  REQUIRE(document.ok());
  const auto root = document->root();
  for (const char* name : {"ACL",
                           "Addresses",
                           "AdvertiseAddrs",
                           "Audit",
                           "Autopilot",
                           "BindAddr",
                           "Client",
                           "Consul",
                           "DataDir",
                           "Datacenter",
                           "DevMode",
                           "DisableAnonymousSignature",
                           "DisableUpdateCheck",
                           "EnableDebug",
                           "EnableSyslog",
                           "Files",
                           "HTTPAPIResponseHeaders",
                           "LeaveOnInt",
                           "LeaveOnTerm",
                           "Limits",
                           "LogFile",
                           "LogJson",
                           "LogLevel",
                           "LogRotateBytes",
                           "LogRotateDuration",
                           "LogRotateMaxFiles",
                           "NodeName",
                           "PluginDir",
                           "Plugins",
                           "Ports",
                           "Region",
                           "Sentinel",
                           "Server",
                           "SyslogFacility",
                           "TLSConfig",
                           "Telemetry",
                           "Vault",
                           "Version",
                           "Atlas"}) {
    CAPTURE(name);
    CHECK(root.find(name).present);
  }
  CHECK(root.find("Client").value.find("Enabled").value.boolean());
  CHECK(root.find("Version").value.find("Version").value.string() == "1.2.3");
  CHECK(root.find("Consul").value.find("Token").value.string() == "<redacted>");
}

TEST_CASE("addresses to join come from server_join, the older keys and flags alike", "[agent][config]") {
  auto c = merged("server { server_join { retry_join = [\"a\"] retry_interval = \"15s\" } }", "server { }");
  CHECK(joining(c.server).retry_join == Texts{"a"});
  CHECK(joining(c.server).retry_interval == 15s);
  auto flags = with_flag("join", "b");
  REQUIRE(set_flag(flags, "retry-interval", "2s").ok());
  merge(c, flags.layer);
  CHECK(joining(c.server).start_join == Texts{"b"});
  CHECK(joining(c.server).retry_interval == 2s);
}
