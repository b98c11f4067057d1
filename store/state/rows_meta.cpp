// SPDX-License-Identifier: MPL-2.0
// Where the state stands, and the small tables beside the objects.
#include "store/state/rows.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;

Status write_position(RowWriter& rows, const Position& p) {
  TRY(rows.remove(kMetaRow, "DELETE FROM meta RETURNING digest"));
  TRY(rows.insert(kMetaRow, {1, p.applied.index.value, p.applied.term.value, Bound::blob(p.digest.view()), p.time.ns,
                             p.configuration_index.value, p.cluster_id, p.region, p.index_offset}));
  return core::ok_status();
}

Status write_peers(RowWriter& rows, const raft::Configuration& configuration) {
  TRY(rows.remove(kPeerRow, "DELETE FROM peer RETURNING digest"));
  for (const auto& peer : configuration.peers) TRY(rows.insert(kPeerRow, {peer.id.text, peer.address, peer.voter}));
  return core::ok_status();
}

Status write_table_indexes(RowWriter& rows, const Writes& writes) {
  for (std::size_t i = 0; i < kTableCount; ++i) {
    if (!writes.dirty.tables.test(i)) continue;
    const auto name = words(Table{})[i];
    TRY(rows.remove(kTableIndexRow, "DELETE FROM table_index WHERE name = ?1 RETURNING digest", {name}));
    TRY(rows.insert(kTableIndexRow, {name, writes.table_indexes[i].value}));
  }
  return core::ok_status();
}

Status write_times(RowWriter& rows, const Writes& writes) {
  if (writes.dirty.time_steps.empty()) return core::ok_status();
  for (const auto& step : writes.dirty.time_steps) TRY(rows.insert(kTimeStepRow, {step.index.value, step.time.ns}));
  return rows.remove(kTimeStepRow, "DELETE FROM time_step WHERE last_index < ?1 RETURNING digest", {writes.first_time_step.value});
}

Status write_collections(RowWriter& rows, const Writes& writes) {
  for (const auto& [kind, c] : writes.collections) {
    TRY(rows.remove(kCollectionRow, "DELETE FROM collection WHERE kind = ?1 RETURNING digest", {kind}));
    TRY(rows.insert(kCollectionRow, {kind, c.last_index.value, c.last_time.ns, c.runs, c.evals, c.allocs, c.jobs, c.nodes}));
  }
  return core::ok_status();
}

Status write_pieces(RowWriter& rows, const Dirty& dirty) {
  if (dirty.drop_pieces) TRY(rows.remove(kPieceRow, "DELETE FROM restore_piece RETURNING digest"));
  for (const auto& piece : dirty.pieces) TRY(rows.insert(kPieceRow, {piece.restore, piece.offset, Bound::blob(piece.bytes)}));
  return core::ok_status();
}

Result<Query> all_of(Connection& db, const RowKind& kind) {
  const std::string key(kind.columns.substr(0, kind.columns.find(',')));
  return db.query("SELECT " + proved(kind) + " FROM " + std::string(kind.name) + " ORDER BY " + key);
}

Status load_peers(Connection& db, raft::Configuration& configuration) {
  TRY(auto rows, all_of(db, kPeerRow));
  return load_table(db, kPeerRow, std::move(rows), [&](const Query& row) {
    configuration.put({.id = {std::string(row.text(0))}, .address = std::string(row.text(1)), .voter = row.integer(2) != 0});
    return core::ok_status();
  });
}

Status load_restore(Connection& db, ComingRestore& restore) {
  TRY(auto rows, all_of(db, kPieceRow));
  return load_table(db, kPieceRow, std::move(rows), [&](const Query& row) {
    restore.name = row.text(0);
    restore.size += row.blob(2).size();
    return core::ok_status();
  });
}

Status load_table_indexes(Connection& db, Books& books) {
  TRY(auto rows, all_of(db, kTableIndexRow));
  return load_table(db, kTableIndexRow, std::move(rows), [&](const Query& row) -> Status {
    Table table{};
    TRY(read_word(row.text(0), table));
    books.table_indexes[static_cast<std::size_t>(table)] = Index{row.unsigned_integer(1)};
    return core::ok_status();
  });
}

Status load_times(Connection& db, TimeTable& times) {
  TRY(auto rows, all_of(db, kTimeStepRow));
  return load_table(db, kTimeStepRow, std::move(rows), [&](const Query& row) {
    times.restore({Index{row.unsigned_integer(0)}, WallTime{row.integer(1)}});
    return core::ok_status();
  });
}

Status load_collections(Connection& db, Books& books) {
  TRY(auto rows, all_of(db, kCollectionRow));
  return load_table(db, kCollectionRow, std::move(rows), [&](const Query& row) {
    books.collections[std::string(row.text(0))] = {
        .last_index = Index{row.unsigned_integer(1)}, .last_time = {row.integer(2)},
        .runs = row.unsigned_integer(3), .evals = row.unsigned_integer(4), .allocs = row.unsigned_integer(5),
        .jobs = row.unsigned_integer(6), .nodes = row.unsigned_integer(7)};
    return core::ok_status();
  });
}

}  // namespace

Status write_meta(Connection& db, const Writes& writes) {
  RowWriter rows(db);
  TRY(write_position(rows, writes.position));
  if (writes.dirty.configuration) TRY(write_peers(rows, writes.position.configuration));
  TRY(write_table_indexes(rows, writes));
  TRY(write_times(rows, writes));
  TRY(write_pieces(rows, writes.dirty));
  TRY(write_collections(rows, writes));
  return rows.finish();
}

Result<Position> load_position(Connection& db) {
  Position position;
  RowSum sum;
  {
    TRY(auto row, db.query("SELECT " + proved(kMetaRow) + " FROM meta"));
    TRY(const bool found, row.step());
    if (!found || row.blob(3).size() != sizeof(core::Digest::bytes))
      return Error{Errc::corrupt, db.path() + ": does not say where it stands"};
    TRY(check_row(row, kMetaRow));
    position.applied = {.term = {row.unsigned_integer(2)}, .index = {row.unsigned_integer(1)}};
    position.digest = core::Digest::from(row.blob(3));
    position.time = {row.integer(4)};
    position.configuration_index = {row.unsigned_integer(5)};
    position.cluster_id = row.text(6);
    position.region = row.text(7);
    position.index_offset = row.unsigned_integer(8);
    sum.add(row.integer(kMetaRow.count));
  }
  TRY(check_sum(db, kMetaRow, sum));
  TRY(load_peers(db, position.configuration));
  return position;
}

Status load_meta(Connection& db, Books& books) {
  TRY(books.position, load_position(db));
  TRY(load_table_indexes(db, books));
  TRY(load_times(db, books.times));
  TRY(load_restore(db, books.restore));
  return load_collections(db, books);
}

}  // namespace store::state
