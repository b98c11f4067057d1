// SPDX-License-Identifier: MPL-2.0
// Cores and their speed. A task asks for MHz: what it gets is a share of the sum over all cores.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "agent/client/executor/posix.h"
#include "agent/client/fingerprint.h"

namespace agent::client {
namespace {

constexpr std::int64_t kUnknownMhz = 1000;  // a core of a machine that does not say

struct Cpus {
  std::int64_t count = 0;
  double mhz_sum = 0;
  std::string model;
};

// "model name\t: AMD EPYC"
bool value_of(std::string_view line, std::string_view key, std::string_view& value) {
  if (!line.starts_with(key)) return false;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  return true;
}

Cpus parse(std::string_view text) {
  Cpus cpus;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::string_view value;
    if (value_of(line, "processor", value)) ++cpus.count;
    else if (value_of(line, "cpu MHz", value)) cpus.mhz_sum += std::strtod(std::string(value).c_str(), nullptr);
    else if (cpus.model.empty() && value_of(line, "model name", value)) cpus.model = value;
  }
  return cpus;
}

// What the cores can do at most, where the kernel scales them; 0 where it does not.
double scaling_mhz(const std::string& root) {
  const auto text = posix::read_file(root + "/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq");
  return text.ok() ? std::strtod(text->c_str(), nullptr) / 1000 : 0;
}

}  // namespace

void fingerprint_cpu(const FingerprintOptions& options, Fingerprint& out) {
  const auto text = posix::read_file(options.root + "/proc/cpuinfo");
  auto cpus = text.ok() ? parse(*text) : Cpus{};
  cpus.count = std::max<std::int64_t>(cpus.count, 1);
  auto mhz = scaling_mhz(options.root);
  if (mhz <= 0) mhz = cpus.mhz_sum / static_cast<double>(cpus.count);
  const auto whole_mhz = mhz > 0 ? static_cast<std::int64_t>(std::llround(mhz)) : kUnknownMhz;
  const auto total = options.cpu_total_compute > 0 ? options.cpu_total_compute : whole_mhz * cpus.count;
  if (!cpus.model.empty()) out.attributes["cpu.modelname"] = cpus.model;
  out.attributes["cpu.frequency"] = std::to_string(whole_mhz);
  out.attributes["cpu.numcores"] = std::to_string(cpus.count);
  out.attributes["cpu.totalcompute"] = std::to_string(total);
  out.resources.cpu = total;
}

}  // namespace agent::client
