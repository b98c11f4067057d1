// SPDX-License-Identifier: MPL-2.0
#include "tests/unit/core/jobspec/jobs.h"

using namespace std::chrono_literals;
using namespace test::jobspec;

TEST_CASE("every stanza of a job is read", "[jobspec][decode]") {
  const auto job = parsed(R"(
job "label" {
  id = "the-id"
  name = "the name"
  namespace = "ns"
  region = "eu"
  type = "batch"
  priority = "70"
  all_at_once = true
  datacenters = ["a"]
  vault_token = "v"
  consul_token = "c"
  meta = { "a-b" = "1" }
  affinity {
    attribute = "${node.datacenter}"
    value = "a"
    weight = -20
  }
  spread {
    attribute = "${meta.rack}"
    weight = 80
    target "r1" { percent = 60 }
    target "r2" { percent = 40 }
  }
  periodic {
    cron = "*/15 * * * *"
    prohibit_overlap = true
  }
  parameterized {
    payload = "required"
    meta_required = ["k"]
  }
  multiregion {
    strategy { max_parallel = 1 }
    region "west" { count = 2 }
  }
  reschedule {
    attempts = 3
    delay = "1m"
  }
  group "g" {
    reschedule { delay = "2m" }
  }
})");
  CHECK(job.id.text == "the-id");
  CHECK(job.name == "the name");
  CHECK(job.ns == "ns");
  CHECK(job.priority == 70);
  CHECK(job.all_at_once);
  CHECK(job.affinities.at(0).weight == -20);
  CHECK(job.spreads.at(0).targets.at(1) == core::model::SpreadTarget{"r2", 40});
  CHECK(job.periodic.text ==
        R"({"Enabled":true,"ProhibitOverlap":true,"Spec":"*/15 * * * *","SpecType":"cron"})");
  CHECK(job.parameterized.text == R"({"MetaRequired":["k"],"Payload":"required"})");
  CHECK(job.multiregion.text == R"({"Regions":[{"Count":2,"Name":"west"}],"Strategy":{"MaxParallel":1}})");
  const auto& reschedule = job.groups.at(0).reschedule_policy.value();
  CHECK(reschedule.attempts == 3);
  CHECK(reschedule.delay == core::Duration(2min));
}

TEST_CASE("every stanza of a group is read", "[jobspec][decode]") {
  const auto group = parsed(R"(
job "j" {
  update { max_parallel = 3 }
  group "g" {
    count = 4
    shutdown_delay = "3s"
    stop_after_client_disconnect = "1h"
    update { canary = 1 }
    volume "data" {
      type = "host"
      source = "src"
      read_only = true
      mount_options { fs_type = "ext4" mount_flags = ["noatime"] }
    }
    scaling {
      min = 1
      max = 9
      policy { cooldown = "20s" check "x" { query = "q" } }
    }
    network {
      mode = "bridge"
      port "http" { static = 8080 to = 80 host_network = "public" }
      port "rpc" {}
      dns { servers = ["1.1.1.1"] }
    }
    consul { namespace = "cn" }
    vault { policies = ["p"] }
    task "a" { driver = "exec" }
    task "b" {
      driver = "exec"
      vault { policies = ["own"] env = false }
    }
  }
})")
                         .groups.at(0);
  CHECK(group.count == 4);
  CHECK(group.shutdown_delay == core::Duration(3s));
  CHECK(group.update->max_parallel == 3);
  CHECK(group.update->canary == 1);
  CHECK(
      group.volumes.text ==
      R"({"data":{"MountOptions":{"FSType":"ext4","MountFlags":["noatime"]},"Name":"data","ReadOnly":true,"Source":"src","Type":"host"}})");
  CHECK(
      group.scaling.text ==
      R"({"Max":9,"Min":1,"Policy":{"check":[{"x":[{"query":"q"}]}],"cooldown":"20s"},"Type":"horizontal"})");
  const auto& network = group.networks.at(0);
  CHECK(network.reserved_ports.at(0) == core::model::Port{"http", 8080, 80, "public"});
  CHECK(network.dynamic_ports.at(0).label == "rpc");
  CHECK(network.dns.text == R"({"Servers":["1.1.1.1"]})");
  CHECK(group.consul.text == R"({"Namespace":"cn"})");
  CHECK(group.tasks.at(0).vault.text == R"({"Policies":["p"]})");
  CHECK(group.tasks.at(1).vault.text == R"({"Env":false,"Policies":["own"]})");
}

