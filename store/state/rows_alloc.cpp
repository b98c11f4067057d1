// SPDX-License-Identifier: MPL-2.0
// alloc and alloc_doc. `doc` holds what placing decided and nothing changes later: resources with their
// ports, and the metrics of the decision, without members that have their usual value.
#include "store/state/rows.h"

namespace store::state {
namespace {

using core::encode;
using core::Errc;
using core::Error;

// What `doc` decodes to.
struct PlacedDoc {
  std::map<std::string, model::Resources> tasks;
  model::Resources shared;
  model::AllocMetric metrics;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Tasks", self.tasks);
    visit("Shared", self.shared);
    visit("Metrics", self.metrics);
  }
};

std::string doc_of(const model::Allocation& alloc) {
  core::json::Writer w(true);
  w.begin_object();
  w.key("Tasks");
  encode(w, alloc.task_resources);
  w.key("Shared");
  encode(w, alloc.shared);
  w.key("Metrics");
  encode(w, alloc.metrics);
  w.end_object();
  return w.take();
}

bool any(const model::DesiredTransition& t) { return t.migrate || t.reschedule || t.force_reschedule; }

Status insert_alloc(Connection& db, const model::Allocation& a) {
  TRY(db.run("INSERT INTO alloc (id, namespace, name, eval_id, node_id, node_name, job_id, job_type, job_version,"
             " job_modify_index, task_group, desired_status, desired_description, desired_transition, client_status,"
             " client_description, task_states, previous_allocation, next_allocation, followup_eval, reschedule,"
             " create_index, modify_index, alloc_modify_index, create_time, modify_time)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,"
             " ?22, ?23, ?24, ?25, ?26)",
             a.id.text, a.ns, a.name, a.eval_id.text, a.node_id.text, a.node_name, a.job_id.text, a.job->type,
             a.job_version, a.job->job_modify_index.value, a.task_group, core::to_word(a.desired_status),
             a.desired_description, json_if(any(a.desired_transition), a.desired_transition),
             core::to_word(a.client_status), a.client_description, json_if(!a.task_states.empty(), a.task_states),
             a.previous_allocation.text, a.next_allocation.text, a.followup_eval.text,
             json_if(a.reschedule_tracker.has_value(), a.reschedule_tracker), a.create_index.value,
             a.modify_index.value, a.alloc_modify_index.value, a.create_time.ns, a.modify_time.ns));
  TRY(db.run("INSERT INTO alloc_doc (alloc, doc) VALUES (?1, ?2)", db.last_insert_rowid(), doc_of(a)));
  return core::ok_status();
}

Status update_alloc(Connection& db, const model::Allocation& a) {
  TRY(db.run("UPDATE alloc SET desired_status = ?2, desired_description = ?3, desired_transition = ?4,"
             " client_status = ?5, client_description = ?6, task_states = ?7, next_allocation = ?8,"
             " followup_eval = ?9, modify_index = ?10, alloc_modify_index = ?11, modify_time = ?12 WHERE id = ?1",
             a.id.text, core::to_word(a.desired_status), a.desired_description,
             json_if(any(a.desired_transition), a.desired_transition), core::to_word(a.client_status),
             a.client_description, json_if(!a.task_states.empty(), a.task_states), a.next_allocation.text,
             a.followup_eval.text, a.modify_index.value, a.alloc_modify_index.value, a.modify_time.ns));
  return core::ok_status();
}

Status delete_alloc(Connection& db, const std::string& id) {
  TRY(db.run("DELETE FROM alloc_doc WHERE alloc = (SELECT seq FROM alloc WHERE id = ?1)", id));
  TRY(db.run("DELETE FROM alloc WHERE id = ?1", id));
  return core::ok_status();
}

// Allocations of one job stand together: the version found last is most often the one wanted next.
class VersionFinder {
 public:
  VersionFinder(Connection& db, Books& books) : db_(db), books_(books) {}

