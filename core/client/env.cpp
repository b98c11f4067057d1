// SPDX-License-Identifier: MPL-2.0
#include "core/client/env.h"

#include <algorithm>
#include <array>

#include "core/base/assert.h"
#include "core/client/env_ports.h"

namespace core::client {
namespace {

using Env = std::map<std::string, std::string>;

constexpr std::array<std::string_view, 7> kWithheld = {
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "CONSUL_HTTP_TOKEN", "CONSUL_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS", "VAULT_TOKEN"};

void set_if(Env& env, const std::string& name, std::string_view value) {
  if (!value.empty()) env[name] = value;
}

void add_limits(const model::Resources& resources, Env& env) {
  env["NOMAD_CPU_LIMIT"] = std::to_string(resources.cpu);
  env["NOMAD_MEMORY_LIMIT"] = std::to_string(resources.memory_mb);
  if (resources.memory_max_mb > 0) env["NOMAD_MEMORY_MAX_LIMIT"] = std::to_string(resources.memory_max_mb);
}

void add_names(const EnvSource& from, Env& env) {
  const auto& job = *from.alloc.job;
  env["NOMAD_ALLOC_ID"] = from.alloc.id.text;
  env["NOMAD_SHORT_ALLOC_ID"] = from.alloc.id.text.substr(0, 8);
  env["NOMAD_ALLOC_NAME"] = from.alloc.name;
  if (const auto index = model::name_index(from.alloc.name)) env["NOMAD_ALLOC_INDEX"] = std::to_string(*index);
  env["NOMAD_TASK_NAME"] = from.task.name;
  env["NOMAD_GROUP_NAME"] = from.alloc.task_group;
  env["NOMAD_JOB_ID"] = job.id.text;
  env["NOMAD_JOB_NAME"] = job.name;
  set_if(env, "NOMAD_JOB_PARENT_ID", job.parent_id);
  env["NOMAD_NAMESPACE"] = from.alloc.ns;
  set_if(env, "NOMAD_DC", from.node.datacenter);
  set_if(env, "NOMAD_REGION", from.region);
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

// The task's meta over its group's over its job's, each key as written and in capitals.
void add_meta(const EnvSource& from, Env& env) {
  const auto* group = from.alloc.job->group(from.alloc.task_group);
  ASSERT(group != nullptr);
  for (const auto* meta : {&from.alloc.job->meta, &group->meta, &from.task.meta})
    for (const auto& [key, value] : *meta) {
      const auto name = clean_name(key);
      env["NOMAD_META_" + upper(name)] = value;
      env["NOMAD_META_" + name] = value;
    }
}

Env node_values(const model::Node& node, std::string_view region) {
  Env values;
  values["node.unique.id"] = node.id.text;
  values["node.unique.name"] = node.name;
  values["node.class"] = node.node_class;
  values["node.datacenter"] = node.datacenter;
  values["node.region"] = region;
  for (std::size_t i = 0; i < node.attributes.size(); ++i)
    values["attr." + std::string(node.attributes.at(i).first)] = node.attributes.at(i).second;
  for (std::size_t i = 0; i < node.meta.size(); ++i)
    values["meta." + std::string(node.meta.at(i).first)] = node.meta.at(i).second;
  return values;
}

bool in_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

void replace_into(json::Writer& w, json::Value v, const TaskEnv& env) {
  switch (v.kind()) {
    case json::Kind::string: return w.string(env.replace(v.string()));
    case json::Kind::array:
      w.begin_array();
      for (std::size_t i = 0; i < v.size(); ++i) replace_into(w, v.element(i), env);
      return w.end_array();
    case json::Kind::object:
      w.begin_object();
      for (std::size_t i = 0; i < v.size(); ++i) {
        w.key(v.name(i));
        replace_into(w, v.member(i), env);
      }
      return w.end_object();
    case json::Kind::null:
    case json::Kind::boolean:
    case json::Kind::number: return w.raw(v.text());
  }
}

}  // namespace

bool withheld_from_tasks(std::string_view name) {
  return std::find(kWithheld.begin(), kWithheld.end(), name) != kWithheld.end();
}

TaskEnv::TaskEnv(const EnvSource& from) : node_(node_values(from.node, from.region)) {
  ASSERT(from.alloc.job != nullptr);
  auto& env = variables_;
  env["NOMAD_ALLOC_DIR"] = from.alloc_dir;
  env["NOMAD_TASK_DIR"] = from.task_dir;
  env["NOMAD_SECRETS_DIR"] = from.secrets_dir;
  const auto placed = from.alloc.task_resources.find(from.task.name);
  if (placed != from.alloc.task_resources.end()) add_limits(placed->second, env);
  else if (from.task.resources) add_limits(*from.task.resources, env);
  add_names(from, env);
  add_ports(from.alloc, from.task, env);
  add_meta(from, env);
  if (from.host_env != nullptr)
    for (const auto& [name, value] : *from.host_env)
      if (!withheld_from_tasks(name) && name.rfind("NOMAD_", 0) != 0) env[name] = value;
  // The env block may use all of the above, but not itself: its order is not the file's.
  Env own;
  for (const auto& [name, value] : from.task.env) own[replace(name)] = replace(value);
  for (auto& [name, value] : own) env[name] = std::move(value);
}

const std::string* TaskEnv::find(std::string_view name) const {
  constexpr std::string_view kOpen = "env[\"";
  if (name.starts_with(kOpen) && name.ends_with("\"]")) name = name.substr(kOpen.size(), name.size() - kOpen.size() - 2);
  else if (name.starts_with("env.")) name.remove_prefix(4);
  if (const auto it = variables_.find(std::string(name)); it != variables_.end()) return &it->second;
  if (const auto it = node_.find(std::string(name)); it != node_.end()) return &it->second;
  return nullptr;
}

std::string TaskEnv::replace(std::string_view text) const {
  std::string out;
  for (;;) {
    const auto open = text.find("${");
    const auto close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) return out.append(text);
    auto name = text.substr(open + 2, close - open - 2);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    out.append(text.substr(0, open));
    const auto* value = find(name);
    out.append(value != nullptr ? std::string_view(*value) : text.substr(open, close + 1 - open));
    text.remove_prefix(close + 1);
  }
}

json::Raw TaskEnv::replace(const json::Raw& value) const {
  if (value.text.find("${") == std::string::npos) return value;
  const auto document = json::parse(value.text);
  if (!document.ok()) return value;
  json::Writer w;
  replace_into(w, document->root(), *this);
  return {w.take()};
}

std::string TaskEnv::replace_shell_style(std::string_view text) const {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const bool braced = text.substr(i).starts_with("${");
    const auto start = i + (braced ? 2 : 1);
    auto end = start;
    while (text[i] == '$' && end < text.size() && in_name(text[end])) ++end;
    const bool is_name = text[i] == '$' && end > start && (!braced || (end < text.size() && text[end] == '}'));
    const auto found = is_name ? variables_.find(std::string(text.substr(start, end - start))) : variables_.end();
    if (found == variables_.end()) {
      out += text[i++];
      continue;
    }
    out += found->second;
    i = end + (braced ? 1 : 0);
  }
  return out;
}

}  // namespace core::client
