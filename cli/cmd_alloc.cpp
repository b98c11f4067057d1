// SPDX-License-Identifier: MPL-2.0
#include <algorithm>
#include <cstdio>

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/lookup.h"
#include "cli/monitor.h"
#include "cli/usage.h"
#include "core/base/fields.h"
#include "core/model/alloc.h"

namespace cli {
namespace {

using core::model::Allocation;
using core::model::AllocMetric;
using core::model::TaskState;
using Lines = std::vector<std::pair<std::string, std::string>>;

std::string word(std::string_view text) { return std::string(text); }
std::string count(std::int64_t n) { return std::to_string(n); }

// What v0.1.2 shows; also of a placement that failed, which is no allocation in later terms.
struct OldAllocation {
  core::AllocId id;
  std::string eval_id, name, node_id, job_id, client_status, client_description;
  AllocMetric metrics;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("EvalID", self.eval_id);
    visit("Name", self.name);
    visit("NodeID", self.node_id);
    visit("JobID", self.job_id);
    visit("ClientStatus", self.client_status);
    visit("ClientDescription", self.client_description);
    visit("Metrics", self.metrics);
  }
};

void show_old(const Context& context, const OldAllocation& alloc) {
  const auto& metric = alloc.metrics;
  context.ui.out(key_values({{"ID", alloc.id.text},
                             {"EvalID", alloc.eval_id},
                             {"Name", alloc.name},
                             {"NodeID", alloc.node_id},
                             {"JobID", alloc.job_id},
                             {"ClientStatus", alloc.client_status},
                             {"ClientDescription", alloc.client_description},
                             {"NodesEvaluated", count(metric.nodes_evaluated)},
                             {"NodesFiltered", count(metric.nodes_filtered)},
                             {"NodesExhausted", count(metric.nodes_exhausted)},
                             {"AllocationTime", core::format_duration(metric.allocation_time)},
                             {"CoalescedFailures", count(metric.coalesced_failures)}}));
  context.ui.out("\n==> Status");
  for (const auto& line : placement_lines(alloc.id, alloc.client_status, metric)) context.ui.out(line);
}

std::string addresses(const core::model::Resources& resources) {
  std::string out;
  for (const auto& network : resources.networks)
    for (const auto* ports : {&network.reserved_ports, &network.dynamic_ports})
      for (const auto& port : *ports)
        out += (out.empty() ? "" : ", ") + port.label + ": " + network.ip + ":" + std::to_string(port.value);
  return out;
}

void show_group_ports(const Context& context, const Allocation& alloc) {
  std::vector<Row> rows{{"Label", "Dynamic", "Address"}};
  for (const auto& network : alloc.shared.networks)
    for (const auto* ports : {&network.reserved_ports, &network.dynamic_ports})
      for (const auto& port : *ports) {
        auto address = network.ip + ":" + std::to_string(port.value);
        if (port.to > 0) address += " -> " + std::to_string(port.to);
        rows.push_back({"*" + port.label, "yes", std::move(address)});
      }
  if (rows.size() > 1) context.ui.out("\nAllocation Addresses\n" + table(rows));
}

// `usage`: null when it is not known.
void show_task(const Context& context, const std::string& name, const TaskState& state, const Allocation& alloc, const TaskUsage* usage) {
  context.ui.out("\nTask \"" + name + "\" is \"" + word(core::to_word(state.state)) + "\"");
  if (const auto it = alloc.task_resources.find(name); it != alloc.task_resources.end()) {
    const auto& resources = it->second;
    constexpr std::uint64_t kMiB = 1024 * 1024;
    context.ui.out("Task Resources\n" +
                   table({{"CPU", "Memory", "Disk", "Addresses"},
                          {(usage == nullptr ? "" : count(static_cast<std::int64_t>(usage->cpu.total_ticks)) + "/") + count(resources.cpu) + " MHz",
                           (usage == nullptr ? "" : size_text(usage->memory.rss) + "/") + size_text(static_cast<std::uint64_t>(resources.memory_mb) * kMiB),
                           size_text(static_cast<std::uint64_t>(alloc.shared.disk_mb) * kMiB), addresses(resources)}}, ""));
  }
  const auto or_na = [](core::Timestamp time) { return time.at.set() ? absolute_time(time.at) : std::string("N/A"); };
  context.ui.out("\nTask Events:\n" + key_values({{"Started At", or_na(state.started_at)},
                                                  {"Finished At", or_na(state.finished_at)},
                                                  {"Total Restarts", std::to_string(state.restarts)},
                                                  {"Last Restart", or_na(state.last_restart)}}));
  std::vector<Row> rows{{"Time", "Type", "Description"}};
  for (auto event = state.events.rbegin(); event != state.events.rend(); ++event)
    rows.push_back({absolute_time(event->time), event->type, event->display_message});
  context.ui.out("\nRecent Events:\n" + table(rows));
}

void show_scores(const Context& context, const AllocMetric& metric) {
  std::vector<Row> rows{{"Node"}};
  if (!metric.score_meta.empty())
    for (const auto& [scorer, score] : metric.score_meta.front().scores) rows[0].push_back(scorer);
  rows[0].push_back("final score");
  const auto shown = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", value);
    return std::string(text);
  };
  for (const auto& meta : metric.score_meta) {
    Row row{meta.node.text};
    for (const auto& [scorer, score] : meta.scores) row.push_back(shown(score));
    row.push_back(shown(meta.norm_score));
    rows.push_back(std::move(row));
  }
  context.ui.out("\nPlacement Metrics\n" + table(rows));
}

