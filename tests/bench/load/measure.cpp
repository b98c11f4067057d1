// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/load/measure.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
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

namespace {

struct Row {
  std::string name, unit, note;
  std::vector<double> samples;
};
std::vector<Row>& rows() {
  static std::vector<Row> all;
  return all;
}

struct Spread {
  double mean = 0, deviation = 0, margin = 0;
};

// Half the width of the 95 % interval in standard errors, by degrees of freedom.
double student_t(std::size_t freedom) {
  static constexpr double kValues[] = {12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26};
  return freedom <= std::size(kValues) ? kValues[freedom - 1] : 1.96;
}

Spread spread_of(const std::vector<double>& samples) {
  const auto count = static_cast<double>(samples.size());
  Spread out{.mean = std::accumulate(samples.begin(), samples.end(), 0.0) / count};
  if (samples.size() < 2) return out;
  double squares = 0;
  for (const auto sample : samples) squares += (sample - out.mean) * (sample - out.mean);
  out.deviation = std::sqrt(squares / (count - 1));
  out.margin = student_t(samples.size() - 1) * out.deviation / std::sqrt(count);
  return out;
}

}  // namespace

void row(const std::string& name, double value, const std::string& unit, const std::string& note) {
  auto it = std::find_if(rows().begin(), rows().end(), [&](const Row& row) { return row.name == name; });
  if (it == rows().end()) it = rows().insert(it, {.name = name, .unit = unit, .note = {}, .samples = {}});
  it->samples.push_back(value);
  it->note = note;
}

void print_rows() {
  const char* path = std::getenv("BENCH_TABLE");
  std::ofstream table;
  if (path != nullptr) table.open(path, std::ios::app);
  for (const auto& row : rows()) {
    const auto [mean, deviation, margin] = spread_of(row.samples);
    std::printf("%-50s %10.2f +- %-8.2f [%.2f, %.2f] %s %s\n", row.name.c_str(), mean, deviation, mean - margin, mean + margin,
                row.unit.c_str(), row.note.c_str());
    if (table) table << row.name << '\t' << row.unit << '\t' << mean << '\t' << deviation << '\t' << mean - margin << '\t' << mean + margin << '\n';
  }
  std::fflush(stdout);
  rows().clear();
}

}  // namespace bench
