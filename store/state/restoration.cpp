// SPDX-License-Identifier: MPL-2.0
#include "store/state/restoration.h"

#include <algorithm>

#include "core/model/cluster.h"
#include "store/snapshot/format.h"
#include "store/state/rows.h"
#include "store/state/schema.h"

namespace store::state {
namespace {

using core::Bytes;
using core::ByteView;
using core::Errc;
using core::Error;

constexpr std::int64_t kPageBytes = 4096;

// Nothing but our own tables: a trigger, say, would run in every server.
Result<std::string> schema_of(Connection& db) {
  TRY(auto rows, db.query("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"));
  std::string out;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return out;
    for (int column = 0; column < 3; ++column) (out += rows.text(column)) += '\n';
  }
}

Status check_schema(Connection& image) {
  TRY(auto fresh, Connection::open(":memory:", {.application_id = kApplicationId}));
  TRY(migrate(fresh));
  TRY(const auto expected, schema_of(fresh));
  TRY(const auto found, schema_of(image));
  if (found == expected) return core::ok_status();
  return Error{Errc::corrupt, "its tables are not those of a state database"};
}

Status check_image(Connection& image, std::string_view region) {
  TRY(image.quick_check());
  TRY(const auto page, image.get_integer("PRAGMA page_size"));
  if (page != kPageBytes) return Error{Errc::corrupt, "its pages are not of " + std::to_string(kPageBytes) + " bytes"};
  TRY(migrate(image));
  TRY(check_schema(image));
  model::Cluster cluster;
  Books books;
  TRY(load_rows(image, cluster, books));
  const auto& own = books.position.region;
  if (own.empty()) return Error{Errc::corrupt, "it is of no cluster"};
  if (!region.empty() && own != region)
    return Error{Errc::rejected, "it is of region \"" + own + "\", and this is region \"" + std::string(region) + "\""};
  return core::ok_status();
}

core::Digest digest_of(ByteView database) {
  core::Digest digest;
  for (; !database.empty(); database.remove_prefix(std::min(snapshot::kPieceBytes, database.size())))
    digest = core::chain(digest, {database.substr(0, snapshot::kPieceBytes)});
  return digest;
}

Status move_position(Connection& image, const Position& at, std::uint64_t offset) {
  TRY(image.run("UPDATE meta SET applied_index = ?1, applied_term = ?2, applied_digest = ?3, applied_time = ?4,"
                " configuration_index = ?5, cluster_id = ?6, region = ?7, index_offset = ?8",
                at.applied.index.value, at.applied.term.value, Bound::blob(at.digest.view()), at.time.ns,
                at.configuration_index.value, at.cluster_id, at.region, offset));
  TRY(image.run("DELETE FROM restore_piece"));
  TRY(image.run("DELETE FROM peer"));
  for (const auto& peer : at.configuration.peers)
    TRY(image.run("INSERT INTO peer (id, address, voter) VALUES (?1, ?2, ?3)", peer.id.text, peer.address, peer.voter));
  return core::ok_status();
}

// What says when an object last changed; job_modify_index stays, since it names a version of a job.
Status move_indexes(Connection& image, std::uint64_t index) {
  TRY(image.run("UPDATE node SET modify_index = ?1, stub = json_replace(stub, '$.ModifyIndex', ?1)", index));
  TRY(image.run("UPDATE job SET modify_index = ?1, summary_index = ?1,"
                " summary = json_replace(summary, '$.ModifyIndex', ?1)", index));
  TRY(image.run("UPDATE eval SET modify_index = ?1, doc = json_replace(doc, '$.ModifyIndex', ?1)", index));
  TRY(image.run("UPDATE alloc SET modify_index = ?1, alloc_modify_index = ?1", index));
  for (const auto& name : words(Table{}))
    TRY(image.run("INSERT OR REPLACE INTO table_index (name, last_index) VALUES (?1, ?2)", name, index));
  return core::ok_status();
}

}  // namespace

Result<Bytes> joined_pieces(Connection& db, std::string_view restore) {
  TRY(auto rows, db.query("SELECT " + proved(kPieceRow) + " FROM restore_piece WHERE restore = ?1 ORDER BY offset", restore));
  Bytes out;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return out;
    TRY(check_row(rows, kPieceRow));
    out += rows.blob(2);
  }
}

Result<Connection> open_image(ByteView database, std::string_view digest, std::string_view region) {
  if (core::to_hex(digest_of(database)) != digest) return Error{Errc::corrupt, "it does not match its digest"};
  TRY(auto image, Connection::from_bytes(database, {.application_id = kApplicationId}));
  auto sound = check_image(image, region);
  // SQL that fails on it, or an unknown word in it, says that it is no state of ours.
  if (!sound.ok() && sound.error().code != Errc::rejected && sound.error().code != Errc::unsupported)
    return Error{Errc::corrupt, sound.error().detail};
  if (!sound.ok()) return sound.error();
  return image;
}

Status move_to(Connection& image, const Position& at) {
  TRY(const auto own, load_position(image));
  const auto index = std::max(at.index(), own.index().next());
  TRY(auto transaction, Transaction::begin(image, Transaction::Kind::write));
  TRY(move_position(image, at, index.value - at.applied.index.value));
  TRY(move_indexes(image, index.value));
  TRY(prove_rows(image));
  return transaction.commit();
}

}  // namespace store::state
