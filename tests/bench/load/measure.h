// SPDX-License-Identifier: MPL-2.0
// What is measured of a process and of a series of samples.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Memory {
  double resident_mb = 0, proportional_mb = 0;
};
Memory memory_of(pid_t pid);
// User and system time used so far.
Seconds cpu_of(pid_t pid);
// Processes whose parent chain leads to `pid`, not counting it.
std::vector<pid_t> descendants(pid_t pid);
std::string command_of(pid_t pid);

// The value below which `percent` of the samples lie.
double percentile(std::vector<double> samples, double percent);

// One measurement of what a row of the table is about. Rounds of a scenario add to the same rows.
void row(const std::string& name, double value, const std::string& unit, const std::string& note = "");
// Prints the rows so far and forgets them: mean, standard deviation, and the range that holds the true mean
// with 95 % confidence (Student's t). Adds them to the file named by BENCH_TABLE, one per line, separated
// by tabs: name, unit, mean, deviation, low, high.
void print_rows();

}  // namespace bench
