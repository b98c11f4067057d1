// SPDX-License-Identifier: MPL-2.0
// From a command to the event that carries it out: checks what the caller may know to be wrong,
// draws ids and stamps times, so that nothing is left to chance when the event is applied. What only
// the order of the log can decide (does the job still exist?) is checked again by the state machine.
#pragma once

#include <variant>

#include "core/base/rng.h"
#include "core/base/uuid_order.h"
#include "core/server/types.h"

namespace core::server {

struct Setting {
  const model::StateView& view;
  Rng& rng;
  UuidSeries& eval_ids;
  WallTime now;
  std::string_view region;
};

struct Write {
  model::Event event;
  Answer answer;  // what is known already
};
// Either something to write, or an answer that needs no write.
using Prepared = std::variant<Write, Answer>;

// Errors are the caller's mistakes, in Nomad's words. CollectGarbage is not a write of its own and is
// not accepted here.
Result<Prepared> prepare(RegisterJob&& command, Setting& s);
Result<Prepared> prepare(const DeregisterJob& command, Setting& s);
Result<Prepared> prepare(const EvaluateJob& command, Setting& s);
Result<Prepared> prepare(RegisterNode&& command, Setting& s);
Result<Prepared> prepare(const UpdateNodeStatus& command, Setting& s);
Result<Prepared> prepare(const DrainNode& command, Setting& s);
Result<Prepared> prepare(const SetEligibility& command, Setting& s);
Result<Prepared> prepare(const EvaluateNode& command, Setting& s);
Result<Prepared> prepare(const PurgeNode& command, Setting& s);
Result<Prepared> prepare(const UpdateAllocs& command, Setting& s);
Result<Prepared> prepare(const StopAlloc& command, Setting& s);
Result<Prepared> prepare(const SendSnapshotPiece& command, Setting& s);
Result<Prepared> prepare(const RestoreSnapshot& command, Setting& s);

// A pending evaluation of the job, with a new id.
model::Evaluation make_eval(const model::Job& job, std::string_view triggered_by, Setting& s);
// One evaluation for each job that has allocations on the node: what a change of the node calls for.
std::vector<model::Evaluation> make_node_evals(const NodeId& node, Index node_modify_index,
                                               std::string_view triggered_by, Setting& s);

}  // namespace core::server
