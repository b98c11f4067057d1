// SPDX-License-Identifier: MPL-2.0
// What a client asks of servers beside commands: to be told of its assignments, and to be given the
// allocations it does not have yet. Bodies are JSON of the field lists.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/fields.h"
#include "core/model/alloc.h"

namespace core::server {

// A stream: the whole assignment now, and again whenever it changed.
struct WatchAssignment {
  static constexpr const char* kName = "Node.WatchAllocs";
  NodeId node;
  std::string secret_id;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("NodeID", self.node);
    visit("SecretID", self.secret_id);
  }
};
struct Assignment {
  Index index;                      // of the state it was read from
  std::map<AllocId, Index> allocs;  // with their AllocModifyIndex
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Index", self.index);
    visit("Allocs", self.allocs);
  }
};

struct FetchAllocs {
  static constexpr const char* kName = "Alloc.GetAllocs";
  NodeId node;
  std::string secret_id;
  std::vector<AllocId> allocs;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("NodeID", self.node);
    visit("SecretID", self.secret_id);
    visit("Allocs", self.allocs);
  }
};
// Jobs stand once, however many allocations were placed from them; `jobs` is indexed by the number in
// `job_of`, which runs beside `allocs`. Allocations that are gone are left out.
struct FetchedAllocs {
  std::vector<model::Allocation> allocs;
  std::vector<std::uint32_t> job_of;
  std::vector<model::JobPtr> jobs;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Allocs", self.allocs);
    visit("JobOf", self.job_of);
    visit("Jobs", self.jobs);
  }
};

FetchedAllocs pack(const std::vector<model::AllocPtr>& allocs);
// Each with its job. Errc::corrupt when the numbers do not fit.
Result<std::vector<model::AllocPtr>> unpack(FetchedAllocs fetched);

}  // namespace core::server
