// SPDX-License-Identifier: MPL-2.0
#include <sys/utsname.h>

#include "agent/client/fingerprint.h"

namespace agent::client {
namespace {

// Job files name architectures as Go does.
std::string go_name(std::string_view machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  if (machine == "i386" || machine == "i686") return "386";
  if (machine.starts_with("arm")) return "arm";
  return std::string(machine);
}

}  // namespace

void fingerprint_arch(const FingerprintOptions&, Fingerprint& out) {
  utsname name{};
  if (::uname(&name) != 0) return;
  out.attributes["cpu.arch"] = out.attributes["arch"] = go_name(name.machine);
}

}  // namespace agent::client
