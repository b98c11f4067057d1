// SPDX-License-Identifier: MPL-2.0
#include <algorithm>

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/lookup.h"
#include "cli/usage.h"
#include "core/base/fields.h"
#include "core/model/alloc.h"
#include "core/model/node.h"

namespace cli {
namespace {

using core::model::Allocation;
using core::model::Node;

struct NodeFlags {
  bool brief = false, allocs = false, self = false, verbose = false, json = false, stats = false;
};

template <class T>
core::Result<std::vector<T>> newest_first(const Api& api, const std::string& path) {
  TRY(const auto reply, api.get(path));
  std::vector<T> items;
  if (!reply.body.root().is_null()) TRY(core::decode(reply.body.root(), items));
  std::stable_sort(items.begin(), items.end(), [](const T& a, const T& b) { return a.create_index > b.create_index; });
  return items;
}

// The list stub says whether a node drains; the whole object says how.
struct Listed : Node {
  bool drains = false;
  std::string address, version;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    Node::fields(self, visit);
    visit("Drain", self.drains);
    visit("Address", self.address);
    visit("Version", self.version);
  }
};

std::string yes_no(bool value) { return value ? "true" : "false"; }

core::Result<std::string> running_on(const Api& api, const core::NodeId& node) {
  TRY(const auto allocs, newest_first<Allocation>(api, "/v1/node/" + path_id(node.text) + "/allocations"));
  return std::to_string(std::count_if(allocs.begin(), allocs.end(), [](const Allocation& alloc) {
    return alloc.client_status == core::model::ClientStatus::running;
  }));
}

int list_nodes(const Context& context, const Api& api, Style style, const NodeFlags& flags) {
  const auto nodes = newest_first<Listed>(api, "/v1/nodes");
  if (!nodes.ok()) return fail(context, "Error querying node status: " + nodes.error().detail);
  if (nodes->empty()) return 0;
  const bool modern = style == Style::v1_1_0;
  Row header{"ID", "DC", "Name", "Class"};
  if (modern && flags.verbose) header.insert(header.end(), {"Address", "Version"});
  header.push_back("Drain");
  if (modern) header.push_back("Eligibility");
  header.push_back("Status");
  if (flags.allocs) header.push_back("Running Allocs");
  std::vector<Row> rows{header};
  for (const auto& node : *nodes) {
    Row row{shown_id(node.id.text, !modern || flags.verbose), node.datacenter, node.name, node.node_class};
    if (modern && flags.verbose) row.insert(row.end(), {node.address, node.version});
    row.push_back(yes_no(node.drains));
    if (modern) row.emplace_back(core::to_word(node.eligibility));
    row.emplace_back(core::to_word(node.status));
    if (flags.allocs) {
      const auto running = running_on(api, node.id);
      if (!running.ok()) return fail(context, "Error querying node allocations: " + running.error().detail);
      row.push_back(*running);
    }
    rows.push_back(std::move(row));
  }
  context.ui.out(table(rows));
  return 0;
}

void show_old(const Context& context, const Node& node) {
  context.ui.out(key_values({{"ID", node.id.text},
                             {"Name", node.name},
                             {"Class", node.node_class},
                             {"Datacenter", node.datacenter},
                             {"Drain", yes_no(node.drain.has_value())},
                             {"Status", std::string(core::to_word(node.status))}}));
}

std::string drain_text(const Node& node) {
  if (!node.drain) return "false";
  std::string out = "true; ";
  if (node.drain->deadline < core::Duration::zero()) out += "force drain";
  else if (node.drain->deadline == core::Duration::zero()) out += "no deadline";
  else out += absolute_time(node.drain->force_deadline.at) + " deadline";
  return out + (node.drain->ignore_system_jobs ? "; ignoring system jobs" : "");
}

void show_modern(const Context& context, const Node& node, const NodeFlags& flags) {
  std::string drivers;
  for (const auto& [name, info] : *node.drivers)
    if (info.detected) drivers += (drivers.empty() ? "" : ",") + name + (info.healthy ? "" : " (unhealthy)");
  context.ui.out(key_values({{"ID", node.id.text},
                             {"Name", node.name},
                             {"Class", node.node_class},
                             {"DC", node.datacenter},
                             {"Drain", drain_text(node)},
                             {"Eligibility", std::string(core::to_word(node.eligibility))},
                             {"Status", std::string(core::to_word(node.status))},
                             {"Driver Status", drivers}}));
  if (flags.brief) return;
  std::vector<Row> events{{"Time", "Subsystem", "Message"}};
  for (auto event = node.events.rbegin(); event != node.events.rend(); ++event)
    events.push_back({absolute_time((*event)->timestamp.at), (*event)->subsystem, (*event)->message});
  context.ui.out("\nNode Events\n" + table(events));
}

void show_allocated(const Context& context, const Node& node, const std::vector<Allocation>& allocs) {
  core::model::Amount used;
  for (const auto& alloc : allocs)
    if (!alloc.terminal()) used += core::model::amount(alloc);
  const auto whole = core::model::capacity(node);
  constexpr std::uint64_t kMiB = 1024 * 1024;
  const auto of = [](std::int64_t part, std::int64_t all) {
    return size_text(static_cast<std::uint64_t>(part) * kMiB) + "/" + size_text(static_cast<std::uint64_t>(all) * kMiB);
  };
  context.ui.out("\nAllocated Resources\n" +
                 table({{"CPU", "Memory", "Disk"},
                        {std::to_string(used.cpu) + "/" + std::to_string(whole.cpu) + " MHz", of(used.memory_mb, whole.memory_mb), of(used.disk_mb, whole.disk_mb)}}));
}

void show_allocs(const Context& context, const std::vector<Allocation>& allocs, Style style, bool verbose) {
  std::vector<Row> rows;
  if (style == Style::v0_1_2) {
    rows.push_back({"ID", "EvalID", "JobID", "TaskGroup", "DesiredStatus", "ClientStatus"});
    for (const auto& alloc : allocs)
      rows.push_back({alloc.id.text, alloc.eval_id.text, alloc.job_id.text, alloc.task_group,
                      std::string(core::to_word(alloc.desired_status)), std::string(core::to_word(alloc.client_status))});
    return context.ui.out("\n### Allocations\n" + table(rows));
  }
  rows.push_back({"ID", "Node ID", "Task Group", "Version", "Desired", "Status", "Created", "Modified"});
  const auto time = [&](core::WallTime t) { return verbose ? absolute_time(t) : relative_time(t, context.now()); };
  for (const auto& alloc : allocs)
    rows.push_back({shown_id(alloc.id.text, verbose), shown_id(alloc.node_id.text, verbose), alloc.task_group,
                    std::to_string(alloc.job_version), std::string(core::to_word(alloc.desired_status)),
                    std::string(core::to_word(alloc.client_status)), time(alloc.create_time), time(alloc.modify_time)});
  context.ui.out("\nAllocations\n" + (allocs.empty() ? "No allocations placed" : table(rows)));
}

void show_attributes(const Context& context, std::string_view title, const core::model::StringMap& map) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (std::size_t i = 0; i < map.size(); ++i) lines.emplace_back(map.at(i).first, map.at(i).second);
  context.ui.out("\n" + std::string(title) + (lines.empty() ? "" : "\n" + key_values(lines)));
}

