// SPDX-License-Identifier: MPL-2.0
#include "store/state/writes.h"

#include <utility>

#include "core/base/assert.h"

namespace store::state {
namespace {

std::vector<Version> take_changed(std::vector<Version>& versions) {
  std::vector<Version> out;
  for (auto& version : versions) {
    if (!version.stored || version.changed) out.push_back(version);
    version.stored = true;
    version.changed = false;
  }
  return out;
}

}  // namespace

Writes seal(Dirty dirty, Books& books) {
  Writes out{.dirty = {}, .jobs = {}, .position = books.position, .table_indexes = books.table_indexes, .collections = {},
             .first_time_step = {}, .with_older_versions = {}};
  out.jobs.reserve(dirty.jobs.size());
  for (auto& [key, mark] : std::exchange(dirty.jobs, {})) {
    auto& job = out.jobs.emplace_back(JobWrites{.key = key, .mark = std::move(mark), .summary = {}, .versions = {}});
    const auto book = books.jobs.find(key);
    if (book == books.jobs.end()) continue;
    if (job.mark.now) job.summary = book->second.summary;
    job.versions = take_changed(book->second.versions);
    if (book->second.versions.size() > 1) out.with_older_versions.push_back(key);
  }
  for (const auto& kind : dirty.collections) out.collections.emplace(kind, books.collections.at(kind));
  if (!dirty.time_steps.empty()) out.first_time_step = books.times.steps().front().index;
  out.dirty = std::move(dirty);
  return out;
}

void release_bodies(const std::vector<model::JobKey>& jobs, Books& books) {
  for (const auto& job : jobs) {
    const auto book = books.jobs.find(job);
    if (book == books.jobs.end()) continue;
    auto& versions = book->second.versions;
    for (std::size_t i = 0; i + 1 < versions.size(); ++i)
      if (versions[i].stored && versions[i].allocs == 0) versions[i].body.reset();
  }
}

}  // namespace store::state
