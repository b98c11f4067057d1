// SPDX-License-Identifier: MPL-2.0
#include "core/sched/scan.h"

#include <algorithm>
#include <array>
#include <utility>

namespace core::sched {
namespace {

constexpr const char* kDimensions[] = {"", "cpu", "memory", "disk"};  // by Room

// In lanes, because one maximum must wait for the one before.
double greatest(const std::vector<double>& values) {
  std::array<double, 4> lanes{kOut, kOut, kOut, kOut};
  std::size_t i = 0;
  for (; i + lanes.size() <= values.size(); i += lanes.size())
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) lanes[lane] = std::max(lanes[lane], values[i + lane]);
  for (; i < values.size(); ++i) lanes[0] = std::max(lanes[0], values[i]);
  return *std::max_element(lanes.begin(), lanes.end());
}

}  // namespace

Scan::Scan(Candidates& candidates, Around around, const std::vector<HostIndex>& penalty)
    : candidates_(candidates),
      around_(around),
      penalty_(penalty),
      plain_(around.distinct.empty() && around.spreads.empty() && penalty.empty()) {
  if (plain_) return;
  const auto count = candidates.list().size();
  own_.assign(count, kOut);
  own_exhausted_.by_class.resize(around.fleet.node_classes().size());
  refused_by_class_.resize(around.fleet.node_classes().size());
  for (std::size_t i = 0; i < count; ++i) look(i);
}

void Scan::look(std::size_t i) {
  const auto& candidate = candidates_.list()[i];
  const auto node_class = around_.fleet.hosts()[candidate.host].node_class;
  if (!around_.distinct.empty())
    if (const auto refusal = around_.distinct.refuses(candidate.host)) {
      ++refused_[refusal];
      ++refused_by_class_[node_class];
      return;
    }
  if (!candidate.will_do()) return own_exhausted_.count(candidate, node_class, 1);
  auto mean = candidate.mean;
  if (!around_.spreads.empty()) mean.add(around_.spreads.score(candidate.host));
  if (penalised(candidate.host)) mean.add(kPenaltyScore);
  own_[i] = mean.value();
}

bool Scan::penalised(HostIndex host) const {
  return std::find(penalty_.begin(), penalty_.end(), host) != penalty_.end();
}

Scores Scan::scores(std::size_t i) const {
  const auto& candidate = candidates_.list()[i];
  return {.fit = candidate.fit, .anti_affinity = candidate.anti_affinity, .affinity = candidate.affinity,
          .penalty = penalised(candidate.host) ? kPenaltyScore : 0,
          .spread = around_.spreads.empty() ? 0 : around_.spreads.score(candidate.host)};
}

std::optional<std::size_t> Scan::best() const {
  const auto most = greatest(values());
  if (most == kOut) return std::nullopt;
  return static_cast<std::size_t>(std::find(values().begin(), values().end(), most) - values().begin());
}

std::vector<std::size_t> Scan::ranking() const {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < values().size(); ++i)
    if (values()[i] != kOut) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return values()[a] > values()[b]; });
  return order;
}

std::optional<std::size_t> Scan::on(HostIndex host) const {
  const auto i = candidates_.find(host);
  return i && values()[*i] != kOut ? i : std::nullopt;
}

void Scan::reject(std::size_t i, const std::string& why) {
  candidates_.port_fault(i, "network: " + why);
  if (plain_) return;
  const auto& rejected = candidates_.list()[i];
  own_exhausted_.count(rejected, around_.fleet.hosts()[rejected.host].node_class, 1);
  own_[i] = kOut;
}

// A few of many: a sorted list of the best so far, which most candidates are not good enough for.
std::vector<std::size_t> Scan::top(std::size_t kept) const {
  std::vector<std::size_t> best;
  const auto better = [&](auto a, auto b) { return values()[a] > values()[b]; };
  for (std::size_t i = 0; i < values().size(); ++i) {
    if (values()[i] == kOut || (best.size() == kept && !better(i, best.back()))) continue;
    if (best.size() == kept) best.pop_back();
    best.insert(std::upper_bound(best.begin(), best.end(), i, better), i);
  }
  return best;
}

model::AllocMetric Scan::metrics(std::size_t kept, std::optional<std::size_t> chosen) const {
  auto out = candidates_.filtered();
  const auto& classes = around_.fleet.node_classes();
  const auto& exhausted = this->exhausted();
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes[i].empty()) continue;
    if (!plain_ && refused_by_class_[i] > 0) out.class_filtered[classes[i]] += refused_by_class_[i];
    if (exhausted.by_class[i] > 0) out.class_exhausted[classes[i]] += exhausted.by_class[i];
  }
  for (const auto& [refusal, count] : refused_) {
    out.nodes_filtered += count;
    out.constraint_filtered[around_.distinct.reason(refusal)] += count;
  }
  out.nodes_exhausted = exhausted.nodes;
  for (std::size_t i = 1; i < exhausted.short_of.size(); ++i)
    if (exhausted.short_of[i] > 0) out.dimension_exhausted[kDimensions[i]] = exhausted.short_of[i];
  for (const auto& [fault, count] : exhausted.port_faults)
    if (count > 0) out.dimension_exhausted[candidates_.port_fault_text(fault)] += count;
  if (!chosen) return out;

  auto shown = kept > 1 ? top(kept) : std::vector<std::size_t>{*chosen};
  if (std::find(shown.begin(), shown.end(), *chosen) == shown.end()) shown.back() = *chosen;
  const auto node = [&](std::size_t i) { return around_.fleet.hosts()[candidates_.list()[i].host].node->id; };
  for (const auto i : shown) out.score_meta.push_back(score_meta(node(i), scores(i)));
  out.scores = legacy_scores(node(*chosen), scores(*chosen));
  return out;
}

}  // namespace core::sched