void show_modern(const Context& context, const Api& api, const Allocation& alloc, bool verbose, bool stats) {
  const auto metrics = alloc.metrics.value();
  const auto time = [&](core::WallTime t) { return verbose ? absolute_time(t) : relative_time(t, context.now()); };
  Lines lines{{"ID", alloc.id.text},
              {"Eval ID", shown_id(alloc.eval_id.text, verbose)},
              {"Name", alloc.name},
              {"Node ID", shown_id(alloc.node_id.text, verbose)},
              {"Node Name", alloc.node_name},
              {"Job ID", alloc.job_id.text},
              {"Job Version", std::to_string(alloc.job_version)},
              {"Client Status", word(core::to_word(alloc.client_status))},
              {"Client Description", alloc.client_description},
              {"Desired Status", word(core::to_word(alloc.desired_status))},
              {"Desired Description", alloc.desired_description},
              {"Created", time(alloc.create_time)},
              {"Modified", time(alloc.modify_time)}};
  if (!alloc.next_allocation.empty()) lines.emplace_back("Replacement Alloc ID", shown_id(alloc.next_allocation.text, verbose));
  if (verbose)
    lines.insert(lines.end(), {{"Evaluated Nodes", count(metrics.nodes_evaluated)},
                               {"Filtered Nodes", count(metrics.nodes_filtered)},
                               {"Exhausted Nodes", count(metrics.nodes_exhausted)},
                               {"Allocation Time", core::format_duration(metrics.allocation_time)},
                               {"Failures", count(metrics.coalesced_failures)}});
  context.ui.out(key_values(lines));
  show_group_ports(context, alloc);
  std::map<std::string, TaskUsage> usage;
  if (alloc.client_status == core::model::ClientStatus::running) {
    auto asked = usage_of(api, alloc);
    if (asked.ok()) usage = std::move(*asked);
    else context.ui.out("\nCouldn't retrieve stats: " + asked.error().detail);
  }
  for (const auto& [name, state] : alloc.task_states) {
    const auto used = usage.find(name);
    show_task(context, name, state, alloc, used == usage.end() ? nullptr : &used->second);
    if (stats && used != usage.end()) show_usage(context, used->second);
  }
  if (verbose) show_scores(context, metrics);
}

void show_short(const Context& context, const Allocation& alloc) {
  context.ui.out(key_values({{"ID", alloc.id.text},
                             {"Name", alloc.name},
                             {"Created", relative_time(alloc.create_time, context.now())},
                             {"Modified", relative_time(alloc.modify_time, context.now())}}));
  std::vector<Row> rows{{"Name", "State", "Last Event", "Time", "Lifecycle"}};
  for (const auto& [name, state] : alloc.task_states) {
    const bool any = !state.events.empty();
    rows.push_back({name, word(core::to_word(state.state)), any ? state.events.back().type : "",
                    any ? absolute_time(state.events.back().time) : "", "main"});
  }
  context.ui.out("\nTasks\n" + table(rows));
}

}  // namespace

int alloc_status(const Context& context, Arguments arguments, Style style) {
  bool brief = false, verbose = false, json = false, stats = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("short", brief).boolean("verbose", verbose).boolean("json", json).boolean("stats", stats);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kAllocStatus);
  if (words->size() != 1) return fail(context, style == Style::v0_1_2 ? std::string(help::kAllocStatus) : "This command takes one of the following argument conditions:\n * A single <allocation>\nFor additional help try 'nomad alloc status -help'");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto id = resolve(api, kAllocs, words->front());
  if (!id.ok()) return fail(context, id.error().code == core::Errc::unavailable ? "Error querying allocation: " + id.error().detail : id.error().detail);
  const auto reply = api.get("/v1/allocation/" + path_id(*id));
  if (!reply.ok()) return fail(context, "Error querying allocation: " + reply.error().detail);
  if (json) {
    const auto text = core::json::pretty(reply->body.root().text());
    context.ui.out(text->substr(0, text->size() - 1));
    return 0;
  }
  if (style == Style::v0_1_2) {
    OldAllocation old;
    if (const auto decoded = core::decode(reply->body.root(), old); !decoded.ok())
      return fail(context, "Error querying allocation: " + decoded.error().detail);
    return show_old(context, old), 0;
  }
  Allocation alloc;
  if (const auto decoded = core::decode(reply->body.root(), alloc); !decoded.ok())
    return fail(context, "Error querying allocation: " + decoded.error().detail);
  if (brief) show_short(context, alloc);
  else show_modern(context, api, alloc, verbose, stats);
  return 0;
}

}  // namespace cli
