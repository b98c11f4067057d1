// SPDX-License-Identifier: MPL-2.0
// A task's environment, and ${...}: NOMAD_* variables in the spellings of every release, node
// attributes and meta, the host's own environment, the task's env block, in rising precedence.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/model/alloc.h"
#include "core/model/node.h"

namespace core::client {

struct EnvSource {  // all of it borrowed for the call
  const model::Allocation& alloc;  // with its job
  const model::Task& task;
  const model::Node& node;
  std::string_view region;
  // As the task sees them: inside its root, if it has one of its own.
  std::string_view alloc_dir, task_dir, secrets_dir;
  // The agent's environment, for tasks that run the host's programs; null for others.
  const std::map<std::string, std::string>* host_env = nullptr;
};

class TaskEnv {
 public:
  // REQUIRES: source.alloc.job has the allocation's group.
  explicit TaskEnv(const EnvSource& source);

  // What the process gets.
  const std::map<std::string, std::string>& variables() const { return variables_; }
  // "${NAME}", "${env["NAME"]}", "${attr.x}", "${meta.x}", "${node.datacenter}" ... replaced; what is
  // unknown stays as it is written.
  std::string replace(std::string_view text) const;
  // The same in every string inside a JSON value.
  json::Raw replace(const json::Raw& value) const;
  // "$NAME" and "${NAME}" from the variables alone, as the first releases did with arguments.
  std::string replace_shell_style(std::string_view text) const;

 private:
  const std::string* find(std::string_view name) const;

  std::map<std::string, std::string> variables_;
  std::map<std::string, std::string> node_;  // node.*, attr.*, meta.*
};

// Variables that must not leak from the agent's environment into tasks.
bool withheld_from_tasks(std::string_view name);

}  // namespace core::client
