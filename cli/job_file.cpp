// SPDX-License-Identifier: MPL-2.0
#include "cli/job_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "core/jobspec/decode.h"

extern char** environ;

namespace cli {
namespace {

using core::Errc;
using core::Error;
using core::jobspec::NamedValue;

core::Result<NamedValue> named(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return Error{Errc::invalid, "-var wants 'name=value', found '" + text + "'"};
  return NamedValue{text.substr(0, equals), text.substr(equals + 1)};
}

// Variables given as NOMAD_VAR_<name>.
std::vector<NamedValue> from_environment() {
  constexpr std::string_view kPrefix = "NOMAD_VAR_";
  std::vector<NamedValue> values;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    values.push_back({std::string(text.substr(kPrefix.size(), equals - kPrefix.size())), std::string(text.substr(equals + 1))});
  }
  return values;
}

core::Result<core::jobspec::Options> options_of(const JobFileOptions& given) {
  core::jobspec::Options options;
  options.hcl1 = given.hcl1;
  options.inputs.environment = from_environment();
  for (const auto& path : given.variable_files) {
    TRY(auto text, read_file(path));
    options.inputs.files.push_back({path, std::move(text)});
  }
  for (const auto& text : given.variables) {
    TRY(auto value, named(text));
    options.inputs.flags.push_back(std::move(value));
  }
  return options;
}

}  // namespace

core::Result<std::string> read_file(const std::string& path) {
  const int file = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Error{Errc::not_found, path + ": " + std::strerror(errno)};
  std::string text;
  char buffer[64 * 1024];
  ssize_t got = 0;
  while ((got = ::read(file, buffer, sizeof buffer)) > 0 && text.size() <= core::limits::kHttpBodyBytesMax)
    text.append(buffer, static_cast<std::size_t>(got));
  const int problem = got < 0 ? errno : 0;
  if (file != STDIN_FILENO) ::close(file);
  if (problem != 0) return Error{Errc::io, path + ": " + std::strerror(problem)};
  if (text.size() > core::limits::kHttpBodyBytesMax)
    return Error{Errc::too_large, path + ": over the limit of " + std::to_string(core::limits::kHttpBodyBytesMax) + " bytes"};
  return text;
}

core::Result<core::model::Job> read_job(const std::string& path, const JobFileOptions& given, Style style) {
  const auto before = style == Style::v0_1_2 ? "Error parsing job file " + path + ": " : "Error getting job struct: Error parsing job file from " + path + ":\n";
  const auto failed = [&](const Error& error) { return Error{error.code, before + error.detail}; };
  auto options = options_of(given);
  if (!options.ok()) return failed(options.error());
  const auto text = read_file(path);
  if (!text.ok()) return failed(text.error());
  auto job = core::jobspec::parse_job(*text, path == "-" ? "stdin" : path, *options);
  if (!job.ok()) return failed(job.error());
  return job;
}

}  // namespace cli
