// SPDX-License-Identifier: MPL-2.0
// A constraint or affinity, compiled once and asked of many nodes. Operands are those of the job
// specification; an operand nobody knows holds nowhere. "distinct_hosts" and "distinct_property" are
// about the job's other allocations and live in select.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/node.h"
#include "core/model/task.h"
#include "core/sched/regex.h"
#include "core/sched/target.h"
#include "core/sched/version.h"

namespace core::sched {

class Predicate {
 public:
  Predicate(const std::string& ltarget, const std::string& operand, const std::string& rtarget);
  explicit Predicate(const model::Constraint& c) : Predicate(c.ltarget, c.operand, c.rtarget) {}
  explicit Predicate(const model::Affinity& a) : Predicate(a.ltarget, a.operand, a.rtarget) {}

  bool holds(const model::Node& node) const;
  // Its answer may differ between nodes of one computed class.
  bool unique() const { return left_.unique() || right_.unique(); }
  // "${attr.kernel.name} = linux": how filtered nodes are counted.
  const std::string& reason() const { return reason_; }

 private:
  enum class Op {
    equal, not_equal, less, less_equal, greater, greater_equal, version, semver, regexp,
    contains_all, contains_any, is_set, is_not_set, never
  };
  using Text = std::optional<std::string_view>;

  static Op operation(std::string_view operand);
  void compile(const std::string& right);
  bool holds(Text left, Text right) const;
  bool ordered(std::string_view left, std::string_view right) const;
  bool versions(std::string_view left, std::string_view right) const;
  VersionRule rule() const { return op_ == Op::semver ? VersionRule::semver : VersionRule::loose; }

  Op op_;
  Target left_, right_;
  std::string reason_;
  // Prepared where the right side is plain text, which it nearly always is.
  std::optional<Regex> regex_;
  std::optional<VersionConstraint> version_;
};

// Every item of the comma-separated `wanted` (or one of them) is among those of `have`.
bool set_contains_all(std::string_view have, std::string_view wanted);
bool set_contains_any(std::string_view have, std::string_view wanted);

}  // namespace core::sched
