// SPDX-License-Identifier: MPL-2.0
#include "core/sched/rank.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace core::sched {
namespace {

double free_share(std::int64_t used, std::int64_t capacity) {
  return capacity > 0 ? 1.0 - static_cast<double>(used) / static_cast<double>(capacity) : 0.0;
}

// Twice as fast as pow().
double power_of_ten(double x) { return std::exp2(x * std::numbers::ln10 / std::numbers::ln2); }

}  // namespace

// Google's BestFit v3: the tenth power makes the last free tenth of a node dearer than the first.
double fit_score(const model::Amount& used, const model::Amount& capacity, Algorithm algorithm) {
  const double room = power_of_ten(free_share(used.cpu, capacity.cpu)) +
                      power_of_ten(free_share(used.memory_mb, capacity.memory_mb));
  const double score = algorithm == Algorithm::binpack ? 20.0 - room : room - 2.0;
  return std::clamp(score, 0.0, kFitScoreMax);
}

double anti_affinity_score(std::int64_t collisions, std::int64_t desired_count) {
  return -static_cast<double>(collisions + 1) / static_cast<double>(std::max<std::int64_t>(1, desired_count));
}

Affinities::Affinities(const model::Job& job, const model::TaskGroup& group) {
  const auto add = [this](const std::vector<model::Affinity>& affinities) {
    for (const auto& affinity : affinities) {
      rules_.push_back({Predicate(affinity), affinity.weight});
      weight_sum_ += static_cast<double>(std::abs(affinity.weight));
    }
  };
  add(job.affinities);
  add(group.affinities);
  for (const auto& task : group.tasks) add(task.affinities);
}

bool Affinities::by_class() const {
  return std::none_of(rules_.begin(), rules_.end(), [](const Rule& rule) { return rule.predicate.unique(); });
}

double Affinities::score(const model::Node& node) const {
  if (weight_sum_ == 0) return 0;
  double sum = 0;
  for (const auto& rule : rules_)
    if (rule.predicate.holds(node)) sum += static_cast<double>(rule.weight);
  return sum / weight_sum_;
}

double Scores::mean() const {
  Mean mean{fit / kFitScoreMax, 1};
  for (const double score : {anti_affinity, affinity, penalty, spread}) mean.add(score);
  return mean.value();
}

model::ScoreMeta score_meta(const NodeId& node, const Scores& scores) {
  model::ScoreMeta out{.node = node, .scores = {{scorer::kBinpack, scores.fit / kFitScoreMax}}, .norm_score = scores.mean()};
  const auto add = [&](const char* name, double score) {
    if (score != 0) out.scores[name] = score;
  };
  add(scorer::kAntiAffinity, scores.anti_affinity);
  add(scorer::kAffinity, scores.affinity);
  add(scorer::kPenalty, scores.penalty);
  add(scorer::kSpread, scores.spread);
  return out;
}

std::map<std::string, double> legacy_scores(const NodeId& node, const Scores& scores) {
  std::map<std::string, double> out{{node.text + "." + scorer::kBinpack, scores.fit}};
  if (scores.anti_affinity != 0)
    out[node.text + "." + scorer::kAntiAffinity] = scores.anti_affinity * kFitScoreMax;
  return out;
}

}  // namespace core::sched
