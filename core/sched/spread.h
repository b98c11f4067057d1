// SPDX-License-Identifier: MPL-2.0
// The spread blocks of a group and its job as one score: a boost for nodes whose property value has
// fewer of the group's allocations than it should.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/model/job.h"
#include "core/sched/peers.h"

namespace core::sched {

class Spreads {
 public:
  // Starts tracking the properties it needs in `peers`, which must outlive it.
  Spreads(Peers& peers, const model::Job& job, Peers::GroupIndex group);
  bool empty() const { return blocks_.empty(); }
  // Works the boosts out anew; to be called once before the hosts are scored for a placement.
  void refresh();
  // Zero when spread does not matter here.
  double score(HostIndex host) const;

 private:
  struct Block {
    Peers::Property property;
    double weight;  // its share of all weights
    std::map<std::string, double> desired;  // by value; empty: spread evenly
    std::vector<double> boosts;             // by value, as of the last refresh()
  };
  void add(const model::Spread& spread, Peers::GroupIndex group, std::int64_t count, double weight);
  double targeted(const Block& block, const std::string& value, std::int64_t used) const;

  Peers& peers_;
  std::vector<Block> blocks_;
};

}  // namespace core::sched
