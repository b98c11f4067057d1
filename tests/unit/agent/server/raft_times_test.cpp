// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "agent/server/raft_times.h"

using agent::server::Meters;
using agent::server::RaftTimes;
using core::metrics::Registry;
using namespace std::chrono_literals;

namespace {

using Values = std::vector<std::pair<std::string, double>>;

struct Rig {
  Registry registry{{.for_sinks = true}, core::WallTime{}};
  Meters meters{registry};
  RaftTimes times{meters};

  static core::Instant at(core::Duration since_start) { return core::Instant{} + since_start; }
  static core::raft::Save save(std::uint64_t number, std::uint64_t first, std::uint64_t last) {
    core::raft::Save save;
    save.number = number;
    for (auto index = first; index <= last; ++index) {
      core::raft::Entry entry;
      entry.id.index = core::Index{index};
      save.append.push_back(std::move(entry));
    }
    return save;
  }
  Values taken() {
    Values out;
    registry.take_unsent([&](Registry::Kind, const core::metrics::Identity& identity, double value) { out.emplace_back(identity.name, value); });
    return out;
  }
};

}  // namespace

TEST_CASE("each batch has one time to disk and one to commit", "[metrics][raft]") {
  Rig rig;
  rig.times.handed_out(Rig::save(1, 1, 3), Rig::at(0ms));
  rig.times.handed_out(Rig::save(2, 4, 4), Rig::at(1ms));
  CHECK(rig.taken() == Values{{"nomad.raft.leader.dispatchNumLogs", 1}, {"nomad.raft.apply", 4}});
  rig.times.saved(1, Rig::at(5ms));
  rig.times.saved(2, Rig::at(6ms));
  CHECK(rig.taken() == Values{{"nomad.raft.leader.dispatchLog", 5}, {"nomad.raft.leader.dispatchLog", 5}});
  rig.times.committed(core::Index{3}, Rig::at(7ms));
  rig.times.committed(core::Index{4}, Rig::at(9ms));
  CHECK(rig.taken() == Values{{"nomad.raft.commitTime", 7}, {"nomad.raft.commitTime", 8}});
}

TEST_CASE("a batch that others hold first is committed before our disk has it", "[metrics][raft]") {
  Rig rig;
  rig.times.handed_out(Rig::save(1, 1, 1), Rig::at(0ms));
  rig.taken();
  rig.times.committed(core::Index{1}, Rig::at(2ms));
  rig.times.saved(1, Rig::at(3ms));
  CHECK(rig.taken() == Values{{"nomad.raft.commitTime", 2}});
}

TEST_CASE("of what another leader may overwrite nothing is measured", "[metrics][raft]") {
  Rig rig;
  rig.times.handed_out(Rig::save(1, 1, 2), Rig::at(0ms));
  rig.taken();
  rig.times.forget();
  rig.times.committed(core::Index{2}, Rig::at(9ms));
  rig.times.saved(1, Rig::at(9ms));
  CHECK(rig.taken().empty());
  rig.times.handed_out(core::raft::Save{}, Rig::at(9ms));
  CHECK(rig.taken().empty());
}