TEST_CASE("every stanza of a task is read", "[jobspec][decode]") {
  const auto task = task_with(R"(
    user = "www"
    kill_timeout = "20s"
    kill_signal = "SIGTERM"
    shutdown_delay = "1s"
    leader = true
    kind = "k"
    env { A = "${NOMAD_IP_http}" }
    resources {
      cpu = 200
      memory = 64
      memory_max = 128
      device "nvidia/gpu" {
        count = 2
        constraint {
          attribute = "${device.model}"
          value = "x"
        }
      }
    }
    restart { attempts = 1 }
    logs { max_files = 3 max_file_size = 4 }
    lifecycle { hook = "prestart" sidecar = true }
    template {
      data = "{{ key \"x\" }}"
      destination = "local/x"
      change_mode = "signal"
      change_signal = "SIGHUP"
      splay = "7s"
    }
    artifact {
      source = "https://x"
      options { checksum = "sha256:00" }
    }
    volume_mount { volume = "v" destination = "/v" }
    dispatch_payload { file = "in" }
    csi_plugin { id = "p" type = "node" }
    scaling "cpu" { max = 500 })");
  CHECK(task.user == "www");
  CHECK(task.kill_timeout == 20s);
  CHECK(task.leader);
  CHECK(task.env.at("A") == "${NOMAD_IP_http}");
  CHECK(task.resources->memory_max_mb == 128);
  CHECK(
      task.resources->devices.text ==
      R"([{"Count":2,"Name":"nvidia/gpu","Constraints":[{"LTarget":"${device.model}","RTarget":"x","Operand":""}],"Affinities":null}])");
  CHECK(task.restart_policy->attempts == 1);
  CHECK(!task.restart_policy->delay.has_value());
  CHECK(task.log_config == core::model::LogConfig{3, 4});
  CHECK(task.lifecycle == core::model::Lifecycle{"prestart", true});
  CHECK(
      task.templates.text ==
      R"([{"ChangeMode":"signal","ChangeSignal":"SIGHUP","DestPath":"local/x","EmbeddedTmpl":"{{ key \"x\" }}","Splay":7000000000}])");
  CHECK(task.artifacts.text == R"([{"GetterOptions":{"checksum":"sha256:00"},"GetterSource":"https://x"}])");
  CHECK(task.volume_mounts.text == R"([{"Destination":"/v","Volume":"v"}])");
  CHECK(task.dispatch_payload.text == R"({"File":"in"})");
  CHECK(task.csi_plugin_config.text == R"({"ID":"p","Type":"node"})");
  CHECK(task.scaling_policies.text == R"([{"Max":500,"Type":"vertical_cpu"}])");
}

TEST_CASE("services, checks and connect are read", "[jobspec][decode]") {
  const auto service = task_with(R"(
    service {
      name = "web"
      port = "http"
      tags = ["a"]
      canary_meta { k = "v" }
      enable_tag_override = true
      check_restart { limit = 3 grace = "5s" }
      check {
        type = "http"
        path = "/"
        interval = "10s"
        timeout = "2s"
        header { Accept = ["a", "b"] Host = "x" }
        success_before_passing = 2
      }
      connect {
        sidecar_service {
          proxy {
            upstreams { destination_name = "db" local_bind_port = 5432 }
            upstreams { destination_name = "mq" local_bind_port = 5672 }
            expose { path { path = "/m" local_path_port = 9 listener_port = "e" } }
          }
        }
        sidecar_task { resources { cpu = 50 } }
      }
    })")
                           .services.at(0);
  CHECK(service.canary_meta.at("k") == "v");
  CHECK(service.enable_tag_override);
  const auto& check = service.checks.at(0);
  CHECK(check.interval == 10s);
  CHECK(check.header.text == R"({"Accept":["a","b"],"Host":["x"]})");
  CHECK(check.check_restart.text == R"({"Grace":5000000000,"Limit":3})");
  CHECK(check.success_before_passing == 2);
  CHECK(service.connect.text.find(
            R"("Upstreams":[{"DestinationName":"db","LocalBindPort":5432},{"DestinationName":"mq")") !=
        std::string::npos);
  CHECK(service.connect.text.find(
            R"("ExposeConfig":{"Path":[{"ListenerPort":"e","LocalPathPort":9,"Path":"/m"}]})") !=
        std::string::npos);
  CHECK(service.connect.text.find(R"("SidecarTask":{"Resources":{"CPU":50)") != std::string::npos);
}

TEST_CASE("constraint shorthands become operator and value", "[jobspec][decode]") {
  const auto job = parsed(R"(job "j" {
    constraint {
      attribute = "${attr.v}"
      version = ">= 1.2"
    }
    constraint { distinct_hosts = true }
    constraint { distinct_hosts = false }
    constraint { distinct_property = "${meta.rack}" value = 2 }
    constraint { attribute = "${meta.x}" operator = "is_set" }
    constraint { attribute = "a" value = "b" hard = false weight = 3 }
  })");
  REQUIRE(job.constraints.size() == 4);
  CHECK(job.constraints[0] == core::model::Constraint{"${attr.v}", ">= 1.2", "version"});
  CHECK(job.constraints[1].operand == "distinct_hosts");
  CHECK(job.constraints[2] == core::model::Constraint{"${meta.rack}", "2", "distinct_property"});
  CHECK(job.constraints[3].operand == "is_set");
}

