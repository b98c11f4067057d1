// SPDX-License-Identifier: MPL-2.0
// node and node_doc. `doc` is the API's object less what changes after a registration; `stub` is the
// list entry, ready to be sent.
#include "store/state/rows.h"
#include "store/state/splice.h"

namespace store::state {
namespace {

Status insert_node(Connection& db, const model::Node& node) {
  TRY(db.run("INSERT INTO node (id, secret_id, name, datacenter, node_class, status, status_description,"
             " status_updated_at, eligibility, drain, events, create_index, modify_index, stub)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
             node.id.text, node.secret_id, node.name, node.datacenter, node.node_class, core::to_word(node.status),
             node.status_description, node.status_updated_at.ns, core::to_word(node.eligibility),
             json_if(node.drain.has_value(), node.drain), json_if(!node.events.empty(), node.events),
             node.create_index.value, node.modify_index.value, model::node_stub_to_api(node)));
  const auto doc = without(model::node_to_api(node),
                           {"Status", "StatusDescription", "StatusUpdatedAt", "SchedulingEligibility", "Drain",
                            "DrainStrategy", "Events", "ModifyIndex"});
  TRY(db.run("INSERT INTO node_doc (node, doc) VALUES (?1, ?2)", db.last_insert_rowid(), doc));
  return core::ok_status();
}

Status update_node(Connection& db, const model::Node& node) {
  TRY(db.run("UPDATE node SET status = ?2, status_description = ?3, status_updated_at = ?4, eligibility = ?5,"
             " drain = ?6, events = ?7, modify_index = ?8, stub = ?9 WHERE id = ?1",
             node.id.text, core::to_word(node.status), node.status_description, node.status_updated_at.ns,
             core::to_word(node.eligibility), json_if(node.drain.has_value(), node.drain),
             json_if(!node.events.empty(), node.events), node.modify_index.value, model::node_stub_to_api(node)));
  return core::ok_status();
}

Status delete_node(Connection& db, const std::string& id) {
  TRY(db.run("DELETE FROM node_doc WHERE node = (SELECT seq FROM node WHERE id = ?1)", id));
  TRY(db.run("DELETE FROM node WHERE id = ?1", id));
  return core::ok_status();
}

constexpr const char* kNodeColumns =
    "SELECT id, secret_id, status, status_description, status_updated_at, eligibility, drain, events,"
    " create_index, modify_index, doc FROM node LEFT JOIN node_doc ON node = seq";

Result<model::NodePtr> read_node(const Query& row) {
  if (row.is_null(10))
    return core::Error{core::Errc::corrupt, "node " + std::string(row.text(0)) + " lacks its document"};
  auto node = std::make_shared<model::Node>();
  TRY(read_json(row.text(10), *node));
  node->id.text = row.text(0);
  node->secret_id = row.text(1);
  TRY(read_word(row.text(2), node->status));
  node->status_description = row.text(3);
  node->status_updated_at = {row.integer(4)};
  TRY(read_word(row.text(5), node->eligibility));
  TRY(read_json(row.text(6), node->drain));
  TRY(read_json(row.text(7), node->events));
  node->create_index = {row.unsigned_integer(8)};
  node->modify_index = {row.unsigned_integer(9)};
  return model::NodePtr(std::move(node));
}

}  // namespace

Status write_node(Connection& db, const core::NodeId& id, const Dirty::NodeMark& mark) {
  if (mark.now && !mark.whole) return update_node(db, *mark.now);
  if (!mark.fresh) TRY(delete_node(db, id.text));
  return mark.now ? insert_node(db, *mark.now) : core::ok_status();
}

Status load_nodes(Connection& db, model::Cluster& cluster) {
  Loaded loaded(cluster);
  TRY(auto rows, db.query(kNodeColumns));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return core::ok_status();
    TRY(auto node, read_node(rows));
    const auto index = node->modify_index;
    loaded.add(index, model::NodeChanged{std::move(node)});
  }
}

Result<model::NodePtr> load_node(Connection& db, std::string_view id) {
  TRY(auto row, db.query(std::string(kNodeColumns) + " WHERE id = ?1", id));
  TRY(const bool found, row.step());
  if (!found) return model::NodePtr();
  return read_node(row);
}

}  // namespace store::state
