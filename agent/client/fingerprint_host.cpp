// SPDX-License-Identifier: MPL-2.0
#include <sys/utsname.h>
#include <unistd.h>

#include "agent/client/drivers/signals.h"
#include "agent/client/executor/posix.h"
#include "agent/client/fingerprint.h"

namespace agent::client {
namespace {

// KEY=value or KEY="value", a line each.
std::string release_value(const std::string& text, const std::string& key) {
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const auto end = std::min(text.find('\n', at), text.size());
    if (text.compare(at, key.size() + 1, key + "=") == 0) {
      auto value = text.substr(at + key.size() + 1, end - at - key.size() - 1);
      if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'')) value = value.substr(1, value.size() - 2);
      return value;
    }
    if (end == text.size()) break;
  }
  return "";
}

}  // namespace

void fingerprint_host(const FingerprintOptions& options, Fingerprint& out) {
  auto& attributes = out.attributes;
  auto release = posix::read_file(options.root + "/etc/os-release");
  if (!release.ok()) release = posix::read_file(options.root + "/usr/lib/os-release");
  if (release.ok()) {
    attributes["os.name"] = release_value(*release, "ID");
    attributes["os.version"] = release_value(*release, "VERSION_ID");
  }
  utsname name{};
  if (::uname(&name) == 0) {
    attributes["kernel.name"] = "linux";
    attributes["kernel.version"] = name.release;
    attributes["unique.hostname"] = name.nodename;
  }
  attributes["os.signals"] = signal_names();
}

}  // namespace agent::client
