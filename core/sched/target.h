// SPDX-License-Identifier: MPL-2.0
// One side of a constraint: plain text, or something of the node ("${attr.kernel.name}"), prepared once
// and looked up on many nodes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/node.h"

namespace core::sched {

class Target {
 public:
  // Reads "${attr.NAME}", "${meta.NAME}", "${node.unique.id}", "${node.unique.name}",
  // "${node.datacenter}", "${node.class}"; v0.1.2's "$attr.NAME" form of these; anything else is itself.
  explicit Target(std::string_view text);

  // Nothing when the node does not have it, or nobody knows what the text means.
  std::optional<std::string_view> on(const model::Node& node) const;
  // The same on every node, and always there.
  bool plain() const { return kind_ == Kind::text; }
  // May differ between nodes of one computed class.
  bool unique() const;

 private:
  enum class Kind { text, attribute, meta, id, name, datacenter, node_class, unknown };
  Kind kind_ = Kind::text;
  std::string text_;
  std::vector<std::string> keys_;  // of an attribute: its name, and what other releases call it
};

}  // namespace core::sched
