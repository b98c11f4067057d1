// SPDX-License-Identifier: MPL-2.0
// Servers and the network between them: who is up, who leads, and what must hold at any moment.
#pragma once

#include <memory>
#include <vector>

#include "tests/sim/network.h"
#include "tests/sim/node.h"

namespace sim {

class Cluster {
 public:
  Cluster(World& world, Ledger& ledger, const Options& options);

  // Starts all servers for the first time and makes them a cluster.
  void start();
  // Starts a server that is down. One whose disk fails it meanwhile stays down; one that calls its
  // files damaged breaks the history.
  void start(Node& node);
  // No faults any more, everybody up, and soon a member again.
  void heal();

  // The others see their connections to this server break, most of them, one soon after the other: as
  // they do when it dies, and now and then when it does not.
  void break_connections(const Node& node);
  // Asks this server to remove a member or to add a server that is none, whatever it thinks of it.
  void change_members(Node& asked);
  // Asks this server to hand leadership over, to anybody.
  void move_leadership(Node& asked);

  const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }
  Network& network() { return network_; }
  // The server that leads, by its own account and in the newest term; null if there is none.
  Node* leader() const;
  // A server that leads by its own account, be it that of a term that is over; null if there is none.
  Node* claimant() const;
  // A server that is up, drawn at random; null if there is none.
  Node* any() const;

 private:
  Node* one_of(const std::vector<Node*>& nodes) const;
  void introduce();
  void bring_back_members();
  void mend(Node& node);
  void watch(Node& node, core::Index seen);

  World& world_;
  Options options_;
  mutable core::Rng rng_;  // asking who is up draws, too
  Network network_;
  std::vector<std::unique_ptr<Node>> nodes_;
  core::raft::Configuration configuration_;  // the first one
  std::uint64_t asked_ = 0;                  // of operators
};

}  // namespace sim
