// SPDX-License-Identifier: MPL-2.0
#include "cli/monitor.h"

#include <cstdio>
#include <map>

#include "cli/alloc_stub.h"
#include "core/base/fields.h"
#include "core/model/failed_placement.h"

namespace cli {
namespace {

using core::model::EvalStatus;
using core::model::Evaluation;

// How long one blocking query may take before the next; Nomad's monitor polls once a second.
constexpr const char* kWait = "1s";

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

class Monitor {
 public:
  Monitor(const Context& context, const Api& api, MonitorOptions options)
      : context_(context), api_(api), options_(options) {}

  int follow(std::string id) {
    for (;;) {
      begin(id);
      const int code = until_done(id);
      if (code == 1 || eval_.next_eval.empty()) return code;
      id = eval_.next_eval.text;
      info("Monitoring next evaluation " + shown(id) + " in " + core::format_duration(next_wait(id)));
    }
  }

 private:
  void info(const std::string& text) const { context_.ui.out("==> " + text); }
  void detail(const std::string& text) const { context_.ui.out("    " + text); }
  int error(const std::string& text) const { return context_.ui.err("==> " + text), 1; }
  std::string shown(std::string_view id) const {
    return quoted(shown_id(id, options_.style == Style::v0_1_2 || options_.verbose));
  }

  void begin(const std::string& id) {
    eval_ = {};
    known_.clear();
    info("Monitoring evaluation " + shown(id));
  }

  int until_done(const std::string& id) {
    std::uint64_t index = 0;
    for (;;) {
      Api::Parameters wait;
      if (index > 0) wait = {{"index", std::to_string(index)}, {"wait", kWait}};
      auto reply = api_.get("/v1/evaluation/" + path_id(id), wait);
      if (!reply.ok()) return error("Error reading evaluation: " + reply.error().detail);
      index = reply->index;
      Evaluation eval;
      if (auto decoded = core::decode(reply->body.root(), eval); !decoded.ok())
        return error("Error reading evaluation: " + decoded.error().detail);
      if (const int code = show(std::move(eval)); code != 0) return code;
      if (eval_.terminal()) return finish();
    }
  }

  int show(Evaluation eval) {
    if (eval_.node_id.empty() && !eval.node_id.empty()) detail("Evaluation triggered by node " + shown(eval.node_id.text));
    if (eval_.job_id.empty() && !eval.job_id.empty()) detail("Evaluation triggered by job " + quoted(eval.job_id.text));
    auto allocs = api_.get("/v1/evaluation/" + path_id(eval.id.text) + "/allocations");
    if (!allocs.ok()) return error("Error reading allocations: " + allocs.error().detail);
    std::vector<AllocStub> list;
    if (!allocs->body.root().is_null())
      if (auto decoded = core::decode(allocs->body.root(), list); !decoded.ok())
        return error("Error reading allocations: " + decoded.error().detail);
    for (const auto& alloc : list)
      if (!alloc.failed_placement()) show_alloc(alloc, eval);
    if (options_.style == Style::v0_1_2 && eval_.failed_groups.empty()) show_unplaced(eval);
    if (eval.status != eval_.status && eval.status != EvalStatus::pending)
      detail("Evaluation status changed: " + quoted(core::to_word(eval_.status)) + " -> " + quoted(core::to_word(eval.status)));
    eval_ = std::move(eval);
    return 0;
  }

  void show_alloc(const AllocStub& alloc, const Evaluation& eval) {
    const auto [known, fresh] = known_.try_emplace(alloc.id, alloc.client_status);
    const auto where = ": node " + shown(alloc.node_id) + ", group " + quoted(alloc.task_group);
    if (fresh) {
      if (alloc.create_index < eval.create_index) detail("Allocation " + shown(alloc.id.text) + " modified" + where);
      else if (alloc.desired_status == "run") detail("Allocation " + shown(alloc.id.text) + " created" + where);
      return;
    }
    if (known->second == alloc.client_status) return;
    auto line = "Allocation " + shown(alloc.id.text) + " status changed: " + quoted(known->second) + " -> " + quoted(alloc.client_status);
    if (!alloc.client_description.empty()) line += " (" + alloc.client_description + ")";
    detail(line);
    known->second = alloc.client_status;
  }

  // Nothing is placed for these groups; v0.1.2 knows an allocation that failed instead.
  void show_unplaced(const Evaluation& eval) const {
    std::size_t rank = 0;
    for (const auto& [group, metric] : eval.failed_groups) {
      if (rank == core::model::kFailedPlacementsMax) return;
      detail("Scheduling error for group " + quoted(group) + " (failed to find a node for placement)");
      for (const auto& line : placement_lines(core::model::failed_placement_id(eval.id, rank++), "failed", metric)) detail(line);
    }
  }