TEST_CASE("a task in a job is a group of one, in front of the groups", "[jobspec][decode]") {
  const auto job = parsed(
      "job \"j\" {\n group \"g\" {}\n task \"t\" { driver = \"exec\" }\n vault { policies = [\"p\"] }\n}");
  REQUIRE(job.groups.size() == 2);
  CHECK(job.groups[0].name == "t");
  CHECK(job.groups[0].count == 1);
  CHECK(job.groups[0].tasks.at(0).vault.text == R"({"Policies":["p"]})");
}

TEST_CASE("a bare stagger is seconds when small, nanoseconds when large", "[jobspec][decode]") {
  CHECK(parsed("job \"j\" { update { stagger = 10 } }").update.stagger == 10s);
  CHECK(parsed("job \"j\" { update { stagger = 10000000000 } }").update.stagger == 10s);
  CHECK(refusal("job \"j\" { update { stagger = \"soon\" } }").find("invalid stagger time 'soon'") !=
        std::string::npos);
}

TEST_CASE("ports of the first releases are lists of numbers and labels", "[jobspec][decode]") {
  const auto network =
      task_with(
          "resources { network {\n reserved_ports = [80, \"443\"]\n dynamic_ports = [\"a\", \"b\"]\n} }")
          .resources->networks.at(0);
  CHECK(network.reserved_ports.at(1).value == 443);
  CHECK(network.dynamic_ports.at(1).label == "b");
}

TEST_CASE("dynamic blocks are made for each element", "[jobspec][dynamic]") {
  const auto job = parsed(R"(
    variable "ports" { default = { http = 80, rpc = 4647 } }
    job "j" {
      dynamic "group" {
        for_each = ["a", "b"]
        labels = ["g-${group.value}"]
        content {
          count = group.key + 1
          network {
            dynamic "port" {
              for_each = var.ports
              iterator = p
              labels = [p.key]
              content { static = p.value }
            }
          }
          dynamic "task" {
            for_each = []
            labels = ["x"]
            content {}
          }
        }
      }
    })");
  REQUIRE(job.groups.size() == 2);
  CHECK(job.groups[1].name == "g-b");
  CHECK(job.groups[1].count == 2);
  CHECK(job.groups[1].networks.at(0).reserved_ports.at(1) == core::model::Port{"rpc", 4647, 0, "default"});
  CHECK(job.groups[0].tasks.empty());
}

TEST_CASE("dynamic blocks work inside a driver's config", "[jobspec][dynamic]") {
  const auto task =
      task_with("config {\n dynamic \"mount\" {\n for_each = [1, 2]\n content { id = mount.value }\n }\n}");
  CHECK(task.config.at("mount").text == R"([{"id":1},{"id":2}])");
}
