// SPDX-License-Identifier: MPL-2.0
// The replicated state: committed entries go in, Changes and outcomes come out. Deterministic: the same
// entries give the same state on every server, however they are cut into batches, because nothing here
// reads a clock or draws a number; time is the entry's.
//
// The objects live in a Cluster in memory and in SQLite, which may follow a little later: advance() changes
// the one, commit() brings the other up to it. One transaction holds data, applied index and chain digest,
// so that they never disagree after a crash; what it lacked then is in the log and is applied again. The
// file is derived from snapshot and log: where it is missing or damaged, build it anew from those.
//
// Driven by one thread (the applier); views are immutable and go to any.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/model/change.h"
#include "core/model/view.h"
#include "core/raft/types.h"
#include "store/sqlite.h"

namespace store::state {

namespace model = core::model;
namespace raft = core::raft;

// What became of one entry.
struct Applied {
  raft::EntryId id;
  core::Index index;  // at which what it wrote changed, ahead of the log's own number once a snapshot was restored
  core::Status outcome = core::ok_status();  // an Error: the event was refused and changed nothing
  // Of what the event wrote; 0 where it wrote no such thing.
  core::Index eval_create_index, job_modify_index, node_modify_index;
  std::vector<core::EvalId> evals;  // that came with the event; kept only of a request that has a name
  // Not null: an earlier entry settled the same request. All above is its outcome, and this entry changed nothing.
  model::RequestPtr repeats;
};

struct Batch {
  std::vector<Applied> applied;  // one for each entry
  std::vector<model::Change> changes;
  bool replaced = false;  // a snapshot was restored: everything may be another, whatever `changes` says
};

class Commit;

class StateMachine {
 public:
  // Opens or creates the file, brings its schema up to date and reads all of it. Errc::corrupt when the
  // file is damaged, of another kind or inconsistent: remove it and rebuild.
  static core::Result<StateMachine> open(const std::string& path);
  StateMachine(StateMachine&&) noexcept;
  StateMachine& operator=(StateMachine&&) noexcept;
  ~StateMachine();

  // Applies the entries that follow applied(). After an Error (a committed entry makes no sense, or the
  // database could not be read) the view stays as it was, and every later call fails alike.
  // REQUIRES: no commit is under way if one of them restores a snapshot.
  core::Result<Batch> advance(std::span<const raft::Entry> entries);
  // Writes what advance() did since the last commit, each row once. After an Error the file is as it was;
  // Errc::no_space may be tried again, after any other every later call fails alike.
  // One that was begun and not ended is part of it, unless another thread is at it.
  core::Status commit();
  // The same in steps: what begin_commit() returns is to be written, maybe on another thread while advance()
  // goes on; then end_commit() says what commit() would. Null: there is nothing to write. After Errc::no_space
  // it is the same again.
  core::Result<std::shared_ptr<Commit>> begin_commit();
  core::Status end_commit();
  // Both.
  core::Result<Batch> apply(std::span<const raft::Entry> entries);
  // Becomes the state of a snapshot's database, in one transaction: readers see the old one until then.
  // After an Error every later call fails. REQUIRES: no commit is under way.
  core::Status install(const std::string& image);

  raft::EntryId applied() const;
  // Where the state stands, as a snapshot made now would say.
  raft::SnapshotMeta meta() const;
  const std::string& cluster_id() const;
  // Of the cluster; empty until its first leader has created it.
  const std::string& region() const;
  // The state right behind the last batch.
  std::shared_ptr<const model::StateView> view() const;
  // Over everything the file holds, whatever way it came there: equal for equal states. Commits, and reads
  // all of it.
  core::Result<core::Digest> digest();
  // The last index that is no younger than `time`, to within five minutes; 0 when nothing is that old.
  core::Index nearest_index(core::WallTime time) const;

 private:
  struct State;
  explicit StateMachine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace store::state
