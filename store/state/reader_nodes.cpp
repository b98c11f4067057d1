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

// Of `node`, as proved() lists it.
constexpr int kStub = 13;

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
  TRY(auto rows, db.query("SELECT " + proved(kNodeRow) + " FROM node WHERE id >= ?1 AND id < ?2 ORDER BY id", range.from, range.below));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more || !page.begin_item(rows.text(0))) break;
    TRY(check_row(rows, kNodeRow));
    page.out() += rows.text(kStub);
  }
  return std::move(page).finish(index);
}

Result<Answer> get_node(Connection& db, const core::NodeId& id, Shape shape) {
  Answer answer;
  {
    TRY(auto row, db.query("SELECT " + proved(kNodeRow, "n") + ", " + proved(kNodeDocRow, "d") +
                               " FROM node n JOIN node_doc d ON d.node = n.seq WHERE n.id = ?1",
                           id.text));
    TRY(const bool found, row.step());
    if (found) {
      constexpr int kDrain = 9, kModifyIndex = 12, kDoc = kNodeRow.count + 2;
      TRY(check_row(row, kNodeRow));
      TRY(check_row(row, kNodeDocRow, kDoc - 1));
      ObjectText(answer.json, row.text(kDoc))
          .text("Status", row.text(5))
          .text("StatusDescription", row.text(6))
          .number("StatusUpdatedAt", row.integer(7) / 1'000'000'000)
          .text("SchedulingEligibility", row.text(8))
          .boolean("Drain", !row.is_null(kDrain))
          .json("DrainStrategy", row.text(kDrain))
          .json("Events", row.text(10))
          .number("ModifyIndex", row.integer(kModifyIndex))
          .close();
      answer.index = {row.unsigned_integer(kModifyIndex)};
      return shaped(std::move(answer), shape);
    }
  }
  TRY(const auto index, table_index(db, Table::nodes));
  return missing(index);
}

}  // namespace store::state
