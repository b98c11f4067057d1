// SPDX-License-Identifier: MPL-2.0
// Servers that each have a host of a network, and a data directory, to themselves: "s0.global" on host 0 and so
// on, all on the usual ports. They find each other by gossip, or by a list.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/integration/cluster.h"
#include "tests/integration/network.h"

namespace integration {

inline constexpr Ports kUsualPorts{4646, 4647, 4648};

struct Hosting {
  int servers = 3;                           // on the first hosts, started at once
  int spare = 0;                             // on the next ones, for start(); they join the others
  bool listed = false;                       // by static_peers, not by gossip
  std::string in_server = {}, beside = {};   // HCL
  std::map<int, std::string> data_dirs = {}; // of those that are not to have one of their own
};

// What a server says of the cluster's members, from its log.
struct Peer {
  std::string id, node, address;
  bool voter = false;
  friend bool operator==(const Peer&, const Peer&) = default;
};
std::vector<Peer> raft_peers(const Agent& by);

class HostedServers {
 public:
  // Returns when one of them leads.
  explicit HostedServers(Network& network, Hosting hosting = {});
  // Paused ones go on, so that they can end.
  ~HostedServers();

  Agent& operator[](int i) { return *servers_[static_cast<std::size_t>(i)]; }
  // With the spare ones.
  int size() const { return static_cast<int>(servers_.size()); }
  std::string rpc(int i) const { return network_.address(i) + ":4647"; }
  std::string serf(int i) const { return network_.address(i) + ":4648"; }
  const std::string& data_dir(int i) const { return data_dirs_[static_cast<std::size_t>(i)]; }
  void start(int i);
  // SIGKILL, and waits for the end.
  void kill(int i);
  // Its host has another address from now on. REQUIRES: it does not run.
  void readdress(int i);
  // Whom that server holds for the leader; -1: nobody, or it does not answer.
  int leader_seen_by(int i);
  // Whom a majority of all that were ever started holds for the leader; -1: nobody.
  int leader();
  // One that runs, does not lead, and is none of these; waits until there is a leader to tell by.
  int follower(const std::vector<int>& but = {});
  // The one at that address as `by` knows it, or as it becomes known soon.
  std::optional<Peer> peer(int by, const std::string& address);
  // All that run agree that so many vote.
  bool voters_become(int count);
  // All that run take that one for "alive", "failed", "left".
  bool becomes_everywhere(int i, const std::string& status);

 private:
  std::string config(int i) const;

  Network& network_;
  Hosting hosting_;
  std::vector<std::unique_ptr<Directory>> directories_;
  std::vector<std::string> data_dirs_;
  std::vector<std::unique_ptr<Agent>> servers_;
  int started_ = 0;
};

}  // namespace integration
