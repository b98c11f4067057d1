// SPDX-License-Identifier: MPL-2.0
#include "agent/client/fingerprint.h"

namespace agent::client {

Fingerprint fingerprint_machine(const FingerprintOptions& options) {
  Fingerprint out;
  fingerprint_arch(options, out);
  fingerprint_cpu(options, out);
  fingerprint_memory(options, out);
  fingerprint_storage(options, out);
  fingerprint_host(options, out);
  fingerprint_network(options, out);
  fingerprint_cgroup(options, out);
  if (!options.version.empty()) out.attributes["nomad.version"] = options.version;
  if (!options.revision.empty()) out.attributes["nomad.revision"] = options.revision;
  if (!options.advertise_address.empty()) out.attributes["nomad.advertise.address"] = options.advertise_address;
  return out;
}

}  // namespace agent::client
