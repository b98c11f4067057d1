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

Status insert_request(RowWriter& rows, const model::SettledRequest& request) {
  const auto* const refused = request.refused.get();
  TRY(rows.insert(kRequestRow, {request.index.value, Bound::blob(name_of(request.id)), refused ? core::to_string(refused->code) : "",
                                   refused ? std::string_view(refused->detail) : "", json_if(!request.evals.empty(), request.evals),
                                   request.eval_create_index.value, request.job_modify_index.value, request.node_modify_index.value}));
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

Status write_requests(RowWriter& rows, const Dirty& dirty) {
  if (dirty.requests_forgotten.value > 0)
    TRY(rows.remove(kRequestRow, "DELETE FROM request WHERE entry_index <= ?1 RETURNING digest", {dirty.requests_forgotten.value}));
  for (const auto& [id, request] : dirty.requests)
    if (request) TRY(insert_request(rows, *request));
  return core::ok_status();
}

Status load_requests(Connection& db, model::Cluster& cluster, Books& books) {
  Loaded loaded(cluster);
  TRY(auto rows, db.query("SELECT " + proved(kRequestRow) + " FROM request ORDER BY entry_index"));
  return load_table(db, kRequestRow, std::move(rows), [&](const Query& row) -> Status {
    TRY(auto read, read_request(row));
    auto request = std::make_shared<const model::SettledRequest>(std::move(read));
    const auto index = request->index;
    books.requests.push_back(request);
    loaded.add(index, model::RequestSettled{std::move(request)});
    return core::ok_status();
  });
}

}  // namespace store::state
