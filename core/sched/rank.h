// SPDX-License-Identifier: MPL-2.0
// How good a place is. Each scorer gives a number that is good when high; a node's score is the mean of
// the scorers that have something to say about it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/model/eval.h"
#include "core/model/job.h"
#include "core/model/node.h"
#include "core/sched/constraint.h"

namespace core::sched {

enum class Algorithm { binpack, spread };

namespace scorer {  // the names in AllocMetric
inline constexpr const char* kBinpack = "binpack";
inline constexpr const char* kAntiAffinity = "job-anti-affinity";
inline constexpr const char* kAffinity = "node-affinity";
inline constexpr const char* kPenalty = "node-reschedule-penalty";
inline constexpr const char* kSpread = "allocation-spread";
}  // namespace scorer

// With binpack 0 for an empty node and kFitScoreMax for a full one, with spread the reverse. `used`
// includes what is to be placed.
inline constexpr double kFitScoreMax = 18;
double fit_score(const model::Amount& used, const model::Amount& capacity, Algorithm algorithm);

// Negative where the group runs already; REQUIRES: collisions > 0.
double anti_affinity_score(std::int64_t collisions, std::int64_t desired_count);

// A node where the allocation failed before.
inline constexpr double kPenaltyScore = -1;

// The job's, group's and tasks' affinities as one score in [-1, 1].
class Affinities {
 public:
  Affinities(const model::Job& job, const model::TaskGroup& group);
  bool empty() const { return rules_.empty(); }
  // All nodes of a computed class score alike.
  bool by_class() const;
  double score(const model::Node& node) const;

 private:
  struct Rule {
    Predicate predicate;
    std::int64_t weight;
  };
  std::vector<Rule> rules_;
  double weight_sum_ = 0;  // of absolute weights
};

// The scorers' verdicts on one node; zero means a scorer has nothing to say, but for the fit.
struct Scores {
  double fit = 0;  // 0..kFitScoreMax
  double anti_affinity = 0, affinity = 0, penalty = 0, spread = 0;

  double mean() const;
};
// The mean being worked out: scorers join in any order.
struct Mean {
  double sum = 0;
  int said = 0;

  void add(double score) {
    if (score == 0) return;
    sum += score;
    ++said;
  }
  double value() const { return sum / said; }
};
// What a placement records of them: by scorer, the fit in [0, 1], scorers that said nothing left out;
// and as v0.1.x reads it, keyed "NODEID.SCORER", on the scale of the fit.
model::ScoreMeta score_meta(const NodeId& node, const Scores& scores);
std::map<std::string, double> legacy_scores(const NodeId& node, const Scores& scores);

}  // namespace core::sched
