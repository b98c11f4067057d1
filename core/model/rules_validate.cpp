// SPDX-License-Identifier: MPL-2.0
// Constraints, affinities, spreads, and the restart and reschedule policies. The text of a regular
// expression or version is not compiled here: one that is wrong matches no node.
#include <algorithm>
#include <array>

#include "core/base/integer.h"

#include "core/model/validation.h"

namespace core::model {
namespace {

constexpr std::array<std::string_view, 9> kComparisons = {"=", "==", "is", "!=", "not", "<", "<=", ">", ">="};
constexpr std::array<std::string_view, 3> kSetOperands = {"set_contains", "set_contains_all", "set_contains_any"};
constexpr Duration kRestartIntervalMin = 5s;
constexpr Duration kRescheduleDelayMin = 5s;
constexpr Duration kRescheduleIntervalMin = 15s;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

void check_distinct_property(const Constraint& c, Faults& faults) {
  if (c.rtarget.empty()) return;
  const auto allowed = parse_integer<std::uint64_t>(c.rtarget);
  if (!allowed)
    faults.add("Failed to convert RTarget " + quoted(c.rtarget) + " to uint64");
  else if (*allowed < 1)
    faults.add("Distinct Property must have an allowed count of 1 or greater: 0 < 1");
}

// `kind` is "constraint type" or "affinity operator".
template <class Rule>
void check_operand(const Rule& rule, const std::string& kind, Faults& faults) {
  const auto& operand = rule.operand;
  if (is_one_of(operand, kSetOperands)) {
    if (rule.rtarget.empty()) faults.add("Set contains constraint requires an RTarget");
  } else if (is_one_of(operand, kComparisons) || operand == "regexp" || operand == "version" || operand == "semver") {
    if (rule.rtarget.empty()) faults.add("Operator " + quoted(operand) + " requires an RTarget");
  } else if (operand == "is_set" || operand == "is_not_set") {
    if (!rule.rtarget.empty()) faults.add("Operator " + quoted(operand) + " does not support an RTarget");
  } else {
    faults.add("Unknown " + kind + " " + quoted(operand));
  }
}

void check_constraint(const Constraint& c, Faults& faults) {
  if (c.operand == "distinct_hosts") return;
  if (c.operand == "distinct_property") check_distinct_property(c, faults);
  else check_operand(c, "constraint type", faults);
  if (c.ltarget.empty()) faults.add("No LTarget provided but is required by constraint");
}

void check_affinity(const Affinity& a, Faults& faults) {
  check_operand(a, "affinity operator", faults);
  if (a.ltarget.empty()) faults.add("No LTarget provided but is required");
  if (a.weight == 0) faults.add("Affinity weight cannot be zero");
  if (a.weight < -100 || a.weight > 100) faults.add("Affinity weight must be within the range [-100,100]");
}

void check_spread(const Spread& s, Faults& faults) {
  if (s.attribute.empty()) faults.add("Missing spread attribute");
  if (s.weight < 0 || s.weight > 100) faults.add("Spread stanza must have a positive weight from 0 to 100");
  std::vector<std::string_view> seen;
  std::int64_t sum = 0;
  for (const auto& target : s.targets) {
    if (std::find(seen.begin(), seen.end(), target.value) != seen.end())
      faults.add("Spread target value " + quoted(target.value) + " already defined");
    seen.push_back(target.value);
    if (target.percent < 0 || target.percent > 100)
      return faults.add("Spread target percentage for value " + quoted(target.value) + " must be between 0 and 100");
    sum += target.percent;
  }
  if (sum > 100)
    faults.add("Sum of spread target percentages must not be greater than 100%; got " + std::to_string(sum) + "%");
}

// How many delays, one after the other, fit into the interval. REQUIRES: valid delay and function.
std::int64_t possible_attempts(const ReschedulePolicy& p) {
  Duration left = *p.interval, delay = *p.delay, before{};
  std::int64_t attempts = 0;
  const bool constant = *p.delay_function == "constant";
  while (!constant && delay < *p.max_delay && delay <= left) {  // grows to the ceiling in a few dozen steps
    left -= delay;
    ++attempts;
    const auto next = *p.delay_function == "exponential" ? delay * 2 : delay + before;
    before = delay;
    delay = std::min(next, *p.max_delay);
  }
  return attempts + left / delay;
}

void check_attempts_fit(const ReschedulePolicy& p, Faults& faults) {
  const auto possible = possible_attempts(p);
  if (possible >= *p.attempts) return;
  auto text = "Nomad can only make " + std::to_string(possible) + " attempts in " + format_duration(*p.interval) +
              " with initial delay " + format_duration(*p.delay);
  if (*p.delay_function != "constant")
    text += ", delay function " + quoted(*p.delay_function) + " and delay ceiling " + format_duration(*p.max_delay);
  faults.add(std::move(text));
}

}  // namespace

void check_constraints(const std::vector<Constraint>& constraints, Faults& faults) {
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    Faults inner;
    check_constraint(constraints[i], inner);
    faults.add_nested("Constraint " + std::to_string(i + 1), inner);
  }
}

