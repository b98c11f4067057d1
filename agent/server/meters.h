// SPDX-License-Identifier: MPL-2.0
// What a server counts and times as it happens, under Nomad's names. Lent by the driver to all who have
// something to count.
#pragma once

#include <array>
#include <string_view>
#include <variant>

#include "core/metrics/registry.h"
#include "core/server/query.h"
#include "core/server/types.h"

namespace agent::server {

struct Meters {
  Meters() = default;  // records nothing
  explicit Meters(core::metrics::Registry& registry);

  // From the request until its answer, where it is carried out.
  const core::metrics::Sample& of(const core::server::Command& command) const { return commands[command.index()]; }
  const core::metrics::Sample& of(core::server::Ask ask) const { return queries[static_cast<std::size_t>(ask)]; }
  // The time a scheduler of this kind took for an evaluation.
  const core::metrics::Sample& scheduler(std::string_view type) const;

  core::metrics::Counter rpc_requests, rpc_queries, rpc_connections;
  core::metrics::Counter raft_applies, became_leader, became_candidate, became_follower;
  core::metrics::Gauge raft_batch;
  core::metrics::Sample raft_commit, raft_dispatch, raft_contact;
  core::metrics::Counter members_joined, members_failed, members_left, members_updated;

  std::array<core::metrics::Sample, std::variant_size_v<core::server::Command>> commands;
  std::array<core::metrics::Sample, words(core::server::Ask{}).size()> queries;
  core::metrics::Sample service, batch, system;
  core::metrics::Sample plan_submit;
};

}  // namespace agent::server
