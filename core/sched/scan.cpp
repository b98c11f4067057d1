// SPDX-License-Identifier: MPL-2.0
#include "core/sched/scan.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace core::sched {
namespace {

constexpr double kOut = -std::numeric_limits<double>::infinity();
constexpr const char* kDimensions[] = {"", "cpu", "memory", "disk"};  // by Room

}  // namespace

Scan::Scan(Candidates& candidates, Around around, const std::vector<HostIndex>& penalty)
    : candidates_(candidates),
      around_(around),
      penalty_(penalty),
      plain_(around.spreads.empty() && penalty.empty()),
      scores_(candidates.size(), kOut),
      exhausted_by_class_(around.fleet.node_classes().size()),
      filtered_by_class_(around.fleet.node_classes().size()) {
  for (std::size_t i = 0; i < scores_.size(); ++i) look(i);
}

void Scan::look(std::size_t i) {
  const auto& candidate = candidates_.at(i, around_.occupancy, around_.peers);
  if (!around_.distinct.empty())
    if (const auto refusal = around_.distinct.refuses(candidate.host)) {
      ++refused_[refusal];
      ++filtered_by_class_[around_.fleet.hosts()[candidate.host].node_class];
      return;
    }
  if (candidate.room != Room::fits) {
    ++short_of_[static_cast<std::size_t>(candidate.room)];
    return exhaust(candidate.host);
  }
  if (candidate.port_fault != 0) {
    ++port_faults_[candidate.port_fault];
    return exhaust(candidate.host);
  }
  scores_[i] = plain_ ? candidate.mean : scores(i).mean();
}

void Scan::exhaust(HostIndex host) {
  ++exhausted_;
  ++exhausted_by_class_[around_.fleet.hosts()[host].node_class];
}

bool Scan::penalised(HostIndex host) const {
  return std::find(penalty_.begin(), penalty_.end(), host) != penalty_.end();
}

Scores Scan::scores(std::size_t i) const {
  const auto& candidate = candidates_.at(i, around_.occupancy, around_.peers);
  return {.fit = candidate.fit, .anti_affinity = candidate.anti_affinity, .affinity = candidate.affinity,
          .penalty = penalised(candidate.host) ? kPenaltyScore : 0,
          .spread = around_.spreads.empty() ? 0 : around_.spreads.score(candidate.host)};
}

std::optional<std::size_t> Scan::best() const {
  const auto at = std::max_element(scores_.begin(), scores_.end());  // the first of equals
  if (at == scores_.end() || *at == kOut) return std::nullopt;
  return static_cast<std::size_t>(at - scores_.begin());
}

std::vector<std::size_t> Scan::ranking() const {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < scores_.size(); ++i)
    if (scores_[i] != kOut) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return scores_[a] > scores_[b]; });
  return order;
}

std::optional<std::size_t> Scan::on(HostIndex host) const {
  for (std::size_t i = 0; i < scores_.size(); ++i)
    if (scores_[i] != kOut && candidates_.at(i, around_.occupancy, around_.peers).host == host) return i;
  return std::nullopt;
}

void Scan::reject(std::size_t candidate, const std::string& why) {
  candidates_.port_fault(candidate, "network: " + why);
  const auto& rejected = candidates_.at(candidate, around_.occupancy, around_.peers);
  ++port_faults_[rejected.port_fault];
  exhaust(rejected.host);
  scores_[candidate] = kOut;
}

// A few of many: a sorted list of the best so far, which most candidates are not good enough for.
std::vector<std::size_t> Scan::top(std::size_t kept) const {
  std::vector<std::size_t> best;
  const auto better = [&](auto a, auto b) { return scores_[a] > scores_[b]; };
  for (std::size_t i = 0; i < scores_.size() && kept > 0; ++i) {
    if (scores_[i] == kOut || (best.size() == kept && !better(i, best.back()))) continue;
    if (best.size() == kept) best.pop_back();
    best.insert(std::upper_bound(best.begin(), best.end(), i, better), i);
  }
  return best;
}

model::AllocMetric Scan::metrics(std::size_t kept, std::optional<std::size_t> chosen) const {
  auto out = candidates_.filtered();
  const auto& classes = around_.fleet.node_classes();
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes[i].empty()) continue;
    if (filtered_by_class_[i] > 0) out.class_filtered[classes[i]] += filtered_by_class_[i];
    if (exhausted_by_class_[i] > 0) out.class_exhausted[classes[i]] += exhausted_by_class_[i];
  }
  for (const auto& [refusal, count] : refused_) {
    out.nodes_filtered += count;
    out.constraint_filtered[around_.distinct.reason(refusal)] += count;
  }
  out.nodes_exhausted = exhausted_;
  for (std::size_t i = 1; i < short_of_.size(); ++i)
    if (short_of_[i] > 0) out.dimension_exhausted[kDimensions[i]] = short_of_[i];
  for (const auto& [fault, count] : port_faults_) out.dimension_exhausted[candidates_.port_fault_text(fault)] += count;
  if (!chosen) return out;

  auto shown = top(kept);
  if (kept > 0 && std::find(shown.begin(), shown.end(), *chosen) == shown.end()) shown.back() = *chosen;
  for (const auto i : shown) {
    const auto host = candidates_.at(i, around_.occupancy, around_.peers).host;
    out.score_meta.push_back(score_meta(around_.fleet.hosts()[host].node->id, scores(i)));
  }
  const auto host = candidates_.at(*chosen, around_.occupancy, around_.peers).host;
  out.scores = legacy_scores(around_.fleet.hosts()[host].node->id, scores(*chosen));
  return out;
}

}  // namespace core::sched