core::Result<std::string> self_id(const Api& api) {
  TRY(const auto reply, api.get("/v1/agent/self"));
  const auto root = reply.body.root();
  for (const auto* name : {"stats"})
    if (const auto stats = root.find(name); stats.present && stats.value.kind() == core::json::Kind::object)
      if (const auto client = stats.value.find("client"); client.present && client.value.kind() == core::json::Kind::object)
        if (const auto id = client.value.find("node_id"); id.present) return std::string(id.value.string());
  return core::Error{core::Errc::not_found, "The agent at " + api.address() + " is no client"};
}

int show_one(const Context& context, const Api& api, const std::string& id, Style style, const NodeFlags& flags) {
  const auto reply = api.get("/v1/node/" + path_id(id));
  if (!reply.ok()) return fail(context, "Error querying node info: " + reply.error().detail);
  if (flags.json) {
    const auto text = core::json::pretty(reply->body.root().text());
    context.ui.out(text->substr(0, text->size() - 1));
    return 0;
  }
  Node node;
  if (const auto decoded = core::decode(reply->body.root(), node); !decoded.ok())
    return fail(context, "Error querying node info: " + decoded.error().detail);
  if (style == Style::v0_1_2) show_old(context, node);
  else show_modern(context, node, flags);
  if (style == Style::v0_1_2 && flags.brief) return 0;
  const auto allocs = newest_first<Allocation>(api, "/v1/node/" + path_id(id) + "/allocations");
  if (!allocs.ok()) return fail(context, "Error querying node allocations: " + allocs.error().detail);
  if (style == Style::v1_1_0 && !flags.brief) {
    show_allocated(context, node, *allocs);
    show_host_usage(context, api, node.id, flags.stats);
  }
  show_allocs(context, *allocs, style, flags.verbose);
  if (style == Style::v1_1_0 && flags.verbose) {
    show_attributes(context, "Attributes", node.attributes);
    show_attributes(context, "Meta", node.meta);
  }
  return 0;
}

}  // namespace

int node_status(const Context& context, Arguments arguments, Style style) {
  NodeFlags node;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("short", node.brief).boolean("allocs", node.allocs).boolean("self", node.self);
  flags.boolean("verbose", node.verbose).boolean("json", node.json).boolean("stats", node.stats);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kNodeStatus);
  if (words->size() > 1) return fail(context, help::kNodeStatus);
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  if (words->empty() && !node.self) return list_nodes(context, api, style, node);
  const auto id = node.self ? self_id(api) : resolve(api, kNodes, words->front());
  if (!id.ok() && style == Style::v0_1_2 && id.error().code == core::Errc::not_found)
    return fail(context, "Error querying node info: Unexpected response code: 404 (node not found)");
  if (!id.ok() && id.error().code == core::Errc::not_found && !node.self)
    return fail(context, "No node(s) with prefix \"" + words->front() + "\" found");
  if (!id.ok()) return fail(context, id.error().code == core::Errc::unavailable ? "Error querying node info: " + id.error().detail : id.error().detail);
  return show_one(context, api, *id, style, node);
}

}  // namespace cli
