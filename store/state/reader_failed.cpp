// SPDX-License-Identifier: MPL-2.0
// Groups that found no place, as v0.1.2 knew them: an allocation that failed before it began, one a
// group and evaluation. Its id follows from both, so that it can be asked for again.
#include "core/base/digest.h"
#include "core/model/eval.h"
#include "store/state/reader_list.h"
#include "store/state/rows.h"
#include "store/state/splice.h"

namespace store::state {
namespace {

std::string failed_id(const model::Evaluation& eval, std::string_view group) {
  auto id = to_hex(core::digest({eval.id.text, "\n", group}));
  for (const std::size_t place : {8U, 13U, 18U, 23U}) id.insert(place, "-");
  return id;
}

ObjectText failed_alloc(std::string& out, const model::Evaluation& eval, const std::string& group) {
  ObjectText object(out);
  object.text("ID", failed_id(eval, group))
      .text("EvalID", eval.id.text)
      .text("Name", model::alloc_name(eval.job_id, group, 0))
      .text("Namespace", eval.ns)
      .text("NodeID", "")
      .text("JobID", eval.job_id.text)
      .text("TaskGroup", group)
      .text("DesiredStatus", "failed")
      .text("DesiredDescription", "failed to find a node for placement")
      .text("ClientStatus", "failed")
      .text("ClientDescription", "")
      .number("CreateIndex", static_cast<std::int64_t>(eval.create_index.value))
      .number("ModifyIndex", static_cast<std::int64_t>(eval.modify_index.value));
  return object;
}

Status append_failed(Query rows, Page& page) {
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return core::ok_status();
    model::Evaluation eval;
    TRY(read_json(rows.text(0), eval));
    for (const auto& [group, metric] : eval.failed_groups) {
      if (!page.begin_item(failed_id(eval, group))) return core::ok_status();
      failed_alloc(page.out(), eval, group).close();
    }
  }
}

constexpr std::string_view kEvalsWithFailures = "SELECT doc FROM eval WHERE instr(doc, '\"FailedTGAllocs\"') > 0";

}  // namespace

Status append_failed(Connection& db, const core::EvalId& eval, Page& page) {
  TRY(auto rows, db.query(std::string(kEvalsWithFailures) + " AND id = ?1", eval.text));
  return append_failed(std::move(rows), page);
}

Status append_failed(Connection& db, const model::JobKey& job, Page& page) {
  TRY(auto rows, db.query(std::string(kEvalsWithFailures) + " AND namespace = ?1 AND job_id = ?2 ORDER BY id", job.ns,
                          job.id.text));
  return append_failed(std::move(rows), page);
}

Result<Answer> get_failed(Connection& db, const core::AllocId& id) {
  TRY(auto rows, db.query(kEvalsWithFailures));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return missing(Index{});
    model::Evaluation eval;
    TRY(read_json(rows.text(0), eval));
    for (const auto& [group, metric] : eval.failed_groups) {
      if (failed_id(eval, group) != id.text) continue;
      Answer answer{.json = {}, .index = eval.modify_index};
      failed_alloc(answer.json, eval, group).json("Metrics", core::to_json(metric)).close();
      return answer;
    }
  }
}

}  // namespace store::state
