// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/gossip/options.h"

namespace sim::gossip {
namespace {

using std::chrono::milliseconds;

// Among more, a network that falls apart again and again makes more news than objections can overtake.
constexpr std::size_t kStrictMost = 60;

std::size_t draw_members(core::Rng& rng) {
  const auto size = rng.below(100);
  if (size < 75) return 3 + rng.below(10);
  if (size < 98) return 13 + rng.below(48);
  return 100 + rng.below(200);
}

test::GossipNetwork draw_network(core::Rng& rng, bool strict) {
  test::GossipNetwork out;
  out.delay_max = out.delay_min + milliseconds(rng.between(1, rng.chance(200) ? 60 : 5));
  if (rng.chance(600)) out.loss_per_mille = static_cast<std::uint32_t>(rng.below(strict ? 51 : 300));
  if (rng.chance(500)) out.duplicate_per_mille = static_cast<std::uint32_t>(rng.below(300));
  if (rng.chance(400)) out.broken_streams_per_mille = static_cast<std::uint32_t>(rng.below(300));
  return out;
}

FaultOptions draw_faults(core::Rng& rng) {
  FaultOptions out;
  out.pause = milliseconds(rng.between(200, 4000));
  out.crashes = rng.chance(700);
  out.partitions = rng.chance(500);
  out.pauses = rng.chance(400);
  out.slowness = rng.chance(300);
  out.leaves = rng.chance(400);
  out.rotations = rng.chance(300);
  return out;
}

}  // namespace

Options draw_options(core::Rng& rng, std::size_t members) {
  Options out;
  const auto drawn = draw_members(rng);
  out.members = members != 0 ? members : drawn;
  const bool strict = rng.chance(700) && out.members <= kStrictMost;
  if (strict && out.members > 2) out.bystanders = 2 + rng.below(out.members - 2);
  out.network = draw_network(rng, strict);
  out.wan = rng.chance(200);
  out.regions = rng.chance(300) ? 2 + rng.below(3) : 1;
  if (out.wan && out.regions > 1) out.network.between_regions = milliseconds(rng.between(10, 150));
  if (rng.chance(400)) out.drift_per_mille = static_cast<std::int64_t>(rng.below(21));
  if (rng.chance(600)) out.forgery = milliseconds(rng.between(20, 500));
  out.faults = draw_faults(rng);
  return out;
}

std::string to_string(const Options& options) {
  const auto ms = [](core::Duration d) { return std::to_string(d / milliseconds(1)) + "ms"; };
  const auto flag = [](bool on, const char* word) { return on ? std::string(" ") + word : std::string(); };
  const auto& network = options.network;
  const auto& faults = options.faults;
  return std::to_string(options.members) + " members, " + std::to_string(options.bystanders) + " of them bystanders, in " +
         std::to_string(options.regions) + " regions" + flag(options.wan, "(wan)") + "; network " + ms(network.delay_max) + " +" +
         ms(network.between_regions) + " lost " + std::to_string(network.loss_per_mille) + " doubled " +
         std::to_string(network.duplicate_per_mille) + " broken " + std::to_string(network.broken_streams_per_mille) + "; drift " +
         std::to_string(options.drift_per_mille) + "; forgery every " + ms(options.forgery) + "; faults every " + ms(faults.pause) + ":" +
         flag(faults.crashes, "crashes") + flag(faults.partitions, "partitions") + flag(faults.pauses, "pauses") +
         flag(faults.slowness, "slowness") + flag(faults.leaves, "leaves") + flag(faults.rotations, "rotations");
}

}  // namespace sim::gossip
