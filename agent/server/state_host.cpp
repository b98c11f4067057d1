// SPDX-License-Identifier: MPL-2.0
#include "agent/server/state_host.h"

#include <iterator>
#include <utility>

namespace agent::server {
namespace {

using core::server::Applied;

core::Result<Applied> apply_batch(store::state::StateMachine& machine, std::span<const core::raft::Entry> entries) {
  TRY(auto batch, machine.apply(entries));
  Applied out;
  out.entries.reserve(batch.applied.size());
  for (auto& applied : batch.applied) {
    core::server::Answer answer;
    answer.eval_create_index = applied.eval_create_index;
    answer.job_modify_index = applied.job_modify_index;
    answer.node_modify_index = applied.node_modify_index;
    out.entries.push_back({.id = applied.id, .outcome = std::move(applied.outcome), .answer = std::move(answer)});
  }
  out.changes = std::move(batch.changes);
  out.view = machine.view();
  return out;
}

}  // namespace

StateHost::StateHost(net::uv::Loop& loop, store::state::StateMachine machine, Callbacks callbacks)
    : callbacks_(std::move(callbacks)),
      machine_(std::make_shared<store::state::StateMachine>(std::move(machine))),
      worker_(loop, {.name = "state"}) {}

void StateHost::apply(std::vector<core::raft::Entry> entries) {
  std::move(entries.begin(), entries.end(), std::back_inserter(queued_));
  if (!busy_) start();
}

void StateHost::start() {
  busy_ = true;
  const auto submitted = worker_.submit(
      [machine = machine_, entries = std::exchange(queued_, {})] { return apply_batch(*machine, entries); },
      lifetime_.guard([this](core::Result<Applied> applied) {
        busy_ = false;
        if (!applied.ok()) return callbacks_.on_failed(applied.error());
        if (!queued_.empty()) start();
        callbacks_.on_applied(std::move(*applied));
      }));
  ASSERT(submitted.ok());  // one batch at a time
}

}  // namespace agent::server
