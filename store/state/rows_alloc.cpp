// SPDX-License-Identifier: MPL-2.0
// alloc and alloc_doc. `doc` holds what placing decided and nothing changes later: resources with their
// ports, and the metrics of the decision, without members that have their usual value.
#include "store/state/rows.h"

namespace store::state {
namespace {

using core::encode;
using core::Errc;
using core::Error;

constexpr std::string_view kMetricsKey = ",\"Metrics\":";

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

// The values of a row, in the order of its kind.
template <class Take>
auto with_values(const model::Allocation& a, Take&& take) {
  return take({a.id.text, a.ns, a.name, a.eval_id.text, a.node_id.text, a.node_name, a.job_id.text, a.job->type,
               a.job_version, a.job->job_modify_index.value, a.task_group, core::to_word(a.desired_status),
               a.desired_description, json_if(any(a.desired_transition), a.desired_transition),
               core::to_word(a.client_status), a.client_description, json_if(!a.task_states.empty(), a.task_states),
               a.previous_allocation.text, a.next_allocation.text, a.followup_eval.text,
               json_if(a.reschedule_tracker.has_value(), a.reschedule_tracker), a.create_index.value,
               a.modify_index.value, a.alloc_modify_index.value, a.create_time.ns, a.modify_time.ns});
}

Status insert_alloc(RowWriter& rows, const model::Allocation& a) {
  TRY(const auto seq, with_values(a, [&](std::initializer_list<Bound> values) { return rows.insert(kAllocRow, values); }));
  TRY(rows.insert(kAllocDocRow, {seq, doc_of(a)}));
  return core::ok_status();
}

Status update_alloc(RowWriter& rows, const model::Allocation& a) {
  return with_values(a, [&](std::initializer_list<Bound> values) {
    return rows.update(kAllocRow,
                       "UPDATE alloc SET desired_status = ?12, desired_description = ?13, desired_transition = ?14,"
                       " client_status = ?15, client_description = ?16, task_states = ?17, next_allocation = ?19,"
                       " followup_eval = ?20, modify_index = ?23, alloc_modify_index = ?24, modify_time = ?26,"
                       " digest = ?28 WHERE seq = ?27",
                       values);
  });
}

Status delete_alloc(RowWriter& rows, const std::string& id) {
  TRY(rows.remove(kAllocDocRow, "DELETE FROM alloc_doc WHERE alloc = (SELECT seq FROM alloc WHERE id = ?1) RETURNING digest", {id}));
  return rows.remove(kAllocRow, "DELETE FROM alloc WHERE id = ?1 RETURNING digest", {id});
}

// Where the metrics begin in what doc_of() wrote: they are its last member. 0 if it did not write this.
std::size_t metrics_begin(std::string_view doc) {
  if (!doc.ends_with("}}")) return 0;
  int depth = 0;
  for (std::size_t i = 0; i < doc.size(); ++i) {
    if (depth == 1 && doc.substr(i).starts_with(kMetricsKey)) return i + kMetricsKey.size();
    if (doc[i] == '{' || doc[i] == '[') ++depth;
    if (doc[i] == '}' || doc[i] == ']') --depth;
    if (doc[i] != '"') continue;
    while (++i < doc.size() && doc[i] != '"')
      if (doc[i] == '\\') ++i;
  }
  return 0;
}

}  // namespace

std::string alloc_columns() { return proved(kAllocRow, "a") + ", " + proved(kAllocDocRow, "d"); }

Result<model::Allocation> AllocReader::read(const Query& query) {
  const RowValues row(query, kAllocRow);
  TRY(row.check());
  Result<model::Allocation> out = model::Allocation();
  auto& a = *out;
  a.id.text = row.text(0);
  a.ns = row.text(1);
  a.name = row.text(2);
  a.eval_id.text = row.text(3);
  a.node_id.text = row.text(4);
  a.node_name = row.text(5);
  a.job_id.text = row.text(6);
  a.job_version = row.unsigned_integer(8);
  a.task_group = row.text(10);
  TRY(read_word(row.text(11), a.desired_status));
  a.desired_description = row.text(12);
  TRY(read_json(row.text(13), a.desired_transition));
  TRY(read_word(row.text(14), a.client_status));
  a.client_description = row.text(15);
  TRY(read_json(row.text(16), a.task_states));
  a.previous_allocation.text = row.text(17);
  a.next_allocation.text = row.text(18);
  a.followup_eval.text = row.text(19);
  TRY(read_json(row.text(20), a.reschedule_tracker));
  a.create_index = {row.unsigned_integer(21)};
  a.modify_index = {row.unsigned_integer(kAllocModifyIndex)};
  a.alloc_modify_index = {row.unsigned_integer(23)};
  a.create_time = {row.integer(24)};
  a.modify_time = {row.integer(25)};
  if (query.is_null(kAllocDoc)) return Error{Errc::corrupt, query.path() + ": allocation " + a.id.text + " lacks its document"};
  const RowValues document(query, kAllocDocRow, kAllocDoc - 1);
  TRY(document.check());
  TRY(read_doc(document.text(1), a));
  sum_.add(row.digest());
  documents_.add(document.digest());
  return out;
}

Status AllocReader::read_doc(std::string_view doc, model::Allocation& out) {
  if (before_metrics_.empty() || !doc.starts_with(before_metrics_) || !doc.ends_with("}}")) {
    const auto begin = metrics_begin(doc);
    if (begin == 0) return Error{Errc::corrupt, "a document of an allocation without metrics"};
    placed_ = {};
    before_metrics_.clear();
    TRY(read_json(std::string(doc.substr(0, begin - kMetricsKey.size())) + "}", placed_));
    before_metrics_ = doc.substr(0, begin);
  }
  out.task_resources = placed_.tasks;
  out.shared = placed_.shared;
  doc.remove_prefix(before_metrics_.size());
  doc.remove_suffix(1);  // of the document, not of the metrics
  out.metrics = model::Kept<model::AllocMetric>::of(doc);
  return core::ok_status();
}

Status write_alloc(RowWriter& rows, const core::AllocId& id, const Dirty::AllocMark& mark) {
  if (mark.now && !mark.whole) return update_alloc(rows, *mark.now);
  if (!mark.fresh) TRY(delete_alloc(rows, id.text));
  return mark.now ? insert_alloc(rows, *mark.now) : core::ok_status();
}

}  // namespace store::state
