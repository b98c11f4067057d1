// SPDX-License-Identifier: MPL-2.0
// request: what became of writes that had a name.
#include "core/base/binary.h"
#include "store/state/rows.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;

core::Bytes name_of(const core::RequestId& id) {
  core::Writer name;
  name.u64(id.high);
  name.u64(id.low);
  return core::Bytes(name.bytes());
}

Status insert_request(Connection& db, const model::SettledRequest& request) {
  const auto* const refused = request.refused.get();
  TRY(db.run("INSERT INTO request (entry_index, id, error, error_detail, evals, eval_create_index, job_modify_index,"
             " node_modify_index) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
             request.index.value, Bound::blob(name_of(request.id)), refused ? core::to_string(refused->code) : "",
             refused ? std::string_view(refused->detail) : "", json_if(!request.evals.empty(), request.evals), request.eval_create_index.value,
             request.job_modify_index.value, request.node_modify_index.value));
  return core::ok_status();
}

Result<model::SettledRequest> read_request(const Query& row) {
  model::SettledRequest out;
  core::Reader name(row.blob(1));
  TRY(out.id.high, name.u64());
  TRY(out.id.low, name.u64());
  if (const auto word = row.text(2); !word.empty()) {
    const auto code = core::errc_from(word);
    if (!code) return Error{Errc::corrupt, "unknown word \"" + std::string(word) + "\""};
    out.refused = std::make_shared<const Error>(Error{*code, std::string(row.text(3))});
  }
  TRY(read_json(row.text(4), out.evals));
  out.index = Index{row.unsigned_integer(0)};
  out.eval_create_index = Index{row.unsigned_integer(5)};
  out.job_modify_index = Index{row.unsigned_integer(6)};
  out.node_modify_index = Index{row.unsigned_integer(7)};
  return out;
}

}  // namespace

Status write_requests(Connection& db, const Dirty& dirty) {
  if (dirty.requests_forgotten.value > 0) TRY(db.run("DELETE FROM request WHERE entry_index <= ?1", dirty.requests_forgotten.value));
  for (const auto& [id, request] : dirty.requests)
    if (request) TRY(insert_request(db, *request));
  return core::ok_status();
}

Status load_requests(Connection& db, model::Cluster& cluster, Books& books) {
  Loaded loaded(cluster);
  TRY(auto rows, db.query("SELECT entry_index, id, error, error_detail, evals, eval_create_index, job_modify_index,"
                          " node_modify_index FROM request ORDER BY entry_index"));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return core::ok_status();
    TRY(auto read, read_request(rows));
    auto request = std::make_shared<const model::SettledRequest>(std::move(read));
    const auto index = request->index;
    books.requests.push_back(request);
    loaded.add(index, model::RequestSettled{std::move(request)});
  }
}

}  // namespace store::state