  int finish() {
    auto text = "Evaluation " + shown(eval_.id.text) + " finished with status " + quoted(core::to_word(eval_.status));
    if (eval_.failed_groups.empty()) {
      info(text);
      return 0;
    }
    if (options_.style == Style::v0_1_2) return info(text), 2;
    info(text + " but failed to place all allocations:");
    for (const auto& [group, metric] : eval_.failed_groups) {
      const auto failures = metric.coalesced_failures + 1;
      detail("Task Group " + quoted(group) + " (failed to place " + std::to_string(failures) + " allocation" +
             (failures > 1 ? "s" : "") + "):");
      for (const auto& line : metric_lines(metric, "  ")) detail(line);
    }
    if (!eval_.blocked_eval.empty())
      detail("Evaluation " + shown(eval_.blocked_eval.text) + " waiting for additional capacity to place remainder");
    return 2;
  }

  core::Duration next_wait(const std::string& id) const {
    const auto next = api_.get("/v1/evaluation/" + path_id(id));
    Evaluation eval;
    if (next.ok() && core::decode(next->body.root(), eval).ok()) return eval.wait;
    return {};
  }

  const Context& context_;
  const Api& api_;
  MonitorOptions options_;
  Evaluation eval_;
  std::map<core::AllocId, std::string> known_;  // client statuses
};

}  // namespace

std::vector<std::string> placement_lines(const core::AllocId& id, std::string_view client_status, const core::model::AllocMetric& metric) {
  const auto count = [](std::int64_t n) { return std::to_string(n); };
  std::vector<std::string> lines{"Allocation " + quoted(id.text) + " status " + quoted(client_status) + " (" + count(metric.nodes_filtered) + "/" +
                                 count(metric.nodes_evaluated) + " nodes filtered)"};
  const auto bullet = [&](const std::string& text) { lines.push_back("  * " + text); };
  if (metric.nodes_evaluated == 0) bullet("No nodes were eligible for evaluation");
  for (const auto& [name, n] : metric.class_filtered) bullet("Class " + quoted(name) + " filtered " + count(n) + " nodes");
  for (const auto& [name, n] : metric.constraint_filtered) bullet("Constraint " + quoted(name) + " filtered " + count(n) + " nodes");
  if (metric.nodes_exhausted > 0) bullet("Resources exhausted on " + count(metric.nodes_exhausted) + " nodes");
  for (const auto& [name, n] : metric.class_exhausted) bullet("Class " + quoted(name) + " exhausted on " + count(n) + " nodes");
  for (const auto& [name, n] : metric.dimension_exhausted) bullet("Dimension " + quoted(name) + " exhausted on " + count(n) + " nodes");
  for (const auto& [name, score] : metric.scores) {
    char text[64];
    std::snprintf(text, sizeof text, "%f", score);
    bullet("Score " + quoted(name) + " = " + text);
  }
  return lines;
}

std::vector<std::string> metric_lines(const core::model::AllocMetric& metric, std::string_view indent) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& text) { lines.push_back(std::string(indent) + "* " + text); };
  const auto counted = [&](const std::string& what, const std::map<std::string, std::int64_t>& counts, const char* tail) {
    for (const auto& [name, count] : counts) add(what + " " + quoted(name) + tail + std::to_string(count) + " nodes");
  };
  if (metric.nodes_evaluated == 0) add("No nodes were eligible for evaluation");
  for (const auto& [datacenter, count] : metric.nodes_available)
    if (count == 0) add("No nodes are available in datacenter " + quoted(datacenter));
  for (const auto& [name, count] : metric.class_filtered)
    add("Class " + quoted(name) + ": " + std::to_string(count) + " nodes excluded by filter");
  for (const auto& [name, count] : metric.constraint_filtered)
    add("Constraint " + quoted(name) + ": " + std::to_string(count) + " nodes excluded by filter");
  if (metric.nodes_exhausted > 0) add("Resources exhausted on " + std::to_string(metric.nodes_exhausted) + " nodes");
  counted("Class", metric.class_exhausted, " exhausted on ");
  counted("Dimension", metric.dimension_exhausted, " exhausted on ");
  return lines;
}

int monitor(const Context& context, const Api& api, std::string eval_id, MonitorOptions options) {
  return Monitor(context, api, options).follow(std::move(eval_id));
}

}  // namespace cli
