// SPDX-License-Identifier: MPL-2.0
// node and node_doc. `doc` is the API's object less what changes after a registration; `stub` is the
// list entry, ready to be sent.
#include "store/state/rows.h"
#include "store/state/splice.h"

namespace store::state {
namespace {

// Of node_doc, whose columns follow those of `node`.
constexpr int kDoc = kNodeRow.count + 2;

template <class Take>
auto with_values(const model::Node& node, Take&& take) {
  return take({node.id.text, node.secret_id, node.name, node.datacenter, node.node_class, core::to_word(node.status),
               node.status_description, node.status_updated_at.ns, core::to_word(node.eligibility),
               json_if(node.drain.has_value(), node.drain), json_if(!node.events.empty(), node.events),
               node.create_index.value, node.modify_index.value, model::node_stub_to_api(node)});
}

Status insert_node(RowWriter& rows, const model::Node& node) {
  TRY(const auto seq, with_values(node, [&](std::initializer_list<Bound> values) { return rows.insert(kNodeRow, values); }));
  const auto doc = without(model::node_to_api(node),
                           {"Status", "StatusDescription", "StatusUpdatedAt", "SchedulingEligibility", "Drain",
                            "DrainStrategy", "Events", "ModifyIndex"});
  TRY(rows.insert(kNodeDocRow, {seq, doc}));
  return core::ok_status();
}

Status update_node(RowWriter& rows, const model::Node& node) {
  return with_values(node, [&](std::initializer_list<Bound> values) {
    return rows.update(kNodeRow,
                       "UPDATE node SET status = ?6, status_description = ?7, status_updated_at = ?8, eligibility = ?9,"
                       " drain = ?10, events = ?11, modify_index = ?13, stub = ?14, digest = ?16 WHERE seq = ?15",
                       values);
  });
}

Status delete_node(RowWriter& rows, const std::string& id) {
  TRY(rows.remove(kNodeDocRow, "DELETE FROM node_doc WHERE node = (SELECT seq FROM node WHERE id = ?1) RETURNING digest", {id}));
  return rows.remove(kNodeRow, "DELETE FROM node WHERE id = ?1 RETURNING digest", {id});
}

std::string select_nodes() {
  return "SELECT " + proved(kNodeRow, "n") + ", " + proved(kNodeDocRow, "d") + " FROM node n LEFT JOIN node_doc d ON d.node = n.seq";
}

Result<model::NodePtr> read_node(const Query& row) {
  TRY(check_row(row, kNodeRow));
  if (row.is_null(kDoc))
    return core::Error{core::Errc::corrupt, row.path() + ": node " + std::string(row.text(0)) + " lacks its document"};
  TRY(check_row(row, kNodeDocRow, kDoc - 1));
  auto node = std::make_shared<model::Node>();
  TRY(read_json(row.text(kDoc), *node));
  node->id.text = row.text(0);
  node->secret_id = row.text(1);
  TRY(read_word(row.text(5), node->status));
  node->status_description = row.text(6);
  node->status_updated_at = {row.integer(7)};
  TRY(read_word(row.text(8), node->eligibility));
  TRY(read_json(row.text(9), node->drain));
  TRY(read_json(row.text(10), node->events));
  node->create_index = {row.unsigned_integer(11)};
  node->modify_index = {row.unsigned_integer(12)};
  return model::NodePtr(std::move(node));
}

}  // namespace

Status write_node(RowWriter& rows, const core::NodeId& id, const Dirty::NodeMark& mark) {
  if (mark.now && !mark.whole) return update_node(rows, *mark.now);
  if (!mark.fresh) TRY(delete_node(rows, id.text));
  return mark.now ? insert_node(rows, *mark.now) : core::ok_status();
}

Status load_nodes(Connection& db, model::Cluster& cluster) {
  Loaded loaded(cluster);
  RowSum nodes, documents;
  TRY(auto rows, db.query(select_nodes()));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) break;
    TRY(auto node, read_node(rows));
    nodes.add(rows.integer(kNodeRow.count));
    documents.add(rows.integer(kDoc + 1));
    const auto index = node->modify_index;
    loaded.add(index, model::NodeChanged{std::move(node)});
  }
  TRY(check_sum(db, kNodeRow, nodes));
  return check_sum(db, kNodeDocRow, documents);
}

Result<model::NodePtr> load_node(Connection& db, std::string_view id) {
  TRY(auto row, db.query(select_nodes() + " WHERE n.id = ?1", id));
  TRY(const bool found, row.step());
  if (!found) return model::NodePtr();
  return read_node(row);
}

}  // namespace store::state
