// SPDX-License-Identifier: MPL-2.0
#include <charconv>

#include "agent/client/executor/posix.h"
#include "agent/client/fingerprint.h"

namespace agent::client {
namespace {

std::int64_t total_kib(const std::string& meminfo) {
  const auto at = meminfo.find("MemTotal:");
  if (at == std::string::npos) return 0;
  const auto digits = meminfo.find_first_of("0123456789", at);
  if (digits == std::string::npos) return 0;
  std::int64_t kib = 0;
  std::from_chars(meminfo.data() + digits, meminfo.data() + meminfo.size(), kib);
  return kib;
}

}  // namespace

void fingerprint_memory(const FingerprintOptions& options, Fingerprint& out) {
  const auto text = posix::read_file(options.root + "/proc/meminfo");
  auto bytes = text.ok() ? total_kib(*text) * 1024 : 0;
  if (options.memory_total_mb > 0) bytes = options.memory_total_mb << 20;
  if (bytes <= 0) return;
  out.attributes["memory.totalbytes"] = std::to_string(bytes);
  out.resources.memory_mb = bytes >> 20;
}

}  // namespace agent::client
