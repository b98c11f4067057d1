// SPDX-License-Identifier: MPL-2.0
#include <map>
#include <string>

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "core/base/fields.h"
#include "net/secure/credentials.h"

namespace cli {
namespace {

struct Installed {
  std::map<std::string, std::int64_t> keys;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) { visit("Keys", self.keys); }
};

int misused(const Context& context, std::string_view why) {
  return fail(context, std::string(why) + "\nFor additional help try 'nomad operator keyring -help'");
}

int list(const Context& context, const Api& api) {
  context.ui.out("Gathering installed encryption keys...");
  const auto reply = api.get("/v1/agent/keyring/list");
  if (!reply.ok()) return fail(context, "error: " + reply.error().detail);
  Installed installed;
  if (const auto decoded = core::decode(reply->body.root(), installed); !decoded.ok()) return fail(context, "error: " + decoded.error().detail);
  std::vector<Row> rows{{"Key"}};
  for (const auto& [key, servers] : installed.keys) rows.push_back({key});
  context.ui.out(table(rows));
  return 0;
}

int change(const Context& context, const Api& api, const std::string& op, const std::string& key) {
  core::json::Writer w;
  w.begin_object();
  w.key("Key");
  w.string(key);
  w.end_object();
  const auto reply = api.put("/v1/agent/keyring/" + op, w.take());
  return reply.ok() ? 0 : fail(context, "error: " + reply.error().detail);
}

}  // namespace

int operator_keygen(const Context& context, Arguments arguments) {
  std::string cluster;
  Flags flags;
  flags.text("clients-of", cluster);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kKeygen);
  if (cluster.empty()) return context.ui.out(net::secure::generate_key()), 0;
  const auto key = net::secure::parse_key(cluster);
  if (!key.ok()) return fail(context, "Invalid encryption key: " + key.error().detail);
  context.ui.out(format_key(net::secure::client_key_of(*key)));
  return 0;
}

int operator_keyring(const Context& context, Arguments arguments) {
  bool listed = false;
  std::string installed, used, removed;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("list", listed).text("install", installed).text("use", used).text("remove", removed);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kOperatorKeyring);
  const auto actions = static_cast<int>(listed) + static_cast<int>(!installed.empty()) + static_cast<int>(!used.empty()) + static_cast<int>(!removed.empty());
  if (actions == 0) return misused(context, "No actionable argument was passed");
  if (actions > 1) return misused(context, "Only a single action is allowed");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  if (listed) return list(context, api);
  if (!installed.empty()) {
    context.ui.out("Installing new gossip encryption key...");
    return change(context, api, "install", installed);
  }
  if (!used.empty()) {
    context.ui.out("Changing primary gossip encryption key...");
    return change(context, api, "use", used);
  }
  context.ui.out("Removing gossip encryption key...");
  return change(context, api, "remove", removed);
}

}  // namespace cli
