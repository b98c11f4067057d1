// SPDX-License-Identifier: MPL-2.0
#include "core/model/node.h"
#include "store/state/reader_list.h"
#include "store/state/rows.h"
#include "store/state/splice.h"

namespace store::state {
namespace {

// Node ids need not be UUIDs, so nothing is refused; one without its hyphens is given them.
std::string node_prefix(const std::string& prefix) {
  const bool plain = prefix.size() <= 8 || prefix.find('-') != std::string::npos;
  if (plain) return prefix;
  auto uuid = uuid_prefix("node", prefix);
  return uuid.ok() ? std::move(uuid).value() : prefix;
}

Result<Answer> list_with_resources(Connection& db, const Range& range, Page page) {
  TRY(const auto index, table_index(db, Table::nodes));
  TRY(auto rows, db.query("SELECT id FROM node WHERE id >= ?1 AND id < ?2 ORDER BY id", range.from, range.below));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more || !page.begin_item(rows.text(0))) break;
    TRY(const auto node, load_node(db, rows.text(0)));
    page.out() += model::node_stub_to_api(*node, true);
  }
  return std::move(page).finish(index);
}

}  // namespace

Result<Answer> list_nodes(Connection& db, const ListOptions& options) {
  const auto range = prefix_range(node_prefix(options.prefix), options.next_token);
  TRY(auto transaction, Transaction::begin(db, Transaction::Kind::read));
  Page page(options.per_page);
  if (options.resources) return list_with_resources(db, range, std::move(page));
  TRY(const auto index, table_index(db, Table::nodes));
  TRY(auto rows, db.query("SELECT id, stub FROM node WHERE id >= ?1 AND id < ?2 ORDER BY id", range.from, range.below));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more || !page.begin_item(rows.text(0))) break;
    page.out() += rows.text(1);
  }
  return std::move(page).finish(index);
}

Result<Answer> get_node(Connection& db, const core::NodeId& id, Shape shape) {
  Answer answer;
  {
    TRY(auto row, db.query("SELECT status, status_description, status_updated_at, eligibility, drain, events,"
                           " modify_index, doc FROM node JOIN node_doc ON node = seq WHERE id = ?1",
                           id.text));
    TRY(const bool found, row.step());
    if (found) {
      ObjectText(answer.json, row.text(7))
          .text("Status", row.text(0))
          .text("StatusDescription", row.text(1))
          .number("StatusUpdatedAt", row.integer(2) / 1'000'000'000)
          .text("SchedulingEligibility", row.text(3))
          .boolean("Drain", !row.is_null(4))
          .json("DrainStrategy", row.text(4))
          .json("Events", row.text(5))
          .number("ModifyIndex", row.integer(6))
          .close();
      answer.index = {row.unsigned_integer(6)};
      return shaped(std::move(answer), shape);
    }
  }
  TRY(const auto index, table_index(db, Table::nodes));
  return missing(index);
}

}  // namespace store::state
