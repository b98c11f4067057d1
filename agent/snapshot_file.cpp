// SPDX-License-Identifier: MPL-2.0
#include "agent/run.h"
#include "core/base/json.h"
#include "store/env_posix.h"
#include "store/snapshot/snapshots.h"
#include "store/state/reader.h"
#include "store/state/schema.h"

namespace agent {
namespace {

namespace state = store::state;

constexpr std::uint32_t kFormatVersion = 1;

core::Result<store::Connection> checked(store::File& file, const store::snapshot::Trailer& trailer) {
  TRY(const auto digest, store::snapshot::digest_of(file, trailer.database_bytes));
  if (digest != trailer.digest) return core::Error{core::Errc::corrupt, file.path() + ": does not match its digest"};
  TRY(auto db, state::open_reader(file.path()));
  TRY(const auto version, db.user_version());
  if (version >= state::kSchemaVersion) return db;
  // An older release made it: it is brought forward in memory.
  TRY(const auto bytes, file.read_exactly(0, trailer.database_bytes));
  TRY(auto copy, store::Connection::from_bytes(bytes, {.application_id = state::kApplicationId}));
  TRY(state::migrate(copy));
  return copy;
}

using Out = std::function<void(std::string_view)>;

// `"name":[...]` of what the API says of each object that `sql` names.
template <class Get>
core::Status print_objects(store::Connection& db, std::string_view name, std::string_view sql, const Out& out, const Get& get) {
  out(",\n\"" + std::string(name) + "\":[");
  TRY(auto rows, db.query(sql));
  for (bool first = true;; first = false) {
    TRY(const bool more, rows.step());
    if (!more) break;
    TRY(const state::Answer object, get(rows));
    out((first ? "\n" : ",\n") + object.json);
  }
  out("]");
  return core::ok_status();
}

core::Status print_all(store::Connection& db, const Out& out) {
  using Row = const store::Query&;
  TRY(print_objects(db, "Nodes", "SELECT id FROM node ORDER BY id", out,
                    [&](Row row) { return state::get_node(db, core::NodeId{std::string(row.text(0))}); }));
  TRY(print_objects(db, "Jobs", "SELECT namespace, id FROM job ORDER BY namespace, id", out, [&](Row row) {
    return state::get_job(db, {std::string(row.text(0)), core::JobId{std::string(row.text(1))}});
  }));
  TRY(print_objects(db, "Evals", "SELECT id FROM eval ORDER BY id", out,
                    [&](Row row) { return state::get_eval(db, core::EvalId{std::string(row.text(0))}); }));
  return print_objects(db, "Allocs", "SELECT id FROM alloc ORDER BY id", out,
                       [&](Row row) { return state::get_alloc(db, core::AllocId{std::string(row.text(0))}); });
}

}  // namespace

core::Result<SnapshotFile> inspect_snapshot(const std::string& path) {
  store::PosixEnv env;
  TRY(const auto file, env.open(path, store::Open::read));
  TRY(const auto trailer, store::snapshot::read_trailer(*file));
  TRY(auto db, checked(*file, trailer));
  SnapshotFile out{.id = store::snapshot::name_of(trailer.meta.last), .bytes = 0, .index = {}, .term = trailer.meta.last.term,
                   .version = kFormatVersion};
  TRY(out.bytes, file->size());
  TRY(out.index, state::read_index(db));
  return out;
}

core::Status print_state(const std::string& path, const Out& out) {
  store::PosixEnv env;
  TRY(const auto file, env.open(path, store::Open::read));
  TRY(const auto trailer, store::snapshot::read_trailer(*file));
  TRY(auto db, checked(*file, trailer));
  TRY(const auto index, state::read_index(db));
  TRY(const auto cluster, db.get_text("SELECT cluster_id FROM meta"));
  TRY(const auto region, db.get_text("SELECT region FROM meta"));
  core::json::Writer w;
  w.begin_object();
  w.key("Index");
  w.uint64(index.value);
  w.key("Term");
  w.uint64(trailer.meta.last.term.value);
  w.key("ClusterID");
  w.string(cluster.value_or(""));
  w.key("Region");
  w.string(region.value_or(""));
  w.end_object();
  auto head = w.take();
  head.pop_back();
  out(head);
  TRY(print_all(db, out));
  out("}\n");
  return core::ok_status();
}

}  // namespace agent
