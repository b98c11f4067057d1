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

struct Server {
  std::string id, address;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Address", self.address);
  }
};
struct HandedOver {
  std::optional<Server> to;
  bool noop = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("To", self.to);
    visit("Noop", self.noop);
  }
};

// The server that -peer-id or -peer-address names.
struct Named {
  std::string id, address;
  Api::Parameters parameters() const {
    Api::Parameters out;
    if (!id.empty()) out.emplace_back("id", id);
    if (!address.empty()) out.emplace_back("address", address);
    return out;
  }
  std::string text() const { return address.empty() ? "id \"" + id + "\"" : "address \"" + address + "\""; }
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

int operator_raft_remove_peer(const Context& context, Arguments arguments) {
  Named peer;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.text("peer-id", peer.id).text("peer-address", peer.address);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kRaftRemovePeer);
  if (!words->empty()) return fail(context, "This command takes no arguments\nFor additional help try 'nomad operator raft remove-peer -help'");
  if (peer.id.empty() && peer.address.empty()) return fail(context, "Error removing peer: an address or id is required for the peer to remove");
  if (!peer.id.empty() && !peer.address.empty()) return fail(context, "Error removing peer: cannot give both an address and id");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto reply = api.remove("/v1/operator/raft/peer", peer.parameters());
  if (!reply.ok()) return fail(context, "Error removing peer: " + reply.error().detail);
  context.ui.out("Removed peer with " + peer.text());
  return 0;
}

int operator_raft_transfer_leadership(const Context& context, Arguments arguments) {
  Named peer;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.text("peer-id", peer.id).text("peer-address", peer.address);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kRaftTransferLeadership);
  if (!words->empty()) return fail(context, "This command takes no arguments\nFor additional help try 'nomad operator raft transfer-leadership -help'");
  if (!peer.id.empty() && !peer.address.empty()) return fail(context, "Error transferring leadership: cannot give both an address and id");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto reply = api.put("/v1/operator/raft/transfer-leadership", "", peer.parameters());
  if (!reply.ok()) return fail(context, "Error transferring leadership: " + reply.error().detail);
  HandedOver handed;
  if (const auto decoded = core::decode(reply->body.root(), handed); !decoded.ok()) return fail(context, "Error transferring leadership: " + decoded.error().detail);
  if (handed.noop) context.ui.out("The peer with " + peer.text() + " leads already");
  else if (handed.to) context.ui.out("Transferred leadership to peer with id \"" + handed.to->id + "\" and address \"" + handed.to->address + "\"");
  else context.ui.out("Transferred leadership");
  return 0;
}

}  // namespace cli
