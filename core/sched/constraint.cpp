// SPDX-License-Identifier: MPL-2.0
#include "core/sched/constraint.h"

#include <algorithm>

#include "core/sched/text.h"

namespace core::sched {
namespace {

std::vector<std::string_view> items(std::string_view list) {
  auto out = split(list, ',');
  for (auto& item : out) item = trim(item);
  return out;
}

bool among(const std::vector<std::string_view>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

bool set_contains_all(std::string_view have, std::string_view wanted) {
  const auto mine = items(have), theirs = items(wanted);
  return std::all_of(theirs.begin(), theirs.end(), [&](auto item) { return among(mine, item); });
}

bool set_contains_any(std::string_view have, std::string_view wanted) {
  const auto mine = items(have), theirs = items(wanted);
  return std::any_of(theirs.begin(), theirs.end(), [&](auto item) { return among(mine, item); });
}

Predicate::Predicate(const std::string& ltarget, const std::string& operand, const std::string& rtarget)
    : op_(operation(operand)),
      left_(ltarget),
      right_(rtarget),
      reason_(ltarget + " " + (operand.empty() ? "=" : operand) + " " + rtarget) {
  if (right_.plain()) compile(rtarget);
}

Predicate::Op Predicate::operation(std::string_view operand) {
  static constexpr std::pair<std::string_view, Op> kOps[] = {
      {"", Op::equal},           {"=", Op::equal},
      {"==", Op::equal},         {"is", Op::equal},
      {"!=", Op::not_equal},     {"not", Op::not_equal},
      {"<", Op::less},           {"<=", Op::less_equal},
      {">", Op::greater},        {">=", Op::greater_equal},
      {"version", Op::version},  {"semver", Op::semver},
      {"regexp", Op::regexp},    {"set_contains", Op::contains_all},
      {"set_contains_all", Op::contains_all},
      {"set_contains_any", Op::contains_any},
      {"is_set", Op::is_set},    {"is_not_set", Op::is_not_set},
  };
  for (const auto& [word, op] : kOps)
    if (word == operand) return op;
  return Op::never;
}

void Predicate::compile(const std::string& right) {
  if (op_ == Op::regexp) regex_.emplace(right);
  if (op_ == Op::version || op_ == Op::semver) version_ = VersionConstraint::parse(right, rule());
}

bool Predicate::holds(const model::Node& node) const { return holds(left_.on(node), right_.on(node)); }

bool Predicate::holds(Text left, Text right) const {
  switch (op_) {
    case Op::is_set: return left.has_value();
    case Op::is_not_set: return !left.has_value();
    case Op::not_equal: return left != right;  // what is missing differs from what is there
    case Op::never: return false;
    default: break;
  }
  if (!left || !right) return false;
  switch (op_) {
    case Op::equal: return *left == *right;
    case Op::contains_all: return set_contains_all(*left, *right);
    case Op::contains_any: return set_contains_any(*left, *right);
    case Op::regexp: return regex_ ? regex_->search(*left) : Regex(*right).search(*left);
    case Op::version:
    case Op::semver: return versions(*left, *right);
    default: return ordered(*left, *right);
  }
}

bool Predicate::ordered(std::string_view left, std::string_view right) const {
  const auto a = parse_number(left), b = parse_number(right);
  const auto order = a && b ? *a <=> *b : std::partial_ordering(left <=> right);
  switch (op_) {
    case Op::less: return order < 0;
    case Op::less_equal: return order <= 0;
    case Op::greater: return order > 0;
    default: return order >= 0;
  }
}

bool Predicate::versions(std::string_view left, std::string_view right) const {
  const auto version = parse_version(left, rule());
  if (!version) return false;
  if (version_) return version_->allows(*version);
  const auto constraint = VersionConstraint::parse(right, rule());
  return constraint && constraint->allows(*version);
}

}  // namespace core::sched