void check_affinities(const std::vector<Affinity>& affinities, Faults& faults) {
  for (std::size_t i = 0; i < affinities.size(); ++i) {
    Faults inner;
    check_affinity(affinities[i], inner);
    faults.add_nested("Affinity " + std::to_string(i + 1), inner);
  }
}

void check_spreads(const std::vector<Spread>& spreads, Faults& faults) {
  for (std::size_t i = 0; i < spreads.size(); ++i) {
    Faults inner;
    check_spread(spreads[i], inner);
    faults.add_nested("Spread " + std::to_string(i + 1), inner);
  }
}

void check_restart(const RestartPolicy& p, Faults& faults) {
  const auto attempts = p.attempts.value_or(0);
  const auto interval = p.interval.value_or(Duration{}), delay = p.delay.value_or(Duration{});
  const auto mode = p.mode.value_or("");
  if (mode != "fail" && mode != "delay") faults.add("Unsupported restart mode: " + quoted(mode));
  if (attempts < 0) faults.add("Restart attempts can't be negative");
  if (attempts == 0 && mode != "fail")
    faults.add("Restart policy " + quoted(mode) + " with 0 attempts is ambiguous");
  if (interval < kRestartIntervalMin)
    faults.add("Interval can not be less than " + format_duration(kRestartIntervalMin) + " (got " +
               format_duration(interval) + ")");
  if (delay < Duration::zero()) faults.add("Restart delay can't be negative");
  else if (attempts > 0 && delay > interval / attempts)
    faults.add("Nomad can't restart the TaskGroup " + std::to_string(attempts) + " times in an interval of " +
               format_duration(interval) + " with a delay of " + format_duration(delay));
}

void check_reschedule(const ReschedulePolicy& p, Faults& faults) {
  if (*p.attempts == 0 && !*p.unlimited) return;  // never rescheduled: the rest has no meaning
  if (*p.attempts < 0) return faults.add("Reschedule attempts can't be negative");
  const auto& function = *p.delay_function;
  const bool constant = function == "constant";
  const auto before = faults.list.size();
  if (*p.delay < kRescheduleDelayMin)
    faults.add("Delay cannot be less than " + format_duration(kRescheduleDelayMin) + " (got " +
               format_duration(*p.delay) + ")");
  if (!constant && function != "exponential" && function != "fibonacci")
    faults.add("Invalid delay function " + quoted(function) +
               ", must be one of [\"constant\" \"exponential\" \"fibonacci\"]");
  if (!constant && *p.max_delay < *p.delay)
    faults.add("Max Delay cannot be less than Delay " + format_duration(*p.delay) + " (got " +
               format_duration(*p.max_delay) + ")");
  if (*p.unlimited) {
    if (*p.attempts > 0) faults.add("If Attempts >0, Unlimited cannot also be set to true");
    return;
  }
  if (*p.interval <= Duration::zero()) faults.add("Interval must be a non zero value if Attempts > 0");
  else if (*p.interval < kRescheduleIntervalMin)
    faults.add("Interval cannot be less than " + format_duration(kRescheduleIntervalMin) + " (got " +
               format_duration(*p.interval) + ")");
  if (faults.list.size() == before) check_attempts_fit(p, faults);
}

}  // namespace core::model
