// SPDX-License-Identifier: MPL-2.0
#include "core/model/failed_placement.h"

#include <iterator>

namespace core::model {
namespace {

using core::encode;

constexpr std::size_t kVersionPlace = 14;
constexpr char kVersion = '4';
constexpr std::string_view kRanks = "012356789abcdef";  // every digit but the version's own
static_assert(kRanks.size() == kFailedPlacementsMax);

template <class T>
void member(json::Writer& w, const char* name, const T& value) {
  w.key(name);
  encode(w, value);
}

void write_stub(json::Writer& w, const Evaluation& eval, std::size_t rank, const std::string& group) {
  member(w, "ID", failed_placement_id(eval.id, rank));
  member(w, "EvalID", eval.id);
  member(w, "Name", eval.job_id.text + "." + group + "[0]");
  member(w, "NodeID", std::string());
  member(w, "JobID", eval.job_id);
  member(w, "TaskGroup", group);
  member(w, "DesiredStatus", std::string("failed"));
  member(w, "DesiredDescription", std::string("failed to find a node for placement"));
  member(w, "ClientStatus", std::string("failed"));
  member(w, "ClientDescription", std::string());
  member(w, "CreateIndex", eval.modify_index);
  member(w, "ModifyIndex", eval.modify_index);
}

const std::pair<const std::string, AllocMetric>& group_at(const Evaluation& eval, std::size_t rank) {
  ASSERT(rank < eval.failed_groups.size());
  return *std::next(eval.failed_groups.begin(), static_cast<std::ptrdiff_t>(rank));
}

}  // namespace

AllocId failed_placement_id(const EvalId& eval, std::size_t rank) {
  ASSERT(is_uuid(eval.text));
  ASSERT(rank < kFailedPlacementsMax);
  AllocId id{eval.text};
  id.text[kVersionPlace] = kRanks[rank];
  return id;
}

std::optional<std::pair<EvalId, std::size_t>> failed_placement_of(const AllocId& id) {
  if (!is_uuid(id.text)) return std::nullopt;
  const auto rank = kRanks.find(id.text[kVersionPlace]);
  if (rank == std::string_view::npos) return std::nullopt;
  EvalId eval{id.text};
  eval.text[kVersionPlace] = kVersion;
  return std::pair(std::move(eval), rank);
}

std::string failed_placement_to_api(const Evaluation& eval, std::size_t rank, std::string_view job_json) {
  const auto& [group, metrics] = group_at(eval, rank);
  json::Writer w;
  w.begin_object();
  write_stub(w, eval, rank, group);
  member(w, "Metrics", metrics);
  member(w, "Resources", Resources());
  if (!job_json.empty()) {
    w.key("Job");
    w.raw(job_json);
  }
  w.end_object();
  return to_v0_1_2(w.view()).value();
}

std::string failed_placement_stub_to_api(const Evaluation& eval, std::size_t rank) {
  json::Writer w;
  w.begin_object();
  write_stub(w, eval, rank, group_at(eval, rank).first);
  w.end_object();
  return w.take();
}

}  // namespace core::model
