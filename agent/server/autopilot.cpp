// SPDX-License-Identifier: MPL-2.0
#include "agent/server/autopilot.h"

#include <algorithm>
#include <utility>

#include "agent/server/server_tags.h"

namespace agent::server {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration kRound = 2s;  // as Nomad asks for its servers' health

}  // namespace

core::server::Autopilot::Config autopilot_config(const config::Config& config, core::Duration heartbeat_interval) {
  const auto& given = config.autopilot;
  return {.cleanup_dead_servers = given.cleanup_dead_servers.value_or(true),
          .last_contact_threshold = std::max(given.last_contact_threshold, 2 * heartbeat_interval),
          .max_trailing_logs = static_cast<std::uint64_t>(given.max_trailing_logs),
          .min_quorum = static_cast<std::size_t>(given.min_quorum),
          .stabilization_time = given.server_stabilization_time};
}

Autopilot::Autopilot(net::uv::Loop& loop, ServerDriver& driver, GossipHost& host, core::server::Autopilot::Config config, core::Logger logger)
    : loop_(loop), driver_(driver), host_(host), rules_(config), log_(std::move(logger)), timer_(loop, [this] { round(); }) {}

void Autopilot::look() {
  if (!timer_.armed()) timer_.arm(loop_.now());
}

void Autopilot::round() {
  if (!driver_.leads()) rules_.rest();
  if (driver_.leader() != driver_.self() || driver_.configuration().peers.size() < 2) return;
  timer_.arm(loop_.now() + kRound);
  if (!driver_.leads()) return;
  std::map<core::ServerId, core::server::Autopilot::Heard> heard;
  std::map<core::ServerId, std::string> names;
  host_.members().for_each([&](const core::gossip::Member& member) {
    const auto server = server_in(member);
    if (!server) return;
    heard.insert_or_assign(server->id, core::server::Autopilot::Heard{.lives = member.lives(), .since = member.changed_at});
    names.insert_or_assign(server->id, member.name);
  });
  const auto advice = rules_.look(driver_.status(), heard, loop_.now());
  for (const auto& id : advice.take_out) {
    LOG(log_, info, "a server failed and did not come back: it counts as one that left", {"name", names[id]}, {"id", id});
    host_.force_leave(names[id], false);
  }
  if (!advice.promote.empty()) promote(advice.promote.front());
}

void Autopilot::promote(const core::ServerId& id) {
  if (promoting_) return;
  promoting_ = true;
  LOG(log_, info, "a server is stable: it becomes a voter", {"id", id});
  driver_.change_peers(core::raft::PromotePeer{id}, lifetime_.guard([this](const core::Status& promoted) {
    promoting_ = false;
    if (!promoted.ok()) LOG(log_, warn, "a server is no voter yet", {"error", promoted.error()});
  }));
}

}  // namespace agent::server
