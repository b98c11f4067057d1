// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/cluster.h"

#include <algorithm>

#include "tests/sim/checkers.h"

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration kWatchPause = 100ms;
// Between two rounds of a server that asks others for what it lost.
constexpr core::Duration kMendPause = 500ms;
// Between two tries to make every server a member again.
constexpr core::Duration kMemberPause = 300ms;

core::raft::Peer peer_of(const Node& node) { return {.id = node.id(), .address = node.name() + ":4647", .voter = true}; }

}  // namespace

Cluster::Cluster(World& world, Ledger& ledger, const Options& options)
    : world_(world),
      options_(options),
      rng_(world.rng().fork()),
      network_(world, options.network, [this](const core::ServerId& to, const core::raft::Received& message) {
        for (auto& node : nodes_)
          if (node->id() == to) node->receive(message);
      }) {
  for (std::size_t i = 1; i <= options.servers; ++i)
    nodes_.push_back(std::make_unique<Node>(world, ledger, "server-" + std::to_string(i), options,
                                            [this](const core::ServerId& from, const core::raft::Envelope& envelope) {
                                              network_.send(from, envelope);
                                            }));
}

void Cluster::start() {
  for (auto& node : nodes_) start(*node);
}

void Cluster::start(Node& node) {
  if (node.server_up()) return;
  const auto started = node.start();
  if (!started.ok()) {
    world_.say(node.name() + " does not start: " + started.error().detail);
    if (node.mending()) return mend(node);
    // SQLite calls a schema that it could not read malformed. The next start must find it whole.
    if (started.error().code == core::Errc::corrupt && !node.disk_failed()) world_.fail(node.name() + " refuses to start: " + started.error().detail);
    return;
  }
  introduce();
  watch(node, {});
}

// Again and again, until what it lost has come back.
void Cluster::mend(Node& node) {
  world_.after(world_.rng().jitter(kMendPause), [this, &node, life = node.life()] {
    if (node.life() != life || !node.mending()) return;
    const bool done = node.mend(nodes_);
    if (!node.mending()) return;
    if (!done) return mend(node);
    node.leave_mending();
    start(node);
  });
}

// Ids are drawn by the servers themselves, so the first configuration waits until all have started.
void Cluster::introduce() {
  if (configuration_.peers.empty()) {
    for (const auto& node : nodes_)
      if (node->id().empty()) return;
    for (std::size_t i = 0; i < options_.founders; ++i) configuration_.put(peer_of(*nodes_[i]));
  }
  for (auto& node : nodes_)
    if (configuration_.is_voter(node->id())) node->bootstrap(configuration_);
}

void Cluster::break_connections(const Node& node) {
  for (const auto& other : nodes_) {
    if (other.get() == &node || rng_.chance(200)) continue;
    world_.after(rng_.jitter(options_.network.delay), [&other = *other, id = node.id()] {
      other.operate(core::raft::PeerUnreachable{id});
    });
  }
}

void Cluster::change_members(Node& asked) {
  if (!asked.alive()) return;
  const auto& node = *nodes_[rng_.below(nodes_.size())];
  if (node.id().empty()) return;
  core::raft::PeerChange change = core::raft::RemovePeer{node.id()};
  if (!asked.server().status().configuration.is_voter(node.id())) change = core::raft::AddPeer{peer_of(node)};
  asked.operate(core::raft::PeerChangeAsked{std::move(change), ++asked_});
}

void Cluster::move_leadership(Node& asked) {
  asked.operate(core::raft::TransferAsked{std::nullopt, ++asked_});
}

void Cluster::bring_back_members() {
  auto* const asked = leader();
  bool all = asked != nullptr;
  for (const auto& node : nodes_) {
    if (!asked || node->id().empty() || asked->server().status().configuration.is_voter(node->id())) continue;
    all = false;
    asked->operate(core::raft::PeerChangeAsked{core::raft::AddPeer{peer_of(*node)}, ++asked_});
  }
  if (!all) world_.after(kMemberPause, [this] { bring_back_members(); });
}

// Checks what must hold at any moment, often.
void Cluster::watch(Node& node, core::Index seen) {
  world_.after(kWatchPause, [this, &node, seen, life = node.life()] {
    if (!node.alive() || node.life() != life) return break_connections(node);
    const auto& view = *node.server().view();
    if (view.index() > seen)
      if (auto breach = check_placements(view); !breach.empty()) return world_.fail(node.name() + ": " + breach);
    watch(node, view.index());
  });
}

void Cluster::heal() {
  network_.heal();
  network_.calm();
  for (auto& node : nodes_) {
    node->calm();
    start(*node);
  }
  bring_back_members();
}

Node* Cluster::leader() const {
  Node* found = nullptr;
  for (const auto& node : nodes_) {
    if (!node->alive() || !node->server().leads()) continue;
    if (!found || node->server().status().term > found->server().status().term) found = node.get();
  }
  return found;
}

Node* Cluster::any() const {
  std::vector<Node*> up;
  for (const auto& node : nodes_)
    if (node->alive()) up.push_back(node.get());
  return one_of(up);
}

Node* Cluster::claimant() const {
  std::vector<Node*> claim;
  for (const auto& node : nodes_)
    if (node->alive() && node->server().leads()) claim.push_back(node.get());
  return one_of(claim);
}

Node* Cluster::one_of(const std::vector<Node*>& nodes) const { return nodes.empty() ? nullptr : nodes[rng_.below(nodes.size())]; }

}  // namespace sim
