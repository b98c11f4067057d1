// SPDX-License-Identifier: MPL-2.0
#include "agent/client/record_store.h"

#include <map>
#include <utility>

#include "core/base/fields.h"
#include "core/base/limits.h"

namespace agent::client {
namespace {

namespace cc = core::client;
using store::client_state::ClientDb;

constexpr const char* kClusterKey = "cluster_id";

// An allocation with the job it was placed from.
struct Document {
  core::model::Allocation alloc;
  core::model::Job job;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Alloc", self.alloc);
    visit("Job", self.job);
  }
};

struct Put {
  ClientDb& db;
  core::Status operator()(const cc::AllocSaved& r) const {
    core::json::Writer w(true);
    w.begin_object();
    w.key("Alloc");
    core::encode(w, *r.alloc);
    w.key("Job");
    core::encode(w, *r.alloc->job);
    w.end_object();
    return db.put_alloc(r.alloc->id.text, w.view());
  }
  core::Status operator()(const cc::TaskSaved& r) const {
    return db.put_task_state(r.task.alloc.text, r.task.task, core::to_compact_json(r.record));
  }
  core::Status operator()(const cc::AllocForgotten& r) const { return db.remove_alloc(r.alloc.text); }
  core::Status operator()(const cc::SeenSaved& r) const {
    TRY(db.put_last_index(r.index.value));
    return db.put_value(kClusterKey, r.cluster_id);
  }
};

}  // namespace

core::Status put_records(ClientDb& db, const std::vector<cc::Record>& records) {
  if (records.empty()) return core::ok_status();
  return db.together([&]() -> core::Status {
    for (const auto& record : records) TRY(std::visit(Put{db}, record));
    return core::ok_status();
  });
}

core::Result<cc::Restored> restore_records(ClientDb& db, core::Logger& log) {
  cc::Restored out;
  std::map<std::string, std::size_t> places;
  TRY(const auto allocs, db.allocs());
  for (const auto& stored : allocs) {
    auto document = core::from_json<Document>(stored.doc, {.bytes = core::limits::kEventBytesMax});
    if (!document.ok()) {
      LOG(log, error, "a stored allocation does not decode and is forgotten", {"alloc_id", stored.id}, {"error", document.error()});
      TRY(db.remove_alloc(stored.id));
      continue;
    }
    auto alloc = std::make_shared<core::model::Allocation>(std::move(document->alloc));
    alloc->job = std::make_shared<const core::model::Job>(std::move(document->job));
    places[stored.id] = out.allocs.size();
    out.allocs.push_back({.alloc = std::move(alloc), .tasks = {}});
  }
  TRY(const auto tasks, db.tasks());
  for (const auto& stored : tasks) {
    const auto place = places.find(stored.alloc_id);
    if (place == places.end() || stored.state.empty()) continue;
    auto record = core::from_json<cc::TaskRecord>(stored.state);
    if (!record.ok()) {
      LOG(log, error, "a stored task does not decode and is looked for anew", {"alloc_id", stored.alloc_id}, {"task", stored.task}, {"error", record.error()});
      continue;
    }
    out.allocs[place->second].tasks.emplace(stored.task, std::move(*record));
  }
  TRY(const auto index, db.last_index());
  TRY(const auto cluster, db.value(kClusterKey));
  out.seen = {.index = core::Index{index}, .cluster_id = cluster.value_or("")};
  return out;
}

}  // namespace agent::client
