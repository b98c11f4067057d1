// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/client/task_gauges.h"

using agent::client::TaskGauges;
using agent::client::TaskUse;
using core::metrics::Registry;
using namespace std::chrono_literals;

namespace {

TaskUse of_cpu(std::uint64_t user_ns, std::uint64_t system_ns) {
  TaskUse use;
  use.cpu_user_ns = user_ns;
  use.cpu_system_ns = system_ns;
  return use;
}
TaskUse of_memory(std::uint64_t rss) {
  TaskUse use;
  use.rss_bytes = rss;
  return use;
}

struct Rig {
  Rig() {
    alloc.id.text = "a1";
    alloc.job_id.text = "shop";
    alloc.task_group = "web";
    alloc.task_resources["main"].cpu = 500;
    alloc.task_resources["main"].memory_mb = 2;
  }
  void look(const TaskUse& use, core::Duration since_start) {
    gauges.begin();
    gauges.set(alloc, "main", use, core::Instant{} + since_start);
    gauges.end();
  }
  double value(const std::string& name) const {
    double out = -1;
    registry.gauges().each([&](const core::metrics::GaugeSeries& series) {
      if (series.identity.name == "nomad.client.allocs." + name) out = series.last;
    });
    return out;
  }

  Registry registry{{}, core::WallTime{}};
  core::model::Allocation alloc;
  TaskGauges gauges{registry, {{"node_id", "n1"}}, 2000};
};

}  // namespace

TEST_CASE("a task's processor time is a share of what passed since the last look", "[metrics][client]") {
  Rig rig;
  rig.look(of_cpu(50'000'000, 0), 0s);
  CHECK(rig.value("cpu.total_percent") == 0);
  rig.look(of_cpu(550'000'000, 100'000'000), 1s);
  CHECK(rig.value("cpu.user") == Approx(50));
  CHECK(rig.value("cpu.system") == Approx(10));
  CHECK(rig.value("cpu.total_percent") == Approx(60));
  CHECK(rig.value("cpu.total_ticks") == Approx(1200));
  rig.look(of_cpu(1'000'000, 0), 2s);  // started anew
  CHECK(rig.value("cpu.total_percent") == 0);
}

TEST_CASE("a task has gauges for what is known of it", "[metrics][client]") {
  Rig rig;
  SECTION("by its processes") {
    rig.look(of_memory(4096), 0s);
    CHECK(rig.value("memory.cache") == -1);
  }
  SECTION("by its control group") {
    auto use = of_memory(4096);
    use.cache_bytes = 9;
    use.by_cgroup = true;
    rig.look(use, 0s);
    CHECK(rig.value("memory.cache") == 9);
  }
  CHECK(rig.value("memory.rss") == 4096);
  CHECK(rig.value("memory.allocated") == 2 * 1024 * 1024);
  CHECK(rig.value("cpu.allocated") == 500);
}

TEST_CASE("a task that ended takes its gauges with it", "[metrics][client]") {
  Rig rig;
  rig.look(of_memory(4096), 0s);
  REQUIRE(rig.registry.gauges().size() > 0);
  rig.gauges.begin();
  rig.gauges.end();
  CHECK(rig.registry.gauges().size() == 0);
}

TEST_CASE("a task's gauges name it, its job and its node", "[metrics][client]") {
  Rig rig;
  rig.look({}, 0s);
  std::string labels;
  rig.registry.gauges().each([&](const core::metrics::GaugeSeries& series) {
    labels.clear();
    for (const auto& label : series.identity.labels) labels += label.name + "=" + label.value + " ";
  });
  CHECK(labels == "node_id=n1 alloc_id=a1 job=shop task_group=web task=main namespace=default ");
}
