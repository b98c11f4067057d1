// SPDX-License-Identifier: MPL-2.0
#include "core/model/node.h"

#include "core/base/digest.h"
#include "core/base/limits.h"

namespace core::model {
namespace {

constexpr std::string_view kUniquePrefix = "unique.";

// Each piece is followed by its end, so that no two lists of pieces read the same.
void add(std::string& text, std::string_view piece) {
  text += piece;
  text += '\0';
}

void add_shared(std::string& text, std::string_view section, const StringMap& entries) {
  add(text, section);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto [key, value] = entries.at(i);
    if (key.starts_with(kUniquePrefix)) continue;
    add(text, key);
    add(text, value);
  }
}

Error missing(const char* what) {
  return Error{Errc::invalid, std::string("missing ") + what + " for client registration"};
}

}  // namespace

Amount capacity(const Node& node) {
  auto out = amount(node.resources);
  out -= amount(node.reserved);
  return out;
}

std::string compute_class(const Node& node) {
  std::string text;
  add(text, node.datacenter);
  add(text, node.node_class);
  add(text, "drivers");
  for (const auto& [name, driver] : *node.drivers) {
    add(text, name);
    add(text, driver.detected && driver.healthy ? "healthy" : "unhealthy");
  }
  add_shared(text, "attributes", node.attributes);
  add_shared(text, "meta", node.meta);
  return "v1:" + to_hex(digest({text}));
}

Status validate(const Node& node) {
  if (node.id.empty()) return missing("node ID");
  if (node.datacenter.empty()) return missing("datacenter");
  if (node.name.empty()) return missing("node name");
  if (node.attributes.empty()) return missing("attributes");
  if (node.secret_id.empty()) return missing("node secret ID");
  for (const auto* text : {&node.id.text, &node.datacenter, &node.name, &node.node_class, &node.secret_id})
    if (text->size() > limits::kIdBytesMax)
      return Error{Errc::invalid, "node names and ids may not be longer than " + std::to_string(limits::kIdBytesMax) + " bytes"};
  const auto free = capacity(node);
  if (free.cpu < 0 || free.memory_mb < 0 || free.disk_mb < 0)
    return Error{Errc::invalid, "node reserves more than it has"};
  return Unit{};
}

}  // namespace core::model
