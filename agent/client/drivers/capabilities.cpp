// SPDX-License-Identifier: MPL-2.0
#include "agent/client/drivers/capabilities.h"

#include <algorithm>
#include <optional>

namespace agent::client {
namespace {

using core::Errc;
using core::Error;
using core::Result;

// In the order of their numbers, capabilities(7).
constexpr std::string_view kNames[] = {
    "chown",           "dac_override",  "dac_read_search", "fowner",       "fsetid",           "kill",          "setgid",
    "setuid",          "setpcap",       "linux_immutable", "net_bind_service", "net_broadcast", "net_admin",    "net_raw",
    "ipc_lock",        "ipc_owner",     "sys_module",      "sys_rawio",    "sys_chroot",       "sys_ptrace",    "sys_pacct",
    "sys_admin",       "sys_boot",      "sys_nice",        "sys_resource", "sys_time",         "sys_tty_config", "mknod",
    "lease",           "audit_write",   "audit_control",   "setfcap",      "mac_override",     "mac_admin",     "syslog",
    "wake_alarm",      "block_suspend", "audit_read",      "perfmon",      "bpf",              "checkpoint_restore"};
constexpr std::uint64_t kAll = (1ULL << std::size(kNames)) - 1;

Result<std::uint64_t> bits_of(const std::vector<std::string>& names) {
  std::uint64_t bits = 0;
  for (auto name : names) {
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (name.starts_with("cap_")) name.erase(0, 4);
    if (name == "all") {
      bits = kAll;
      continue;
    }
    const auto* found = std::find(std::begin(kNames), std::end(kNames), name);
    if (found == std::end(kNames)) return Error{Errc::invalid, "unknown capability \"" + name + "\""};
    bits |= 1ULL << (found - std::begin(kNames));
  }
  return bits;
}

std::string names_of(std::uint64_t bits) {
  std::string out;
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if ((bits >> i & 1) == 0) continue;
    if (!out.empty()) out += ", ";
    out += kNames[i];
  }
  return out;
}

}  // namespace

const std::vector<std::string>& default_capabilities() {
  static const std::vector<std::string> names = {"audit_write", "chown",   "dac_override", "fowner", "fsetid", "kill",
                                                 "net_bind_service", "setfcap", "setgid",  "setpcap", "setuid", "sys_chroot"};
  return names;
}

Result<std::uint64_t> capability_set(const std::vector<std::string>& allowed, const std::vector<std::string>& add,
                                     const std::vector<std::string>& drop) {
  TRY(const auto usual, bits_of(default_capabilities()));
  TRY(auto may, bits_of(allowed));
  if (allowed.empty()) may = usual;
  TRY(const auto more, bits_of(add));
  TRY(const auto less, bits_of(drop));
  if ((more & ~may) != 0)
    return Error{Errc::denied, "driver does not allow the following capabilities: " + names_of(more & ~may)};
  return (usual & may & ~less) | more;
}

}  // namespace agent::client
