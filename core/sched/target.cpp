// SPDX-License-Identifier: MPL-2.0
#include "core/sched/target.h"

#include <algorithm>
#include <array>

namespace core::sched {
namespace {

constexpr std::string_view kUnique = "unique.";

// What v0.1.2 called an attribute, and what it is called since. Job files use either; so do nodes.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kRenamed{{
    {"arch", "cpu.arch"},
    {"hostname", "unique.hostname"},
    {"network.ip-address", "unique.network.ip-address"},
    {"storage.volume", "unique.storage.volume"},
    {"storage.bytestotal", "unique.storage.bytestotal"},
    {"storage.bytesfree", "unique.storage.bytesfree"},
    {"consul.name", "unique.consul.name"},
    {"platform.aws.instance-id", "unique.platform.aws.instance-id"},
}};

std::vector<std::string> attribute_keys(std::string_view name) {
  std::vector<std::string> keys{std::string(name)};
  for (const auto& [before, since] : kRenamed) {
    if (name == before) keys.emplace_back(since);
    if (name == since) keys.emplace_back(before);
  }
  return keys;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// What stands inside "${...}" or after v0.1.2's "$"; nothing for plain text.
std::optional<std::string_view> interpolated(std::string_view text) {
  if (text.starts_with("${") && text.ends_with("}")) return text.substr(2, text.size() - 3);
  for (const std::string_view old : {"$attr.", "$meta.", "$node."})
    if (text.starts_with(old)) return text.substr(1);
  return std::nullopt;
}

}  // namespace

Target::Target(std::string_view text) : text_(text) {
  const auto inside = interpolated(text);
  if (!inside) return;
  auto name = *inside;
  if (name == "node.unique.id" || name == "node.id") kind_ = Kind::id;
  else if (name == "node.unique.name" || name == "node.name") kind_ = Kind::name;
  else if (name == "node.datacenter") kind_ = Kind::datacenter;
  else if (name == "node.class") kind_ = Kind::node_class;
  else if (take_prefix(name, "attr.")) kind_ = Kind::attribute, keys_ = attribute_keys(name);
  else if (take_prefix(name, "meta.")) kind_ = Kind::meta, keys_ = {std::string(name)};
  else kind_ = Kind::unknown;
}

std::optional<std::string_view> Target::on(const model::Node& node) const {
  switch (kind_) {
    case Kind::text: return text_;
    case Kind::id: return node.id.text;
    case Kind::name: return node.name;
    case Kind::datacenter: return node.datacenter;
    case Kind::node_class: return node.node_class;
    case Kind::meta: return node.meta.find(keys_.front());
    case Kind::unknown: return std::nullopt;
    case Kind::attribute: break;
  }
  for (const auto& key : keys_)
    if (const auto value = node.attributes.find(key)) return value;
  return std::nullopt;
}

bool Target::unique() const {
  if (kind_ == Kind::id || kind_ == Kind::name) return true;
  return std::any_of(keys_.begin(), keys_.end(), [](const auto& key) { return key.starts_with(kUnique); });
}

}  // namespace core::sched
