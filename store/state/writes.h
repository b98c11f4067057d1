// SPDX-License-Identifier: MPL-2.0
// All that one commit writes, by value or immutable: the draft's objects, and what the books said of them when
// the draft was sealed. Nothing in it changes any more, so that one thread may write it while another applies
// entries to the books.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "store/state/books.h"
#include "store/state/draft.h"

namespace store::state {

struct JobWrites {
  model::JobKey key;
  Dirty::JobMark mark;
  model::JobSummary summary;      // of the job as registered now
  std::vector<Version> versions;  // whose rows are new or changed; `stored` as it was
};

struct Writes {
  Dirty dirty;  // its jobs are in `jobs`
  std::vector<JobWrites> jobs;
  Position position;
  std::array<Index, kTableCount> table_indexes;
  std::map<std::string, Collection> collections;
  Index first_time_step;  // older ones go
  std::vector<model::JobKey> with_older_versions;
};

// The books take all of it for stored.
Writes seal(Dirty dirty, Books& books);
// They are: lets go of bodies of these jobs' versions that nothing in memory needs. One is read again if a late
// plan should ask for it.
void release_bodies(const std::vector<model::JobKey>& jobs, Books& books);

}  // namespace store::state
