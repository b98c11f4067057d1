// SPDX-License-Identifier: MPL-2.0
// A small cluster for tests: two nodes, one job, and shorthand for placing and reporting allocations.
#pragma once

#include "store/state/row_digest.h"
#include "tests/support/builders.h"
#include "tests/unit/store/state/feed.h"

namespace test {

// SQL that makes the tables those of a release that knew no digests.
inline std::string undo_digests() {
  std::string sql = "DROP TABLE row_sum;";
  for (const auto* const kind : store::state::kRowKinds) sql += "ALTER TABLE " + std::string(kind->name) + " DROP COLUMN digest;";
  return sql;
}

// Those of the first release: no requests, no restored snapshots.
inline std::string undo_migrations() {
  return undo_digests() + "DROP TABLE request; DROP TABLE restore_piece; ALTER TABLE meta DROP COLUMN index_offset; PRAGMA user_version = 1";
}

class Scene : public Fed {
 public:
  Scene() { begin(); }
  explicit Scene(const std::string& path) : Fed(path) { begin(); }

  core::model::JobPtr job() const { return view().job(key); }
  core::model::AllocPtr alloc(std::uint64_t n) const { return view().alloc(core::AllocId{uuid(0xa000 + n)}); }
  core::model::EvalPtr eval(std::uint64_t n) const { return view().eval(core::EvalId{uuid(n)}); }
  core::model::NodePtr node(std::uint64_t n) const { return view().node(core::NodeId{uuid(n)}); }

  core::model::Evaluation eval_of(std::uint64_t n) const { return EvalBuilder(n, *job()).build(); }

  core::model::JobRegistered registration(const core::model::Job& spec, std::uint64_t eval) const {
    core::model::JobRegistered event;
    event.job = spec;
    event.evals = {EvalBuilder(eval, spec).build()};
    return event;
  }
  // Allocations numbered n, n + 1, ... of the job's current version, on node 1, for evaluation 1.
  core::model::PlansApplied placing(std::uint64_t n, std::size_t count = 1) const {
    std::vector<core::model::AllocPtr> allocs;
    for (std::uint64_t i = n; i < n + count; ++i)
      allocs.push_back(AllocBuilder(job(), node(1), i).id(uuid(0xa000 + i)).share());
    return {{plan_of(eval_of(1), *job(), allocs)}, {}};
  }
  core::model::PlansApplied stopping(std::uint64_t n) const {
    return {{plan_of(eval_of(1), *job(), {}, {alloc(n)})}, {}};
  }
  core::model::AllocsUpdatedByClient reporting(std::uint64_t n, core::model::ClientStatus status) const {
    core::model::AllocClientUpdate update;
    update.id.text = uuid(0xa000 + n);
    update.client_status = status;
    return {{update}, {}};
  }
  core::model::EvalsUpdated ending(std::uint64_t n) const {
    auto ended = *eval(n);
    ended.status = core::model::EvalStatus::complete;
    return {{ended}};
  }

  const core::model::JobKey key{"default", {"web"}};

 private:
  void begin() {
    if (state.applied().index != core::Index{}) return;
    done(core::model::NodeRegistered{NodeBuilder(1).build(), {}});
    done(core::model::NodeRegistered{NodeBuilder(2).build(), {}});
    done(registration(JobBuilder("web").group("api", 3).build(), 1));
  }
};

}  // namespace test
