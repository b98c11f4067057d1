// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/load/measure.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace bench {
namespace {

std::string slurp(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

double kilobytes(const std::string& text, const std::string& key) {
  const auto at = text.find("\n" + key + ":");
  return at == std::string::npos ? 0 : std::stod(text.substr(at + key.size() + 2));
}

// The fields of /proc/<pid>/stat behind the command's name.
std::vector<std::string> stat_fields(pid_t pid) {
  const auto text = slurp("/proc/" + std::to_string(pid) + "/stat");
  const auto end = text.rfind(')');
  std::vector<std::string> fields;
  if (end == std::string::npos) return fields;
  std::istringstream in(text.substr(end + 1));
  for (std::string field; in >> field;) fields.push_back(field);
  return fields;
}

}  // namespace

Memory memory_of(pid_t pid) {
  const auto text = slurp("/proc/" + std::to_string(pid) + "/smaps_rollup");
  return {kilobytes(text, "Rss") / 1024, kilobytes(text, "Pss") / 1024};
}

Seconds cpu_of(pid_t pid) {
  const auto fields = stat_fields(pid);
  if (fields.size() < 13) return Seconds(0);
  return Seconds((std::stod(fields[11]) + std::stod(fields[12])) / static_cast<double>(::sysconf(_SC_CLK_TCK)));
}

std::vector<pid_t> descendants(pid_t pid) {
  std::multimap<pid_t, pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto child = static_cast<pid_t>(std::stol(name));
    if (const auto fields = stat_fields(child); fields.size() > 1) children.emplace(static_cast<pid_t>(std::stol(fields[1])), child);
  }
  std::vector<pid_t> found, look{pid};
  while (!look.empty()) {
    const auto parent = look.back();
    look.pop_back();
    for (auto [it, end] = children.equal_range(parent); it != end; ++it) {
      found.push_back(it->second);
      look.push_back(it->second);
    }
  }
  return found;
}

std::string command_of(pid_t pid) {
  auto text = slurp("/proc/" + std::to_string(pid) + "/cmdline");
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

double percentile(std::vector<double> samples, double percent) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  const auto at = static_cast<std::size_t>(percent / 100 * static_cast<double>(samples.size()));
  return samples[std::min(at, samples.size() - 1)];
}

void row(const std::string& name, double value, const std::string& unit, const std::string& note) {
  std::printf("%-58s %12.2f %-8s %s\n", name.c_str(), value, unit.c_str(), note.c_str());
  std::fflush(stdout);
}

}  // namespace bench
