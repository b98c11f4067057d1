// SPDX-License-Identifier: MPL-2.0
#include <optional>
#include <utility>

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

// A command about the one server that -peer-id or -peer-address names.
struct Named {
  std::string id, address;
  Api api;

  // False: `code` is the exit code. `error` begins the messages.
  bool parse(const Context& context, Arguments arguments, std::string_view help, std::string_view command, const std::string& error, int& code) {
    Flags flags;
    api.add_flags(flags);
    flags.text("peer-id", id).text("peer-address", address);
    const auto words = flags.parse(arguments);
    if (!words.ok()) return code = usage_error(context, words.error().detail, help), false;
    if (!words->empty())
      return code = fail(context, "This command takes no arguments\nFor additional help try 'nomad operator raft " + std::string(command) + " -help'"), false;
    if (!id.empty() && !address.empty()) return code = fail(context, error + "cannot give both an address and id"), false;
    return true;
  }
  bool empty() const { return id.empty() && address.empty(); }
  Api::Parameters parameters() const {
    if (empty()) return {};
    return {address.empty() ? std::pair<std::string, std::string>("id", id) : std::pair<std::string, std::string>("address", address)};
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
  const std::string error = "Error removing peer: ";
  int code = 0;
  Named peer;
  if (!peer.parse(context, std::move(arguments), help::kRaftRemovePeer, "remove-peer", error, code)) return code;
  if (peer.empty()) return fail(context, error + "an address or id is required for the peer to remove");
  if (const auto connected = peer.api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto reply = peer.api.remove("/v1/operator/raft/peer", peer.parameters());
  if (!reply.ok()) return fail(context, error + reply.error().detail);
  context.ui.out("Removed peer with " + peer.text());
  return 0;
}

int operator_raft_transfer_leadership(const Context& context, Arguments arguments) {
  const std::string error = "Error transferring leadership: ";
  int code = 0;
  Named peer;
  if (!peer.parse(context, std::move(arguments), help::kRaftTransferLeadership, "transfer-leadership", error, code)) return code;
  if (const auto connected = peer.api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto reply = peer.api.put("/v1/operator/raft/transfer-leadership", "", peer.parameters());
  if (!reply.ok()) return fail(context, error + reply.error().detail);
  HandedOver handed;
  if (const auto decoded = core::decode(reply->body.root(), handed); !decoded.ok()) return fail(context, error + decoded.error().detail);
  if (handed.noop) context.ui.out("The peer with " + peer.text() + " leads already");
  else if (handed.to) context.ui.out("Transferred leadership to peer with id \"" + handed.to->id + "\" and address \"" + handed.to->address + "\"");
  else context.ui.out("Transferred leadership");
  return 0;
}

}  // namespace cli
