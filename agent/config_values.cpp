// SPDX-License-Identifier: MPL-2.0
#include "agent/config_values.h"

#include "core/jobspec/reader.h"

namespace agent::config {

void encode(core::json::Writer& w, const Secret& v) { w.string(v.empty() ? "" : "<redacted>"); }

core::Status assign(const core::jobspec::Value& value, Secret& out) { return core::jobspec::assign(value, out.text); }

void encode(core::json::Writer& w, const Secrets& v) { w.string(v.empty() ? "" : "<redacted>"); }

core::Status assign(const core::jobspec::Value& value, Secrets& out) {
  TRY(core::jobspec::assign(value, out.texts));
  std::erase(out.texts, "");  // not given
  return core::Unit{};
}

}  // namespace agent::config
