// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/cgroup.h"
#include "agent/client/executor/posix.h"
#include "agent/client/fingerprint.h"

namespace agent::client {

void fingerprint_cgroup(const FingerprintOptions& options, Fingerprint& out) {
  const auto text = posix::read_file(options.root + "/proc/self/mountinfo");
  if (!text.ok()) return;
  const auto tree = parse_cgroup_tree(*text);
  if (tree.mount_point().empty()) return;
  out.attributes["unique.cgroup.mountpoint"] = tree.mount_point();
  out.attributes["unique.cgroup.version"] = tree.v2() ? "v2" : "v1";
}

}  // namespace agent::client
