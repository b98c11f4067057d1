// SPDX-License-Identifier: MPL-2.0
// Messages between servers: late, out of order, twice, or never. Now and then a bit of what they carry turns over.
#pragma once

#include <functional>
#include <vector>

#include "core/raft/io.h"
#include "tests/sim/options.h"
#include "tests/sim/world.h"
#include "tests/support/links.h"

namespace sim {

class Network {
 public:
  using Deliver = std::function<void(const core::ServerId& to, const core::raft::Received& message)>;
  Network(World& world, NetworkOptions options, Deliver deliver);

  void send(const core::ServerId& from, const core::raft::Envelope& envelope);

  // What `from` sends no longer reaches `to`.
  void cut(const core::ServerId& from, const core::ServerId& to) { links_.cut(from, to); }
  // Draws a partition of these servers.
  void fall_apart(std::vector<core::ServerId> servers, core::Rng& rng) { links_.fall_apart(std::move(servers), rng); }
  // These servers no longer hear of those in the other half of them.
  void part(std::vector<core::ServerId> servers, core::Rng& rng);
  void heal() { links_.heal(); }
  // From now on nothing is lost, doubled, damaged or astray any more.
  void calm() {
    links_.calm();
    options_ = {.delay = options_.delay};
  }

 private:
  core::raft::Message damaged(core::raft::Message message);

  World& world_;
  Deliver deliver_;
  test::Links<core::ServerId> links_;
  NetworkOptions options_;
};

}  // namespace sim
