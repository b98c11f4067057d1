// SPDX-License-Identifier: MPL-2.0
// Where the state stands, and the small tables beside the objects.
#include "store/state/rows.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;

Status write_position(Connection& db, const Position& p) {
  TRY(db.run("UPDATE meta SET applied_index = ?1, applied_term = ?2, applied_digest = ?3, applied_time = ?4,"
             " configuration_index = ?5, cluster_id = ?6, region = ?7, index_offset = ?8",
             p.applied.index.value, p.applied.term.value, Bound::blob(p.digest.view()), p.time.ns,
             p.configuration_index.value, p.cluster_id, p.region, p.index_offset));
  return core::ok_status();
}

Status write_peers(Connection& db, const raft::Configuration& configuration) {
  TRY(db.run("DELETE FROM peer"));
  for (const auto& peer : configuration.peers)
    TRY(db.run("INSERT INTO peer (id, address, voter) VALUES (?1, ?2, ?3)", peer.id.text, peer.address, peer.voter));
  return core::ok_status();
}

Status write_table_indexes(Connection& db, const Writes& writes) {
  for (std::size_t i = 0; i < kTableCount; ++i) {
    if (!writes.dirty.tables.test(i)) continue;
    TRY(db.run("INSERT INTO table_index (name, last_index) VALUES (?1, ?2)"
               " ON CONFLICT (name) DO UPDATE SET last_index = excluded.last_index",
               words(Table{})[i], writes.table_indexes[i].value));
  }
  return core::ok_status();
}

Status write_times(Connection& db, const Writes& writes) {
  if (writes.dirty.time_steps.empty()) return core::ok_status();
  for (const auto& step : writes.dirty.time_steps)
    TRY(db.run("INSERT INTO time_step (last_index, time) VALUES (?1, ?2)", step.index.value, step.time.ns));
  TRY(db.run("DELETE FROM time_step WHERE last_index < ?1", writes.first_time_step.value));
  return core::ok_status();
}

Status write_collections(Connection& db, const Writes& writes) {
  for (const auto& [kind, c] : writes.collections)
    TRY(db.run("INSERT OR REPLACE INTO collection (kind, last_index, last_time, runs, evals, allocs, jobs, nodes)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
               kind, c.last_index.value, c.last_time.ns, c.runs, c.evals, c.allocs, c.jobs, c.nodes));
  return core::ok_status();
}

Status write_pieces(Connection& db, const Dirty& dirty) {
  if (dirty.drop_pieces) TRY(db.run("DELETE FROM restore_piece"));
  for (const auto& piece : dirty.pieces)
    TRY(db.run("INSERT INTO restore_piece (restore, offset, bytes) VALUES (?1, ?2, ?3)", piece.restore, piece.offset,
               Bound::blob(piece.bytes)));
  return core::ok_status();
}

Status load_restore(Connection& db, ComingRestore& restore) {
  TRY(auto row, db.query("SELECT restore, sum(length(bytes)) FROM restore_piece GROUP BY restore"));
  TRY(const bool found, row.step());
  if (found) restore = {.name = std::string(row.text(0)), .size = row.unsigned_integer(1)};
  return core::ok_status();
}

Status load_table_indexes(Connection& db, Books& books) {
  TRY(auto rows, db.query("SELECT name, last_index FROM table_index"));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return core::ok_status();
    Table table{};
    TRY(read_word(rows.text(0), table));
    books.table_indexes[static_cast<std::size_t>(table)] = Index{rows.unsigned_integer(1)};
  }
}

Status load_times(Connection& db, TimeTable& times) {
  TRY(auto rows, db.query("SELECT last_index, time FROM time_step ORDER BY last_index"));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return core::ok_status();
    times.restore({Index{rows.unsigned_integer(0)}, WallTime{rows.integer(1)}});
  }
}

Status load_collections(Connection& db, Books& books) {
  TRY(auto rows, db.query("SELECT kind, last_index, last_time, runs, evals, allocs, jobs, nodes FROM collection"));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return core::ok_status();
    books.collections[std::string(rows.text(0))] = {
        .last_index = Index{rows.unsigned_integer(1)}, .last_time = {rows.integer(2)},
        .runs = rows.unsigned_integer(3), .evals = rows.unsigned_integer(4), .allocs = rows.unsigned_integer(5),
        .jobs = rows.unsigned_integer(6), .nodes = rows.unsigned_integer(7)};
  }
}

}  // namespace

Status write_meta(Connection& db, const Writes& writes) {
  TRY(write_position(db, writes.position));
  if (writes.dirty.configuration) TRY(write_peers(db, writes.position.configuration));
  TRY(write_table_indexes(db, writes));
  TRY(write_times(db, writes));
  TRY(write_pieces(db, writes.dirty));
  return write_collections(db, writes);
}

Result<Position> load_position(Connection& db) {
  Position position;
  {
    TRY(auto row, db.query("SELECT applied_index, applied_term, applied_digest, applied_time, configuration_index,"
                           " cluster_id, region, index_offset FROM meta"));
    TRY(const bool found, row.step());
    if (!found || row.blob(2).size() != sizeof(core::Digest::bytes))
      return Error{Errc::corrupt, db.path() + ": does not say where it stands"};
    position.applied = {.term = {row.unsigned_integer(1)}, .index = {row.unsigned_integer(0)}};
    position.digest = core::Digest::from(row.blob(2));
    position.time = {row.integer(3)};
    position.configuration_index = {row.unsigned_integer(4)};
    position.cluster_id = row.text(5);
    position.region = row.text(6);
    position.index_offset = row.unsigned_integer(7);
  }
  TRY(auto peers, db.query("SELECT id, address, voter FROM peer ORDER BY id"));
  for (;;) {
    TRY(const bool more, peers.step());
    if (!more) return position;
    position.configuration.put({.id = {std::string(peers.text(0))}, .address = std::string(peers.text(1)),
                                .voter = peers.integer(2) != 0});
  }
}

Status load_meta(Connection& db, Books& books) {
  TRY(books.position, load_position(db));
  TRY(load_table_indexes(db, books));
  TRY(load_times(db, books.times));
  TRY(load_restore(db, books.restore));
  return load_collections(db, books);
}

}  // namespace store::state
