// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/server/meters.h"

using agent::server::Meters;
using core::metrics::Registry;
namespace cs = core::server;

namespace {

std::string recorded(Registry& registry) {
  std::string names;
  registry.take_unsent([&](Registry::Kind, const core::metrics::Identity& identity, double) { names += identity.name + " "; });
  return names;
}

}  // namespace

TEST_CASE("commands are timed under the names of Nomad's calls", "[metrics][server]") {
  Registry registry({.for_sinks = true}, core::WallTime{});
  const Meters meters(registry);
  const std::vector<std::pair<cs::Command, std::string>> cases{{cs::RegisterJob{}, "nomad.nomad.job.register "},
                                                               {cs::UpdateNodeStatus{}, "nomad.nomad.client.update_status "},
                                                               {cs::UpdateAllocs{}, "nomad.nomad.client.update_alloc "},
                                                               {cs::StopAlloc{}, "nomad.nomad.alloc.stop "},
                                                               {cs::CollectGarbage{}, ""}};
  for (const auto& [command, name] : cases) {
    meters.of(command).add(1.0);
    CHECK(recorded(registry) == name);
  }
}

TEST_CASE("each kind of query and scheduler has a name of its own", "[metrics][server]") {
  Registry registry({.for_sinks = true}, core::WallTime{});
  const Meters meters(registry);
  meters.of(cs::Ask::jobs).add(1.0);
  meters.of(cs::Ask::job_deployment).add(1.0);
  meters.scheduler("service").add(1.0);
  meters.scheduler("batch").add(1.0);
  meters.scheduler("system").add(1.0);
  CHECK(recorded(registry) ==
        "nomad.nomad.job.list nomad.nomad.job.latest_deployment nomad.nomad.worker.invoke_scheduler.service "
        "nomad.nomad.worker.invoke_scheduler.batch nomad.nomad.worker.invoke_scheduler.system ");
}

TEST_CASE("meters that nobody opened record nothing", "[metrics][server]") {
  const Meters meters;
  meters.of(cs::Command{cs::RegisterJob{}}).add(1.0);
  meters.raft_applies.add();
  SUCCEED();
}
