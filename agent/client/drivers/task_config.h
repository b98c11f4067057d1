// SPDX-License-Identifier: MPL-2.0
// Reads a task's driver configuration: any JSON, with ${...} replaced. Numbers and booleans may be
// text and text may be a number, because job files of every generation are accepted.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/client/env.h"

namespace agent::client {

class TaskConfig {
 public:
  // Both borrowed.
  TaskConfig(const core::model::Task& task, const core::client::TaskEnv& env) : task_(task), env_(env) {}

  // An error that names the first option not among these.
  core::Status only(std::initializer_list<std::string_view> known) const;
  bool has(const std::string& key) const { return find(key) != nullptr; }
  core::Result<std::string> text(const std::string& key, std::string_view fallback = "") const;
  core::Result<bool> boolean(const std::string& key, bool fallback) const;
  core::Result<std::int64_t> number(const std::string& key, std::int64_t fallback) const;
  core::Result<core::Duration> duration(const std::string& key, core::Duration fallback) const;
  // A list; or one line, split as a shell would and with $NAME replaced afterwards.
  core::Result<std::vector<std::string>> words(const std::string& key) const;

 private:
  const core::json::Raw* find(const std::string& key) const;

  const core::model::Task& task_;
  const core::client::TaskEnv& env_;
};

// 'a "b c"' -> a, b c. Quotes and backslash as in a shell; no globs, no expansion.
core::Result<std::vector<std::string>> split_shell_words(std::string_view line);

}  // namespace agent::client
