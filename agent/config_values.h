// SPDX-License-Identifier: MPL-2.0
// Value types that settings are made of.
#pragma once

#include <string>

#include "core/base/fields.h"
#include "core/jobspec/value.h"

namespace agent::config {

using Texts = std::vector<std::string>;
using TextMap = std::map<std::string, std::string>;

struct Secret {  // text that is never shown: JSON has "<redacted>" in its place
  std::string text;
  bool empty() const { return text.empty(); }
  friend bool operator==(const Secret&, const Secret&) = default;
};
void encode(core::json::Writer& w, const Secret& v);
core::Status assign(const core::jobspec::Value& value, Secret& out);

struct Secrets {  // one such text, or a list of them
  Texts texts;
  bool empty() const { return texts.empty(); }
  friend bool operator==(const Secrets&, const Secrets&) = default;
};
void encode(core::json::Writer& w, const Secrets& v);
core::Status assign(const core::jobspec::Value& value, Secrets& out);

// A setting that can be switched off by a later source, because "not given" is told from "false".
using Switch = std::optional<bool>;

}  // namespace agent::config
