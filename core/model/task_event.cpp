// SPDX-License-Identifier: MPL-2.0
// What a person reads for a task event, by its type and details.

#include "core/model/alloc.h"

#include "core/base/integer.h"

namespace core::model {
namespace {

struct Wording {
  std::string_view type;
  const char* detail;  // shown instead of the text when it is there; null for none
  std::string_view text;
};

constexpr Wording kWordings[] = {
    {"Received", nullptr, "Task received by client"},
    {"Task Setup", "message", ""},
    {"Setup Failure", "setup_error", "Task setup failed"},
    {"Failed Validation", "validation_error", "Validation of task failed"},
    {"Downloading Artifacts", nullptr, "Client is downloading artifacts"},
    {"Failed Artifact Download", "download_error", "Failed to download artifacts"},
    {"Driver", "driver_message", ""},
    {"Driver Failure", "driver_error", "Failed to start task"},
    {"Started", nullptr, "Task started by client"},
    {"Not Restarting", "restart_reason", "Task exceeded restart policy"},
    {"Restart Signaled", "restart_reason", "Task signaled to restart"},
    {"Killed", "kill_error", "Task successfully killed"},
    {"Leader Task Dead", nullptr, "Leader Task in Group dead"},
    {"Main Tasks Dead", nullptr, "Main tasks in the group died"},
};

std::string detail(const TaskEvent& event, const char* name) {
  const auto found = event.details.find(name);
  return found == event.details.end() ? std::string() : found->second;
}

// Details say durations as nanoseconds or already as text.
std::string duration_text(const std::string& text) {
  const auto ns = parse_integer<std::int64_t>(text.empty() ? "0" : text);
  return ns ? format_duration(Duration(*ns)) : text;
}

std::string terminated(const TaskEvent& event) {
  auto text = "Exit Code: " + (detail(event, "exit_code").empty() ? "0" : detail(event, "exit_code"));
  const auto signal = detail(event, "signal"), message = detail(event, "exit_message");
  if (!signal.empty() && signal != "0") text += ", Signal: " + signal;
  if (!message.empty()) text += ", Exit Message: \"" + message + "\"";
  return text;
}

std::string restarting(const TaskEvent& event) {
  const auto reason = detail(event, "restart_reason");
  const auto in = "Task restarting in " + duration_text(detail(event, "start_delay"));
  return reason.empty() || reason == "Restart within policy" ? in : reason + " - " + in;
}

std::string killing(const TaskEvent& event) {
  if (const auto reason = detail(event, "kill_reason"); !reason.empty()) return reason;
  if (const auto timeout = detail(event, "kill_timeout"); !timeout.empty())
    return "Sent interrupt. Waiting " + duration_text(timeout) + " before force killing";
  return "Sent interrupt";
}

std::string signaling(const TaskEvent& event) {
  auto text = "Task being sent signal " + detail(event, "signal");
  if (const auto reason = detail(event, "task_signal_reason"); !reason.empty()) text += ": " + reason;
  return text;
}

}  // namespace

std::string display_message(const TaskEvent& event) {
  if (!event.display_message.empty()) return event.display_message;
  if (event.type == "Terminated") return terminated(event);
  if (event.type == "Restarting") return restarting(event);
  if (event.type == "Killing") return killing(event);
  if (event.type == "Signaling") return signaling(event);
  if (event.type == "Sibling Task Failed")
    return "Task's sibling \"" + detail(event, "failed_sibling") + "\" failed";
  for (const auto& wording : kWordings) {
    if (wording.type != event.type) continue;
    auto own = wording.detail ? detail(event, wording.detail) : std::string();
    return own.empty() ? std::string(wording.text) : own;
  }
  return detail(event, "message");
}

}  // namespace core::model
