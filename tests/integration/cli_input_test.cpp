// SPDX-License-Identifier: MPL-2.0
// What people mistype: job files, configuration files, flags, ids. Exit code 1, the reason on stderr
// with its place, and nothing done.
#include <catch2/catch.hpp>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"

using namespace integration;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a malformed job file is refused by every command that reads one, with its place", "[integration][input][cli]") {
  struct Case {
    const char* name;
    const char* text;
    const char* place;
  };
  const auto [name, text, place] = GENERATE(values<Case>({
      {"open.nomad", "job \"x\" {\n  group \"g\" {\n", "open.nomad:"},
      {"operator.nomad", "job \"x\" {\n  group \"g\" {\n    count = 1 +* 2\n  }\n}\n", "operator.nomad:3,"},
      {"type.nomad", "job \"x\" {\n  priority = \"high\"\n}\n", "type.nomad:2,"},
      {"key.nomad", "job \"x\" {\n  frobnicate = 1\n}\n", "key.nomad:2,3"},
      {"string.nomad", "job \"x {\n}\n", "string.nomad:1,"},
      {"two.nomad", "job \"x\" {}\njob \"y\" {}\n", "two.nomad:2,"},
      {"none.nomad", "", "none.nomad:"},
      {"binary.nomad", "\x01\x02\xff\xfe", "binary.nomad:1,"},
      {"json.nomad", "{\"job\": {\"x\": {\"priority\": [}}}", "json.nomad:1,"},
  }));
  CAPTURE(name);
  Directory files;
  const auto file = files.file(name, text);
  for (const auto* command : {"run", "validate"}) {
    const auto ran = run(nomad({command, file}), {"NOMAD_ADDR=http://127.0.0.1:1"});
    CAPTURE(command, ran.out, ran.err);
    CHECK(ran.code == 1);
    CHECK(has(ran.err, "Error parsing job file"));
    CHECK(has(ran.err, place));
  }
}

TEST_CASE("a job file that is not there, a directory, or too large is named", "[integration][input][cli]") {
  Directory files;
  const auto missing = run(nomad({"run", files.path() + "/none.nomad"}));
  CHECK(missing.code == 1);
  CHECK(has(missing.err, files.path() + "/none.nomad: No such file or directory"));
  const auto directory = run(nomad({"run", files.path()}));
  CHECK(directory.code == 1);
  CHECK(has(directory.err, files.path() + ": Is a directory"));
  const auto large = run(nomad({"run", files.file("large.nomad", std::string(5'000'000, '#'))}));
  CHECK(large.code == 1);
  CHECK(has(large.err, "large.nomad: over the limit of 4194304 bytes"));
}

TEST_CASE("a configuration file that is wrong is named with its place", "[integration][input][cli]") {
  struct Case {
    const char* name;
    const char* text;
    const char* said;
  };
  const auto [name, text, said] = GENERATE(values<Case>({
      {"open.hcl", "server {\n  enabled = true\n", "open.hcl:"},
      {"key.hcl", "server {\n  enabled = true\n  enabeld = true\n}\n", "key.hcl:3,3"},
      {"type.hcl", "ports {\n  http = \"many\"\n}\n", "type.hcl:2,"},
      {"duration.hcl", "server {\n  heartbeat_grace = \"soon\"\n}\n", "duration.hcl:2,"},
      {"json.json", "{\"server\": {\"enabled\": true}", "json.json:1,"},
      {"level.hcl", "log_level = \"LOUD\"\nserver { enabled = true }\ndata_dir = \"/tmp/x\"\n", "Invalid log level: LOUD"},
      {"port.hcl", "ports { http = 70000 }\nserver { enabled = true }\ndata_dir = \"/tmp/x\"\n", "ports.http cannot be 70000"},
      {"data.hcl", "server { enabled = true }\n", "Must specify data directory"},
      {"tls.hcl", "server { enabled = true }\ndata_dir = \"/tmp/x\"\ntls { rpc = true }\n", "tls is not supported"},
  }));
  CAPTURE(name);
  Directory files;
  const auto ran = run(nomad({"agent", "-config", files.file(name, text)}));
  CAPTURE(ran.out, ran.err);
  CHECK(ran.code == 1);
  CHECK(has(ran.err, said));
  const auto missing = run(nomad({"agent", "-config", files.path() + "/none.hcl"}));
  CHECK(missing.code == 1);
  CHECK(has(missing.err, files.path() + "/none.hcl"));
}

