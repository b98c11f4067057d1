// SPDX-License-Identifier: MPL-2.0
#include "core/client/env.h"

#include <catch2/catch.hpp>

#include "tests/unit/core/client/node.h"

using namespace test;

namespace {

struct World {
  Spec spec;
  std::shared_ptr<core::model::Allocation> alloc;
  core::model::Node node;
  std::map<std::string, std::string> host_env;
  World() {
    node.id = {"n1"};
    node.name = "box";
    node.datacenter = "dc1";
    node.node_class = "big";
    node.attributes = std::map<std::string, std::string>{{"kernel.name", "linux"}};
    node.meta = std::map<std::string, std::string>{{"rack", "r7"}};
  }
  TaskEnv env() {
    if (alloc == nullptr) alloc = place(spec, "11112222-0000-0000-0000-000000000000");
    return TaskEnv({*alloc, alloc->job->groups[0].tasks[0], node, "global", "/alloc", "/local", "/secrets", &host_env});
  }
};

core::model::NetworkResource network(const std::string& ip) {
  core::model::NetworkResource n;
  n.ip = ip;
  n.dynamic_ports = {{"http", 23456, 0, "default"}};
  n.reserved_ports = {{"my-db", 5432, 0, "default"}};
  return n;
}

}  // namespace

TEST_CASE("a task knows who it is, where it is and what it may use", "[client][env]") {
  World world;
  world.alloc = place(world.spec, "11112222-0000-0000-0000-000000000000");
  auto& resources = world.alloc->task_resources["main"];
  resources.cpu = 500;
  resources.memory_mb = 256;
  resources.memory_max_mb = 512;
  const auto env = world.env().variables();
  CHECK(env.at("NOMAD_ALLOC_ID") == "11112222-0000-0000-0000-000000000000");
  CHECK(env.at("NOMAD_ALLOC_NAME") == "shop.web[0]");
  CHECK(env.at("NOMAD_ALLOC_INDEX") == "0");
  CHECK(env.at("NOMAD_TASK_NAME") == "main");
  CHECK(env.at("NOMAD_GROUP_NAME") == "web");
  CHECK(env.at("NOMAD_JOB_ID") == "shop");
  CHECK(env.at("NOMAD_DC") == "dc1");
  CHECK(env.at("NOMAD_REGION") == "global");
  CHECK(env.at("NOMAD_NAMESPACE") == "default");
  CHECK(env.at("NOMAD_ALLOC_DIR") == "/alloc");
  CHECK(env.at("NOMAD_TASK_DIR") == "/local");
  CHECK(env.at("NOMAD_SECRETS_DIR") == "/secrets");
  CHECK(env.at("NOMAD_CPU_LIMIT") == "500");
  CHECK(env.at("NOMAD_MEMORY_LIMIT") == "256");
  CHECK(env.at("NOMAD_MEMORY_MAX_LIMIT") == "512");
}

TEST_CASE("a task knows its addresses in every release's spelling", "[client][env]") {
  World world;
  world.alloc = place(world.spec);
  world.alloc->task_resources["main"].networks = {network("10.0.0.1")};
  world.alloc->task_resources["side"].networks = {network("10.0.0.1")};
  auto shared = network("10.0.0.2");
  shared.dynamic_ports = {{"grpc", 30000, 9090, "default"}};
  world.alloc->shared.networks = {shared};
  const auto env = world.env().variables();
  CHECK(env.at("NOMAD_IP") == "10.0.0.1");
  CHECK(env.at("NOMAD_PORT_http") == "23456");
  CHECK(env.at("NOMAD_ADDR_http") == "10.0.0.1:23456");
  CHECK(env.at("NOMAD_IP_my_db") == "10.0.0.1");
  CHECK(env.at("NOMAD_PORT_my-db") == "5432");
  CHECK(env.at("NOMAD_ADDR_side_http") == "10.0.0.1:23456");
  CHECK(env.at("NOMAD_PORT_grpc") == "9090");
  CHECK(env.at("NOMAD_HOST_PORT_grpc") == "30000");
  CHECK(env.at("NOMAD_ADDR_grpc") == "10.0.0.2:30000");
  CHECK(env.at("NOMAD_ALLOC_PORT_grpc") == "9090");
  CHECK(env.at("NOMAD_HOST_ADDR_grpc") == "10.0.0.2:30000");
}

TEST_CASE("a task's meta overrides its group's and its job's", "[client][env]") {
  World world;
  world.spec.job.meta = {{"owner", "job"}, {"cost-center", "7"}};
  world.spec.group().meta = {{"owner", "group"}};
  world.spec.task().meta = {{"owner", "task"}};
  const auto env = world.env().variables();
  CHECK(env.at("NOMAD_META_OWNER") == "task");
  CHECK(env.at("NOMAD_META_owner") == "task");
  CHECK(env.at("NOMAD_META_COST_CENTER") == "7");
}

TEST_CASE("the host's environment is handed on, but no credentials", "[client][env]") {
  World world;
  world.host_env = {{"PATH", "/bin"}, {"LANG", "C"}, {"AWS_SECRET_ACCESS_KEY", "s3cret"}, {"NOMAD_TOKEN", "t"}};
  world.spec.task().env = {{"LANG", "de"}};
  const auto env = world.env().variables();
  CHECK(env.at("PATH") == "/bin");
  CHECK(env.at("LANG") == "de");
  CHECK(!env.contains("AWS_SECRET_ACCESS_KEY"));
  CHECK(!env.contains("NOMAD_TOKEN"));
}

TEST_CASE("${...} is replaced where it is known and left where it is not", "[client][env]") {
  World world;
  world.spec.task().env = {{"GREETING", "hello=${NOMAD_TASK_NAME}"}, {"a.b", "dotted"}};
  const auto env = world.env();
  const auto [text, wanted] = GENERATE(table<std::string, std::string>({
      {"${GREETING}", "hello=main"}, {"${env[\"a.b\"]}", "dotted"}, {"${attr.kernel.name}/${meta.rack}", "linux/r7"},
      {"${node.datacenter}-${node.unique.name}-${node.class}", "dc1-box-big"}, {"${nobody.knows}", "${nobody.knows}"},
      {"${unclosed", "${unclosed"}, {"$GREETING", "$GREETING"}, {"", ""}, {"a${ NOMAD_DC }b", "adc1b"},
  }));
  CHECK(env.replace(text) == wanted);
}

TEST_CASE("${...} is replaced in every string of a driver's configuration", "[client][env]") {
  World world;
  const auto env = world.env();
  CHECK(env.replace(core::json::Raw{R"({"a":["${NOMAD_DC}",1,true,null],"b":{"c":"x${meta.rack}"}})"}).text ==
        R"({"a":["dc1",1,true,null],"b":{"c":"xr7"}})");
}

TEST_CASE("arguments of the first release use shell names", "[client][env]") {
  World world;
  const auto env = world.env();
  const auto [text, wanted] = GENERATE(table<std::string, std::string>({
      {"$NOMAD_DC", "dc1"}, {"x${NOMAD_DC}y", "xdc1y"}, {"$NOBODY", "$NOBODY"}, {"$", "$"}, {"${", "${"}, {"a$$NOMAD_DC", "a$dc1"},
      {"${NOMAD_DC", "${NOMAD_DC"},
  }));
  CHECK(env.replace_shell_style(text) == wanted);
}
