// SPDX-License-Identifier: MPL-2.0
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/lookup.h"
#include "core/base/fields.h"
#include "core/model/node.h"

namespace cli {
namespace {

struct DrainFlags {
  bool enable = false, disable = false, force = false, no_deadline = false, ignore_system = false;
  bool keep_ineligible = false, detach = false, yes = false;
  std::string deadline;
};

core::Result<core::Duration> deadline_of(const DrainFlags& flags) {
  using core::Errc;
  using core::Error;
  if (!flags.deadline.empty() && (flags.force || flags.no_deadline))
    return Error{Errc::invalid, "-deadline can't be combined with -force or -no-deadline"};
  if (flags.force && flags.no_deadline) return Error{Errc::invalid, "-force and -no-deadline are mutually exclusive"};
  if (flags.force) return core::Duration(-1);
  if (flags.no_deadline) return core::Duration::zero();
  if (flags.deadline.empty()) return core::Duration(std::chrono::hours(1));
  const auto given = core::parse_duration(flags.deadline);
  if (!given.ok()) return Error{Errc::invalid, "Failed to parse deadline \"" + flags.deadline + "\": " + given.error().detail};
  if (*given <= core::Duration::zero()) return Error{Errc::invalid, "A positive drain duration must be given"};
  return *given;
}

std::string drain_body(const DrainFlags& flags, core::Duration deadline) {
  core::json::Writer w;
  w.begin_object();
  w.key("DrainSpec");
  if (flags.enable) {
    w.begin_object();
    w.key("Deadline");
    w.int64(deadline.count());
    w.key("IgnoreSystemJobs");
    w.boolean(flags.ignore_system);
    w.end_object();
  } else {
    w.null();
  }
  w.key("MarkEligible");
  w.boolean(flags.disable && !flags.keep_ineligible);
  w.end_object();
  return w.take();
}

// Until the node drains no more, in blocking queries.
int watch_drain(const Context& context, const Api& api, const std::string& id) {
  std::uint64_t index = 0;
  for (;;) {
    Api::Parameters wait;
    if (index > 0) wait = {{"index", std::to_string(index)}, {"wait", "30s"}};
    const auto reply = api.get("/v1/node/" + path_id(id), wait);
    if (!reply.ok()) return fail(context, "Error monitoring node: " + reply.error().detail);
    core::model::Node node;
    if (const auto decoded = core::decode(reply->body.root(), node); !decoded.ok())
      return fail(context, "Error monitoring node: " + decoded.error().detail);
    index = reply->index;
    if (node.drain) continue;
    context.ui.out(absolute_time(context.now()) + ": Drain complete for node " + id);
    return 0;
  }
}

}  // namespace

int node_drain(const Context& context, Arguments arguments, Style style) {
  DrainFlags drain;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("enable", drain.enable).boolean("disable", drain.disable).boolean("force", drain.force);
  flags.boolean("no-deadline", drain.no_deadline).boolean("ignore-system", drain.ignore_system);
  flags.boolean("keep-ineligible", drain.keep_ineligible).boolean("detach", drain.detach).boolean("yes", drain.yes);
  flags.text("deadline", drain.deadline);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kNodeDrain);
  if (drain.enable == drain.disable)
    return fail(context, style == Style::v0_1_2 ? std::string(help::kNodeDrain) : "Either the '-enable' or '-disable' flag must be set, unless using '-monitor'");
  if (words->size() != 1)
    return fail(context, style == Style::v0_1_2 ? std::string(help::kNodeDrain) : "Node ID must be specified if -self isn't being used");
  const bool strategy = drain.force || drain.no_deadline || drain.ignore_system || !drain.deadline.empty();
  if (drain.disable && strategy) return fail(context, "-disable can't be combined with flags configuring drain strategy");
  const auto deadline = deadline_of(drain);
  if (!deadline.ok()) return fail(context, deadline.error().detail);
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto id = resolve(api, kNodes, words->front());
  if (!id.ok() && style == Style::v0_1_2)
    return fail(context, "Error toggling drain mode: " + (id.error().code == core::Errc::not_found ? "Unexpected response code: 500 (node not found)" : id.error().detail));
  if (!id.ok()) return fail(context, id.error().detail);
  if (style == Style::v0_1_2) {
    // The old switch: all work moves at once, and nothing is printed.
    const auto reply = api.put("/v1/node/" + path_id(*id) + "/drain", "", {{"enable", drain.enable ? "true" : "false"}});
    return reply.ok() ? 0 : fail(context, "Error toggling drain mode: " + reply.error().detail);
  }
  const std::string verb = drain.enable ? "enable" : "disable";
  if (*id != words->front() && !drain.yes)
    if (const auto end = unless_confirmed(context, "Are you sure you want to " + verb + " drain mode for node \"" + *id + "\"?",
                                          "Canceling drain toggle"))
      return *end;
  const auto reply = api.put("/v1/node/" + path_id(*id) + "/drain", drain_body(drain, *deadline));
  if (!reply.ok()) return fail(context, "Error updating drain specification: " + reply.error().detail);
  if (drain.disable || drain.detach) {
    context.ui.out("Node \"" + *id + "\" drain strategy " + (drain.enable ? "set" : "unset"));
    return 0;
  }
  const auto stamp = absolute_time(context.now()) + ": ";
  context.ui.out(stamp + "Ctrl-C to stop monitoring: will not cancel the node drain");
  context.ui.out(stamp + "Node \"" + *id + "\" drain strategy set");
  return watch_drain(context, api, *id);
}

int node_eligibility(const Context& context, Arguments arguments) {
  bool enable = false, disable = false;
  Flags flags;
  Api api;
  api.add_flags(flags);
  flags.boolean("enable", enable).boolean("disable", disable);
  const auto words = flags.parse(arguments);
  if (!words.ok()) return usage_error(context, words.error().detail, help::kEligibility);
  if (enable == disable) return fail(context, "Either the '-enable' or '-disable' flag must be set");
  if (words->size() != 1) return fail(context, "Node ID must be specified if -self isn't being used");
  if (const auto connected = api.connect(context); !connected.ok()) return fail(context, connected.error().detail);
  const auto id = resolve(api, kNodes, words->front());
  if (!id.ok()) return fail(context, id.error().detail);
  const std::string wanted = enable ? "eligible" : "ineligible";
  const auto reply = api.put("/v1/node/" + path_id(*id) + "/eligibility", "{\"Eligibility\":\"" + wanted + "\"}");
  if (!reply.ok()) return fail(context, "Error updating scheduling eligibility: " + reply.error().detail);
  context.ui.out("Node \"" + *id + "\" scheduling eligibility set: " + wanted + " for scheduling");
  return 0;
}

}  // namespace cli
