// SPDX-License-Identifier: MPL-2.0
#include "core/sched/spread.h"

#include <algorithm>

namespace core::sched {
namespace {

constexpr double kUnwanted = -1;
const std::string kAnyOther = "*";

// Values nobody uses yet count only once one of them is used: the first placement is free to go anywhere.
struct Range {
  std::int64_t least = 0, most = 0;
};
Range used_range(const std::vector<std::int64_t>& counts) {
  Range range;
  for (const auto count : counts) {
    if (count <= 0) continue;
    range.least = range.least == 0 ? count : std::min(range.least, count);
    range.most = std::max(range.most, count);
  }
  return range;
}

double even(std::int64_t current, Range range) {
  if (range.most == 0) return 0;
  if (current != range.least) return static_cast<double>(range.least - current) / static_cast<double>(range.least);
  if (range.least == range.most) return kUnwanted;
  return static_cast<double>(range.most - range.least) / static_cast<double>(range.least);
}

}  // namespace

Spreads::Spreads(Peers& peers, const model::Job& job, Peers::GroupIndex group) : peers_(peers) {
  const auto& wanted = job.groups[group];
  double sum = 0;
  for (const auto* list : {&job.spreads, &wanted.spreads})
    for (const auto& spread : *list) sum += static_cast<double>(spread.weight);
  for (const auto* list : {&wanted.spreads, &job.spreads})
    for (const auto& spread : *list)
      add(spread, group, wanted.count.value_or(1), sum > 0 ? static_cast<double>(spread.weight) / sum : 0);
}

void Spreads::add(const model::Spread& spread, Peers::GroupIndex group, std::int64_t count, double weight) {
  Block block{.property = peers_.track(spread.attribute, group), .weight = weight, .desired = {}, .boosts = {}};
  double sum = 0;
  for (const auto& target : spread.targets) {
    const double desired = static_cast<double>(target.percent) / 100 * static_cast<double>(count);
    block.desired[target.value] = desired;
    sum += desired;
  }
  if (sum > 0 && sum < static_cast<double>(count)) block.desired.try_emplace(kAnyOther, static_cast<double>(count) - sum);
  blocks_.push_back(std::move(block));
}

double Spreads::targeted(const Block& block, const std::string& value, std::int64_t used) const {
  auto desired = block.desired.find(value);
  if (desired == block.desired.end()) desired = block.desired.find(kAnyOther);
  if (desired == block.desired.end() || desired->second <= 0) return kUnwanted;
  return (desired->second - static_cast<double>(used)) / desired->second * block.weight;
}

void Spreads::refresh() {
  for (auto& block : blocks_) {
    const auto& property = peers_.property(block.property);
    const auto range = used_range(property.counts());
    block.boosts.resize(property.counts().size());
    for (std::size_t value = 0; value < block.boosts.size(); ++value) {
      const auto count = property.counts()[value];
      block.boosts[value] = block.desired.empty() ? even(count, range)
                                                  : targeted(block, property.values()[value], count + 1);
    }
  }
}

double Spreads::score(HostIndex host) const {
  double sum = 0;
  for (const auto& block : blocks_) {
    const auto value = peers_.property(block.property).at(host);
    sum += value == PropertyCounts::kMissing ? kUnwanted : block.boosts[static_cast<std::size_t>(value)];
  }
  return sum;
}

}  // namespace core::sched