  Result<model::JobPtr> find(const model::JobKey& key, Index job_modify_index) {
    if (last_ && last_->job_modify_index == job_modify_index && model::key(*last_) == key) return last_;
    const auto book = books_.jobs.find(key);
    auto* const version = book == books_.jobs.end() ? nullptr : book->second.version(job_modify_index);
    if (version == nullptr)
      return Error{Errc::corrupt, db_.path() + ": an allocation of job " + key.id.text + " lacks its version"};
    if (!version->body) {
      TRY(version->body, load_version(db_, key, job_modify_index));
    }
    return last_ = version->body;
  }

 private:
  Connection& db_;
  Books& books_;
  model::JobPtr last_;
};

}  // namespace

const char* const kAllocColumns =
    "a.id, a.namespace, a.name, a.eval_id, a.node_id, a.node_name, a.job_id, a.job_version, a.task_group,"
    " a.desired_status, a.desired_description, a.desired_transition, a.client_status, a.client_description,"
    " a.task_states, a.previous_allocation, a.next_allocation, a.followup_eval, a.reschedule, a.create_index,"
    " a.modify_index, a.alloc_modify_index, a.create_time, a.modify_time, d.doc, a.job_type, a.job_modify_index";

Result<model::Allocation> read_alloc(const Query& row) {
  model::Allocation a;
  a.id.text = row.text(0);
  a.ns = row.text(1);
  a.name = row.text(2);
  a.eval_id.text = row.text(3);
  a.node_id.text = row.text(4);
  a.node_name = row.text(5);
  a.job_id.text = row.text(6);
  a.job_version = row.unsigned_integer(7);
  a.task_group = row.text(8);
  TRY(read_word(row.text(9), a.desired_status));
  a.desired_description = row.text(10);
  TRY(read_json(row.text(11), a.desired_transition));
  TRY(read_word(row.text(12), a.client_status));
  a.client_description = row.text(13);
  TRY(read_json(row.text(14), a.task_states));
  a.previous_allocation.text = row.text(15);
  a.next_allocation.text = row.text(16);
  a.followup_eval.text = row.text(17);
  TRY(read_json(row.text(18), a.reschedule_tracker));
  a.create_index = {row.unsigned_integer(19)};
  a.modify_index = {row.unsigned_integer(20)};
  a.alloc_modify_index = {row.unsigned_integer(21)};
  a.create_time = {row.integer(22)};
  a.modify_time = {row.integer(23)};
  if (row.is_null(24)) return Error{Errc::corrupt, "allocation " + a.id.text + " lacks its document"};
  PlacedDoc placed;
  TRY(read_json(row.text(24), placed));
  a.task_resources = std::move(placed.tasks);
  a.shared = std::move(placed.shared);
  a.metrics = std::move(placed.metrics);
  return a;
}

Status write_alloc(Connection& db, const core::AllocId& id, const Dirty::AllocMark& mark) {
  if (mark.now && !mark.whole) return update_alloc(db, *mark.now);
  if (!mark.fresh) TRY(delete_alloc(db, id.text));
  return mark.now ? insert_alloc(db, *mark.now) : core::ok_status();
}

Status load_allocs(Connection& db, model::Cluster& cluster, Books& books) {
  Loaded loaded(cluster);
  VersionFinder versions(db, books);
  TRY(auto rows, db.query(std::string("SELECT ") + kAllocColumns +
                          " FROM alloc a LEFT JOIN alloc_doc d ON d.alloc = a.seq ORDER BY a.seq"));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return core::ok_status();
    TRY(auto read, read_alloc(rows));
    auto alloc = std::make_shared<model::Allocation>(std::move(read));
    TRY(alloc->job, versions.find(alloc->job_key(), {rows.unsigned_integer(kAllocJobModifyIndex)}));
    books.count(*alloc);
    const auto index = alloc->modify_index;
    loaded.add(index, model::AllocChanged{std::move(alloc)});
  }
}

}  // namespace store::state
