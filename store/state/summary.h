// SPDX-License-Identifier: MPL-2.0
// How events move the counts of a job's summary. Nomad's rules: an allocation that completed or failed
// stays counted when it is forgotten, and a group that a newer version dropped stays listed.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/model/alloc.h"
#include "core/model/job_summary.h"

namespace store::state {

std::int64_t& count_of(core::model::GroupSummary& group, core::model::ClientStatus status);
std::int64_t& count_of(core::model::ChildSummary& children, core::model::JobStatus status);

// Groups of the job that are not there yet begin at zero.
void add_groups(core::model::JobSummary& summary, const core::model::Job& job);

// An allocation was made, reports another client status, is forgotten; an evaluation left so many
// unplaced. Each says whether a count changed.
bool on_placed(core::model::JobSummary& summary, const core::model::Allocation& alloc);
bool on_moved(core::model::JobSummary& summary, const core::model::Allocation& before,
              const core::model::Allocation& after);
bool on_forgotten(core::model::JobSummary& summary, const core::model::Allocation& alloc);
bool on_queued(core::model::JobSummary& summary, const std::map<std::string, std::int64_t>& by_group);

}  // namespace store::state
