// SPDX-License-Identifier: MPL-2.0
// Which of the names "JOB.GROUP[0]", "JOB.GROUP[1]", ... are in use.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "core/model/alloc.h"

namespace core::sched {

class Names {
 public:
  Names(const JobId& job, std::string group) : job_(job), group_(std::move(group)) {}

  // False when another allocation has the name already, or it is no name of this group.
  bool take(const std::string& name) {
    const auto index = model::name_index(name);
    return index && name == model::alloc_name(job_, group_, *index) && used_.insert(*index).second;
  }
  // The lowest free name, taken.
  std::string next() {
    while (!used_.insert(next_).second) ++next_;
    return model::alloc_name(job_, group_, next_);
  }

 private:
  const JobId& job_;
  std::string group_;
  std::set<std::uint64_t> used_;
  std::uint64_t next_ = 0;
};

}  // namespace core::sched
