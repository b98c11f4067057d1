// SPDX-License-Identifier: MPL-2.0
// What this machine offers, found out by looking: attributes for constraints, resources for placing.
// One look at one subject a file. What cannot be found out is left out, never a reason not to start.
//
// Names are those of today; canonical job files use them too (core/model rewrites older spellings).
// What differs on every machine is named "unique.": it does not count for a node's class.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/client/drivers/driver.h"
#include "core/base/log.h"

namespace agent::client {

struct FingerprintOptions {
  std::string root;                 // put before /proc, /sys and /etc: another machine's files
  std::string alloc_dir;            // whose file system is offered
  std::string network_interface;    // empty: that of the default route, else any, else loopback
  std::int64_t network_speed = 0;   // Mbit/s; 0: as the interface says
  std::int64_t cpu_total_compute = 0, memory_total_mb = 0;  // 0: as found
  std::string version, revision;    // of this agent
  std::string advertise_address;    // its HTTP address
};

struct Fingerprint {
  std::map<std::string, std::string> attributes;
  core::model::Resources resources;
  std::map<std::string, core::model::DriverInfo> drivers;
};

void fingerprint_arch(const FingerprintOptions& options, Fingerprint& out);
void fingerprint_cpu(const FingerprintOptions& options, Fingerprint& out);
void fingerprint_memory(const FingerprintOptions& options, Fingerprint& out);
void fingerprint_storage(const FingerprintOptions& options, Fingerprint& out);
void fingerprint_host(const FingerprintOptions& options, Fingerprint& out);
void fingerprint_network(const FingerprintOptions& options, Fingerprint& out);
void fingerprint_cgroup(const FingerprintOptions& options, Fingerprint& out);
// `now` stamps what each driver says of itself.
void fingerprint_drivers(const std::vector<Driver*>& drivers, core::WallTime now, Fingerprint& out);

// All of the above but the drivers, and the agent's version.
Fingerprint fingerprint_machine(const FingerprintOptions& options);

}  // namespace agent::client
