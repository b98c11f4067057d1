// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/options.h"

#include <iterator>

namespace sim {
namespace {

using std::chrono::milliseconds;

core::Duration up_to(core::Rng& rng, std::int64_t most_ms) { return milliseconds(rng.between(1, most_ms)); }

NetworkOptions draw_network(core::Rng& rng) {
  NetworkOptions out;
  out.delay = up_to(rng, rng.chance(200) ? 100 : 10);
  if (rng.chance(500)) out.lost_per_mille = static_cast<std::uint32_t>(rng.below(rng.chance(200) ? 300 : 50));
  if (rng.chance(500)) out.doubled_per_mille = static_cast<std::uint32_t>(rng.below(500));
  return out;
}

FaultOptions draw_faults(core::Rng& rng, std::size_t servers) {
  FaultOptions out;
  out.pause = milliseconds(rng.between(300, 4000));
  out.power = rng.chance(900);
  out.errors = rng.chance(300);
  out.full = rng.chance(200);
  out.clock = rng.chance(300);
  out.partitions = servers > 1 && rng.chance(600);
  out.hunts = servers > 1 && rng.chance(500);
  return out;
}

// What only matters where there is more than one server.
void draw_company(core::Rng& rng, Options& out) {
  out.faults.blackouts = out.faults.power && rng.chance(300);
  out.faults.pauses = rng.chance(400);
  out.faults.members = rng.chance(400);
  if (out.faults.members && out.servers > 2 && rng.chance(500)) out.founders = 1 + rng.below(out.servers);
  if (rng.chance(300)) out.network.damaged_per_mille = static_cast<std::uint32_t>(rng.below(20));
  if (rng.chance(400)) out.network.damaged_pieces_per_mille = static_cast<std::uint32_t>(rng.below(100));
  if (rng.chance(400)) out.network.stray_per_mille = static_cast<std::uint32_t>(rng.below(30));
  out.lease_reads = rng.chance(400);
  if (rng.chance(300)) out.election = milliseconds(rng.between(300, 1500));
  // Where messages overtake each other by far, appends of single entries carry less than users write.
  if (out.network.delay <= milliseconds(10) && rng.chance(400)) out.append_bytes = std::size_t{512} << rng.below(5);
  if (rng.chance(400)) out.drift_per_mille = static_cast<std::int64_t>(rng.below(20));
}

}  // namespace

Options draw_options(core::Rng& rng, std::size_t servers) {
  constexpr std::size_t kServers[] = {1, 1, 1, 2, 3, 3, 3, 4, 5, 5};
  Options out;
  const auto drawn = kServers[rng.below(std::size(kServers))];
  out.servers = servers != 0 ? servers : drawn;
  out.clients = 1 + rng.below(5);
  out.jobs = 3 + rng.below(10);
  if (rng.chance(300)) out.node_cpu = rng.between(400, 2000);
  out.user_pause = milliseconds(rng.chance(150) ? 60 : rng.between(100, 600));
  out.timings.sync = up_to(rng, 20);
  out.timings.apply = up_to(rng, rng.chance(200) ? 200 : 20);
  out.timings.store = up_to(rng, rng.chance(300) ? 50 : 400);
  out.timings.schedule = up_to(rng, rng.chance(200) ? 200 : 20);
  out.network = draw_network(rng);
  out.faults = draw_faults(rng, out.servers);
  out.segment_bytes = std::size_t{16 * 1024} << rng.below(5);
  const bool small = rng.chance(333);
  out.snapshot_every = small ? 10 + rng.below(50) : 500 + rng.below(5000);
  out.trailing = rng.below(small ? 20 : 500);
  out.founders = out.servers;
  if (out.servers > 1) draw_company(rng, out);
  // From a copy: what follows is drawn as if this had not been. While members change, a majority may be one
  // server, and then nobody else has what rots.
  auto aside = rng;
  out.faults.rot = out.servers > 1 && !out.faults.members && aside.chance(400);
  return out;
}

std::string to_string(const Options& options) {
  const auto ms = [](core::Duration d) { return std::to_string(d / milliseconds(1)) + "ms"; };
  const auto flag = [](bool on, const char* word) { return on ? std::string(" ") + word : std::string(); };
  const auto& faults = options.faults;
  return std::to_string(options.servers) + " servers, " + std::to_string(options.clients) + " clients, " +
         std::to_string(options.jobs) + " jobs, a write every " + ms(options.user_pause) + "; sync " + ms(options.timings.sync) + ", apply " + ms(options.timings.apply) +
         ", store " + ms(options.timings.store) + ", schedule " + ms(options.timings.schedule) + ", network " + ms(options.network.delay) + " lost " +
         std::to_string(options.network.lost_per_mille) + " doubled " + std::to_string(options.network.doubled_per_mille) +
         " stray " + std::to_string(options.network.stray_per_mille) +
         "; segments of " + std::to_string(options.segment_bytes) + ", snapshot every " + std::to_string(options.snapshot_every) +
         " keeping " + std::to_string(options.trailing) + "; faults every " + ms(faults.pause) + ":" + flag(faults.power, "power") +
         flag(faults.blackouts, "blackouts") + flag(faults.errors, "errors") + flag(faults.full, "full") + flag(faults.clock, "clock") +
         flag(faults.partitions, "partitions") + flag(faults.pauses, "pauses") + flag(faults.members, "members") + flag(faults.rot, "rot") +
         flag(faults.hunts, "hunts") + "; " +
         std::to_string(options.founders) + " founders, election " + ms(options.election) + ", damaged " + std::to_string(options.network.damaged_per_mille) +
         " pieces " + std::to_string(options.network.damaged_pieces_per_mille) + " cpu " + std::to_string(options.node_cpu) +
         flag(options.lease_reads, "lease reads,") + " appends of " + std::to_string(options.append_bytes) + " drift " + std::to_string(options.drift_per_mille);
}

}  // namespace sim
