// SPDX-License-Identifier: MPL-2.0
#include <algorithm>

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "core/base/fields.h"

namespace cli {
namespace {

struct Joined {
  std::int64_t count = 0;
  std::string error;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("num_joined", self.count);
    visit("error", self.error);
  }
};

struct Named {
  std::string name;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
  }
};

// Agents take any name, as Nomad's do; whoever mistyped one should know.
void warn_of_unknown(const Context& context, const Api& api, const std::string& name) {
  const auto reply = api.get("/v1/agent/members");
  if (!reply.ok()) return;
  const auto list = reply->body.root().find("Members");
  std::vector<Named> members;
  if (!list.present || !core::decode(list.value, members).ok()) return;
  if (std::none_of(members.begin(), members.end(), [&](const Named& member) { return member.name == name; }))
    context.ui.err("Warning: no server is named \"" + name + "\"; nomad server-members lists their names");
}

}  // namespace

int server_join(const Context& context, Arguments arguments, Style style) {
  Flags flags;
  Api api;
  api.add_flags(flags);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kServerJoin);
  if (words->empty())
    return fail(context, style == Style::v0_1_2 ? std::string(help::kServerJoin) : "One or more node addresses must be given as arguments\nFor additional help try 'nomad server join -help'");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  Api::Parameters addresses;
  for (const auto& word : *words) addresses.emplace_back("address", word);
  const auto reply = api.put("/v1/agent/join", "", std::move(addresses));
  if (!reply.ok()) return fail(context, "Error joining: failed joining: " + reply.error().detail);
  Joined joined;
  if (const auto decoded = core::decode(reply->body.root(), joined); !decoded.ok()) return fail(context, "Error joining: " + decoded.error().detail);
  if (!joined.error.empty()) return fail(context, "Error joining: failed joining: " + joined.error);
  context.ui.out("Joined " + std::to_string(joined.count) + " servers successfully");
  return 0;
}

int server_force_leave(const Context& context, Arguments arguments, Style style) {
  Flags flags;
  Api api;
  api.add_flags(flags);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kServerForceLeave);
  if (words->size() != 1)
    return fail(context, style == Style::v0_1_2 ? std::string(help::kServerForceLeave) : "This command takes one argument: <node>\nFor additional help try 'nomad server force-leave -help'");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto& name = words->front();
  const auto reply = api.put("/v1/agent/force-leave", "", {{"node", name}});
  if (!reply.ok()) return fail(context, "Error force-leaving server " + name + ": " + reply.error().detail);
  warn_of_unknown(context, api, name);
  return 0;
}

}  // namespace cli
