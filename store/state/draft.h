// SPDX-License-Identifier: MPL-2.0
// The work between two commits: objects as the entries leave them, over the state before the first. Later
// entries see them; a row is written once a commit however often its object changed.
//
// The apply_*.cpp files decide what an event does; the draft keeps what must hold whatever they do:
// indexes and times, counts, summaries, versions of jobs, derived job statuses, Changes in order.
#pragma once

#include <bitset>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/model/change.h"
#include "core/model/view.h"
#include "store/state/books.h"

namespace store::state {

// Which columns an object's change touched: those that change often, or any.
enum class Extent { changing, whole };

// What a commit has to write.
struct Dirty {
  template <class Ptr>
  struct Mark {
    Ptr now;             // null: removed
    bool fresh = false;  // had no row before this batch
    bool whole = false;
  };
  using NodeMark = Mark<model::NodePtr>;
  using EvalMark = Mark<model::EvalPtr>;
  using AllocMark = Mark<model::AllocPtr>;
  struct JobMark : Mark<model::JobPtr> {
    std::vector<Index> dropped;  // versions whose rows go
  };
  std::map<core::NodeId, NodeMark> nodes;
  std::map<model::JobKey, JobMark> jobs;
  std::map<core::EvalId, EvalMark> evals;
  std::map<core::AllocId, AllocMark> allocs;
  std::map<core::RequestId, model::RequestPtr> requests;  // settled; null: forgotten
  Index requests_forgotten;  // those that entries up to this one settled
  std::set<std::string> collections;
  std::bitset<kTableCount> tables;
  std::vector<TimeStep> time_steps;
  bool configuration = false;
  struct Piece {
    std::string restore;
    std::uint64_t offset = 0;
    core::Bytes bytes;
  };
  bool drop_pieces = false;  // those stored before
  std::vector<Piece> pieces;
};

class Draft {
 public:
  // Reads a body that only the file has.
  using LoadBody = std::function<core::Result<model::JobPtr>(const model::JobKey& key, Index job_modify_index)>;
  // The view and the books outlive the draft. The view is that of the last commit, also of one under way.
  Draft(const model::StateView& before, Books& books, LoadBody load_body)
      : before_(before), books_(books), load_body_(std::move(load_body)) {}

  // What follows belongs to this entry.
  void begin_entry(const raft::Entry& entry);
  // Derives the status of every job that the entry touched.
  void end_entry();

  Index index() const { return index_; }
  WallTime time() const { return time_; }
  // Whoever proposed the entry may ask for it again.
  bool named() const { return named_; }
  Books& books() { return books_; }
  // What is to be written. The draft is over.
  Dirty take_dirty() { return std::move(dirty_); }
  std::vector<model::Change> take_changes() { return std::move(changes_); }

  // Objects as the batch has left them so far; null if there is none.
  model::NodePtr node(const core::NodeId& id) const;
  model::JobPtr job(const model::JobKey& key) const;
  model::EvalPtr eval(const core::EvalId& id) const;
  model::AllocPtr alloc(const core::AllocId& id) const;
  model::RequestPtr request(const core::RequestId& id) const;

  // modify_index is set here; create_index too for an object that was not there.
  void put(model::Node next, Extent extent);
  void remove(const model::NodePtr& gone);
  // create_time is the entry's unless it is set; modify_time is the entry's.
  void put(model::Evaluation next);
  void remove(const model::EvalPtr& gone);
  // `before` is the allocation as it was, null if it was not there. alloc_modify_index moves when
  // server_side.
  void put(model::Allocation next, const model::AllocPtr& before, Extent extent, bool server_side = true);
  void remove(const model::AllocPtr& gone);
  // A new version, the first one if the job is not there. `evals_coming`: pending evaluations of the job
  // that the same entry is about to put; they make its status right at once.
  void put_version(model::Job next, std::size_t evals_coming);
  void remove(const model::JobPtr& gone);

  // The body of that version of a job; null when the job or the version is gone, or failure() is set.
  model::JobPtr version(const model::JobKey& key, std::uint64_t number);
  // What an evaluation left unplaced.
  void set_queued(const model::JobKey& key, const std::map<std::string, std::int64_t>& by_group);
  // Set once the database could not be read: the batch must not be committed.
  const std::optional<core::Error>& failure() const { return failure_; }

  // Remembers what became of the entry's request, for the next limits::kRequestKeptEntries entries.
  void settle(model::SettledRequest request);
  void count_collection(const std::string& kind, const Collection& more);
  void set_configuration(raft::Configuration configuration);
  void set_cluster(std::string cluster_id, std::string region);
  // Keeps a piece behind those that came before.
  void add_piece(Dirty::Piece piece);
  // Forgets all pieces.
  void drop_pieces();

 private:
  void emit(model::Fact fact);
  void forget_requests();
  void touch_table(Table table);
  Dirty::JobMark& note_job(const model::JobKey& key, Extent extent);
  void put_status(const model::Job& current, model::JobStatus status);
  void count_child(const model::Job& child, std::optional<model::JobStatus> from, std::optional<model::JobStatus> to);
  void retire_versions(const model::JobKey& key, JobBook& book, std::size_t listed_kept);
  // The summary counts allocations of the job as it is registered now, not of one that was purged.
  bool is_counted(const model::Allocation& alloc, const JobBook& book) const;
  void summary_changed(const model::JobKey& key, JobBook& book);

  const model::StateView& before_;
  Books& books_;
  LoadBody load_body_;
  Index index_;
  WallTime time_;
  bool named_ = false;
  std::vector<model::Change> changes_;
  Dirty dirty_;
  std::set<model::JobKey> touched_;  // by this entry: statuses to derive
  std::optional<core::Error> failure_;
};

}  // namespace store::state
