// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/signals.h"

#include <algorithm>
#include <csignal>

#include "core/base/integer.h"

namespace agent::client {
namespace {

struct Name {
  std::string_view name;
  int number;
};
// By name, as the node attribute lists them.
constexpr Name kNames[] = {
    {"SIGABRT", SIGABRT}, {"SIGALRM", SIGALRM}, {"SIGBUS", SIGBUS},       {"SIGCHLD", SIGCHLD}, {"SIGCONT", SIGCONT},
    {"SIGFPE", SIGFPE},   {"SIGHUP", SIGHUP},   {"SIGILL", SIGILL},       {"SIGINT", SIGINT},   {"SIGIO", SIGIO},
    {"SIGIOT", SIGIOT},   {"SIGKILL", SIGKILL}, {"SIGPIPE", SIGPIPE},     {"SIGPROF", SIGPROF}, {"SIGQUIT", SIGQUIT},
    {"SIGSEGV", SIGSEGV}, {"SIGSTOP", SIGSTOP}, {"SIGSYS", SIGSYS},       {"SIGTERM", SIGTERM}, {"SIGTRAP", SIGTRAP},
    {"SIGTSTP", SIGTSTP}, {"SIGTTIN", SIGTTIN}, {"SIGTTOU", SIGTTOU},     {"SIGURG", SIGURG},   {"SIGUSR1", SIGUSR1},
    {"SIGUSR2", SIGUSR2}, {"SIGWINCH", SIGWINCH}, {"SIGXCPU", SIGXCPU},   {"SIGXFSZ", SIGXFSZ},
};

}  // namespace

std::optional<int> signal_number(std::string_view name) {
  if (const auto number = core::parse_integer<int>(name)) return *number > 0 && *number < NSIG ? number : std::nullopt;
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (!upper.starts_with("SIG")) upper.insert(0, "SIG");
  for (const auto& known : kNames)
    if (known.name == upper) return known.number;
  return std::nullopt;
}

std::string signal_names() {
  std::string all;
  for (const auto& known : kNames) {
    if (!all.empty()) all += ",";
    all += known.name;
  }
  return all;
}

}  // namespace agent::client
