// SPDX-License-Identifier: MPL-2.0
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "core/base/fields.h"

namespace cli {
namespace {

struct Peer {
  std::string node, id, address, protocol;
  bool leader = false, voter = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Node", self.node);
    visit("ID", self.id);
    visit("Address", self.address);
    visit("RaftProtocol", self.protocol);
    visit("Leader", self.leader);
    visit("Voter", self.voter);
  }
};
struct Peers {
  std::vector<Peer> servers;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("Servers", self.servers); }
};

}  // namespace

int operator_raft_list_peers(const Context& context, Arguments arguments) {
  bool stale = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("stale", stale);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kRaftListPeers);
  if (!words->empty()) return fail(context, "This command takes no arguments\nFor additional help try 'nomad operator raft list-peers -help'");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  Api::Parameters parameters;
  if (stale) parameters.emplace_back("stale", "true");
  const auto reply = api.get("/v1/operator/raft/configuration", parameters);
  if (!reply.ok()) return fail(context, "Error getting peers: Failed to retrieve raft configuration: " + reply.error().detail);
  Peers peers;
  if (const auto decoded = core::decode(reply->body.root(), peers); !decoded.ok()) return fail(context, "Error getting peers: " + decoded.error().detail);
  std::vector<Row> rows{{"Node", "ID", "Address", "State", "Voter", "RaftProtocol"}};
  for (const auto& peer : peers.servers)
    rows.push_back({peer.node, peer.id, peer.address, peer.leader ? "leader" : "follower", peer.voter ? "true" : "false", peer.protocol});
  context.ui.out(table(rows));
  return 0;
}

}  // namespace cli
