// SPDX-License-Identifier: MPL-2.0
#include "agent/server/departures.h"

#include <utility>

#include "agent/server/departed.h"

namespace agent::server {
namespace {

using namespace std::chrono_literals;

// Another change may be under way, or leadership not taken up yet.
constexpr core::Duration kAgain = 1s;

}  // namespace

Departures::Departures(net::uv::Loop& loop, ServerDriver& driver, const GossipHost& host, core::Logger logger)
    : loop_(loop), driver_(driver), host_(host), log_(std::move(logger)), timer_(loop, [this] { remove_one(); }) {}

void Departures::look() {
  if (!timer_.armed() && !removing_) timer_.arm(loop_.now());
}

void Departures::remove_one() {
  const auto gone = departed(host_.members(), driver_.configuration());
  // Whoever leads next looks for itself.
  if (!gone || driver_.leader() != driver_.self()) return;
  if (!driver_.leads()) return timer_.arm(loop_.now() + kAgain);
  removing_ = true;
  LOG(log_, info, "removing a server that left", {"id", *gone});
  driver_.change_peers(core::raft::RemovePeer{*gone}, lifetime_.guard([this](const core::Status& removed) {
    removing_ = false;
    if (!removed.ok()) LOG(log_, warn, "a server that left is not removed yet", {"error", removed.error()});
    timer_.arm(loop_.now() + (removed.ok() ? core::Duration(0) : kAgain));
  }));
}

}  // namespace agent::server