TEST_CASE("flags that do not exist or have no value are named, by every command", "[integration][input][cli]") {
  struct Case {
    std::vector<std::string> arguments;
    const char* said;
  };
  const auto [arguments, said] = GENERATE(values<Case>({
      {{"status", "-frobnicate"}, "flag provided but not defined: -frobnicate"},
      {{"node-status", "-frobnicate"}, "flag provided but not defined: -frobnicate"},
      {{"run", "-detach=perhaps", "x"}, "invalid boolean value \"perhaps\" for -detach"},
      {{"status", "-address"}, "flag needs an argument: -address"},
      {{"status", "-address=http://x:99999"}, "Error initializing client"},
      {{"agent", "-bootstrap-expect=many"}, "-bootstrap-expect"},
      {{"frobnicate"}, "usage: nomad"},
      {{"node", "frobnicate"}, "Subcommands:"},
  }));
  CAPTURE(arguments);
  const auto ran = run(nomad(arguments));
  CAPTURE(ran.out, ran.err);
  CHECK(ran.code == 1);
  CHECK(has(ran.err, said));
}

TEST_CASE("a server that is not there is named", "[integration][input][cli]") {
  const auto ran = run(nomad({"status"}), {"NOMAD_ADDR=http://127.0.0.1:1"});
  CHECK(ran.code == 1);
  CHECK(has(ran.err, "127.0.0.1:1"));
  CHECK(has(ran.err, "connection refused"));
}

TEST_CASE("stopping a job or draining a node by the beginning of its id asks first", "[integration][cli]") {
  Directory data;
  Agent agent({.arguments = {"-dev"}, .config = "", .data_dir = data.path(), .ports = {}});
  agent.start();
  REQUIRE(ready(agent));
  REQUIRE(agent.put("/v1/jobs", api_job("long-name", "exit 0")).status == 200);
  const auto stopped = [&] { return has(agent.get("/v1/job/long-name").body, "\"Stop\":true"); };
  const std::string question = "Are you sure you want to stop job \"long-name\"? [y/N] ";
  struct Case {
    const char* typed;
    int code;
    const char* said;
  };
  for (const auto& [typed, code, said] : {Case{"\n", 0, "Cancelling job stop"}, Case{"no\n", 0, "Cancelling job stop"},
                                          Case{"yes\n", 0, "an exact 'y' is required"}, Case{"what\n", 1, "No confirmation detected"},
                                          Case{"", 1, "Failed to parse answer: EOF"}}) {
    const auto ran = agent.cli({"job", "stop", "-detach", "long"}, typed);
    CAPTURE(typed, ran.out, ran.err);
    CHECK(ran.code == code);
    CHECK(has(ran.out, question));
    CHECK(has(ran.out + ran.err, said));
    CHECK_FALSE(stopped());
  }
  const auto body = agent.get("/v1/nodes").body;
  const auto node = body.substr(body.find("\"ID\":\"") + 6, 36);
  const auto refused = agent.cli({"node", "drain", "-enable", "-detach", node.substr(0, 8)}, "n\n");
  CHECK(refused.code == 0);
  CHECK(has(refused.out, "Are you sure you want to enable drain mode for node \"" + node + "\"? [y/N] "));
  CHECK(has(refused.out, "Canceling drain toggle"));
  CHECK(has(agent.get("/v1/node/" + node).body, "\"Drain\":false"));
  // Yes, and -yes, do it; the whole id needs no question.
  CHECK(agent.cli({"job", "stop", "-detach", "long"}, "y\n").code == 0);
  CHECK(stopped());
  const auto drained = agent.cli({"node", "drain", "-enable", "-detach", "-yes", node.substr(0, 8)});
  CHECK(drained.code == 0);
  CHECK_FALSE(has(drained.out, "Are you sure"));
  CHECK(agent.cli({"node", "drain", "-disable", "-detach", node}).code == 0);
}
