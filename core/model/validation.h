// SPDX-License-Identifier: MPL-2.0
// The parts of validate(const Job&), by topic. Each adds what it finds wrong to a list, in Nomad's
// words; nested lists nest in the text. Private to core/model.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/model/job.h"

namespace core::model {

inline constexpr std::int64_t kDiskMbMin = 10;

struct Faults {
  std::vector<std::string> list;

  void add(std::string fault) { list.push_back(std::move(fault)); }
  // "<where> validation failed: " and the inner list; nothing if that is empty.
  void add_nested(const std::string& where, const Faults& inner);
};

// rules_validate.cpp
void check_constraints(const std::vector<Constraint>& constraints, Faults& faults);
void check_affinities(const std::vector<Affinity>& affinities, Faults& faults);
void check_spreads(const std::vector<Spread>& spreads, Faults& faults);
void check_restart(const RestartPolicy& policy, Faults& faults);
void check_reschedule(const ReschedulePolicy& policy, Faults& faults);
// task_validate.cpp
void check_task(const Task& task, const TaskGroup& group, Faults& faults);
void check_ports(const TaskGroup& group, Faults& faults);
// unsupported.cpp: what is understood and kept, but not run by this release.
void check_supported(const Job& job, Faults& faults);

}  // namespace core::model
