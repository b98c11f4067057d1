// SPDX-License-Identifier: MPL-2.0
#include "core/sched/feasible.h"

#include <algorithm>

#include "core/sched/text.h"

namespace core::sched {
namespace {

const std::string kMissingDrivers = "missing drivers";

// Nodes offer one address to all; a port that wants another network by name finds none.
std::optional<std::string> missing_host_network(const std::vector<model::NetworkResource>& networks) {
  for (const auto& network : networks)
    for (const auto* ports : {&network.reserved_ports, &network.dynamic_ports})
      for (const auto& port : *ports)
        if (!port.host_network.empty() && port.host_network != "default")
          return "missing host network \"" + port.host_network + "\" for port \"" + port.label + "\"";
  return std::nullopt;
}

}  // namespace

bool is_distinct(const model::Constraint& constraint) {
  return constraint.operand == "distinct_hosts" || constraint.operand == "distinct_property";
}

bool in_datacenters(const model::Job& job, std::string_view datacenter) {
  return std::any_of(job.datacenters.begin(), job.datacenters.end(),
                     [&](const auto& wanted) { return glob_match(wanted, datacenter); });
}

bool has_driver(const model::Node& node, const std::string& driver) {
  if (const auto info = node.drivers->find(driver); info != node.drivers->end())
    return info->second.detected && info->second.healthy;
  const auto attribute = node.attributes.find("driver." + driver);
  return attribute && parse_bool(*attribute).value_or(false);
}

Feasibility::Feasibility(const Fleet& fleet, const model::Job& job, const model::TaskGroup& group)
    : fleet_(fleet), by_class_(fleet.classes().size()) {
  compile(job.constraints);
  job_rules_ = shared_.size();
  compile(group.constraints);
  missing_network_ = missing_host_network(group.networks);
  for (const auto& task : group.tasks) {
    compile(task.constraints);
    if (std::find(drivers_.begin(), drivers_.end(), task.driver) == drivers_.end()) drivers_.push_back(task.driver);
  }
}

void Feasibility::compile(const std::vector<model::Constraint>& constraints) {
  for (const auto& constraint : constraints) {
    if (is_distinct(constraint)) continue;
    Predicate predicate(constraint);
    auto& kind = predicate.unique() ? unique_ : shared_;
    kind.push_back(std::move(predicate));
  }
}

const std::string* Feasibility::refused_by_class(const model::Node& node) const {
  for (std::size_t i = 0; i < job_rules_; ++i)
    if (!shared_[i].holds(node)) return &shared_[i].reason();
  for (const auto& driver : drivers_)
    if (!has_driver(node, driver)) return &kMissingDrivers;
  for (std::size_t i = job_rules_; i < shared_.size(); ++i)
    if (!shared_[i].holds(node)) return &shared_[i].reason();
  return missing_network_ ? &*missing_network_ : nullptr;
}

const std::string* Feasibility::refusal(HostIndex host) {
  const auto& at = fleet_.hosts()[host];
  auto& verdict = by_class_[at.computed_class];
  if (!verdict.known) verdict = {true, refused_by_class(*at.node)};
  if (verdict.refusal != nullptr) return verdict.refusal;
  for (const auto& predicate : unique_)
    if (!predicate.holds(*at.node)) return &predicate.reason();
  return nullptr;
}

void Feasibility::report_classes(std::map<std::string, bool>& eligible) const {
  for (std::size_t i = 0; i < by_class_.size(); ++i) {
    const auto& name = fleet_.classes()[i];
    if (!by_class_[i].known || name.empty()) continue;
    auto& may = eligible[name];
    may = may || by_class_[i].refusal == nullptr;
  }
}

}  // namespace core::sched
