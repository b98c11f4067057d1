// SPDX-License-Identifier: MPL-2.0
#include <algorithm>
#include <set>

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "core/base/fields.h"
#include "core/base/version.h"
#include "core/model/job.h"

namespace cli {
namespace {

struct Member {
  std::string name, addr, status;
  std::int64_t port = 0, protocol = 0;
  std::map<std::string, std::string> tags;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("Addr", self.addr);
    visit("Port", self.port);
    visit("Status", self.status);
    visit("ProtocolCur", self.protocol);
    visit("Tags", self.tags);
  }
  std::string tag(const char* key) const {
    const auto it = tags.find(key);
    return it == tags.end() ? "" : it->second;
  }
};

core::Result<std::vector<Member>> members_of(const Api& api) {
  TRY(const auto reply, api.get("/v1/agent/members"));
  const auto root = reply.body.root();
  auto list = root;
  if (root.kind() == core::json::Kind::object) {
    const auto found = root.find("Members");
    if (!found.present) return core::Error{core::Errc::corrupt, "the answer has no Members"};
    list = found.value;
  }
  std::vector<Member> members;
  if (!list.is_null()) TRY(core::decode(list, members));
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.name < b.name; });
  return members;
}

std::string tag_list(const Member& member) {
  std::string out;
  for (const auto& [key, value] : member.tags) out += (out.empty() ? "" : ",") + key + "=" + value;
  return out;
}

struct Leaders {
  std::map<std::string, std::string> rpc;  // by region: where the leader's RPC is
  std::vector<std::string> errors;         // of regions that did not tell
};

Leaders leaders(const Api& api, const std::vector<Member>& members) {
  Leaders out;
  std::set<std::string> regions;
  for (const auto& member : members)
    if (member.status != "left") regions.insert(member.tag("region"));
  for (const auto& region : regions) {
    const auto reply = api.get("/v1/status/leader", {{"region", region}});
    if (!reply.ok()) out.errors.push_back("Region \"" + region + "\": " + reply.error().detail);
    else if (reply->body.root().kind() == core::json::Kind::string) out.rpc[region] = reply->body.root().string();
  }
  return out;
}

int show_members(const Context& context, const Api& api, const std::vector<Member>& members, Style style) {
  if (style == Style::v0_1_2) {
    std::vector<Row> rows{{"Name", "Addr", "Port", "Status", "Proto", "Build", "DC", "Region"}};
    for (const auto& m : members)
      rows.push_back({m.name, m.addr, std::to_string(m.port), m.status, std::to_string(m.protocol), m.tag("build"), m.tag("dc"), m.tag("region")});
    context.ui.out(table(rows, ""));
    return 0;
  }
  const auto leading = leaders(api, members);
  std::vector<Row> rows{{"Name", "Address", "Port", "Status", "Leader", "Protocol", "Build", "Datacenter", "Region"}};
  for (const auto& m : members) {
    const auto leader = leading.rpc.find(m.tag("region"));
    const bool leads = leader != leading.rpc.end() && leader->second == m.addr + ":" + m.tag("port");
    rows.push_back({m.name, m.addr, std::to_string(m.port), m.status, leads ? "true" : "false", std::to_string(m.protocol), m.tag("build"), m.tag("dc"), m.tag("region")});
  }
  context.ui.out(table(rows, ""));
  if (leading.errors.empty()) return 0;
  context.ui.out("");
  return fail(context, "Error determining leaders: " + core::model::multi_error(leading.errors));
}

}  // namespace

int server_members(const Context& context, Arguments arguments, Style style) {
  bool detailed = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("detailed", detailed);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kMembers);
  if (!words->empty()) return fail(context, style == Style::v0_1_2 ? std::string(help::kMembers) : "This command takes no arguments\nFor additional help try 'nomad server members -help'");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto members = members_of(api);
  if (!members.ok()) return fail(context, "Error querying servers: " + members.error().detail);
  if (!detailed) return show_members(context, api, *members, style);
  std::vector<Row> rows{{"Name", style == Style::v0_1_2 ? "Addr" : "Address", "Port", "Tags"}};
  for (const auto& m : *members) rows.push_back({m.name, m.addr, std::to_string(m.port), tag_list(m)});
  context.ui.out(table(rows, ""));
  return 0;
}

int client_config(const Context& context, Arguments arguments, Style style) {
  bool servers = false, update = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("servers", servers).boolean("update-servers", update);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kClientConfig);
  if ((!servers && !update) || (update && words->empty()))
    return fail(context, style == Style::v0_1_2 ? help::kClientConfig : "The '-servers' or '-update-servers' flag(s) must be set");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  if (update) {
    Api::Parameters addresses;
    for (const auto& word : *words) addresses.emplace_back("address", word);
    const auto reply = api.put("/v1/agent/servers", "", addresses);
    if (!reply.ok()) return fail(context, "Error updating server list: " + reply.error().detail);
    if (style == Style::v1_1_0) context.ui.out("Updated server list");
    return 0;
  }
  const auto reply = api.get("/v1/agent/servers");
  if (!reply.ok()) return fail(context, "Error querying server list: " + reply.error().detail);
  std::vector<std::string> list;
  if (const auto decoded = core::decode(reply->body.root(), list); !decoded.ok())
    return fail(context, "Error querying server list: " + decoded.error().detail);
  for (const auto& address : list) context.ui.out(address);
  return 0;
}

int agent_info(const Context& context, Arguments arguments) {
  Flags flags;
  Api api;
  api.add_flags(flags);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kAgentInfo);
  if (!words->empty()) return fail(context, help::kAgentInfo);
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto reply = api.get("/v1/agent/self");
  if (!reply.ok()) return fail(context, "Error querying agent info: failed querying self endpoint: " + reply.error().detail);
  std::map<std::string, std::map<std::string, std::string>> stats;
  if (const auto found = reply->body.root().find("stats"); found.present && !found.value.is_null())
    if (const auto decoded = core::decode(found.value, stats); !decoded.ok())
      return fail(context, "Error querying agent info: " + decoded.error().detail);
  for (const auto& [section, values] : stats) {
    context.ui.out(section);
    for (const auto& [key, value] : values) context.ui.out("  " + key + " = " + value);
  }
  return 0;
}

int system_gc(const Context& context, Arguments arguments) {
  Flags flags;
  Api api;
  api.add_flags(flags);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kSystemGc);
  if (!words->empty()) return fail(context, "This command takes no arguments\nFor additional help try 'nomad system gc -help'");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto reply = api.put("/v1/system/gc", "");
  return reply.ok() ? 0 : fail(context, "Error running system garbage-collection: " + reply.error().detail);
}

int version(const Context& context, Arguments) {
  context.ui.out("Nomad v" + std::string(core::kVersion));
  return 0;
}

}  // namespace cli
