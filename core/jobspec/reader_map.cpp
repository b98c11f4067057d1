// SPDX-License-Identifier: MPL-2.0
// Bodies without a schema: maps of text, and a driver's config.
#include "core/jobspec/reader.h"

namespace core::jobspec {

// Appends what the block says to `out`; labels are levels of their own: [{"label": [{...}]}].
void BodyReader::add_block_values(Value::List& out, const Entry& entry) {
  const auto add = [&](std::span<const Label> labels, BodyReader& in) {
    Value value(in.rest());
    for (auto i = labels.size(); i > 0; --i) {
      Value::Map level;
      level.emplace(labels[i - 1].text, Value(Value::List{std::move(value)}));
      value = Value(std::move(level));
    }
    out.push_back(std::move(value));
  };
  if (entry.dynamic)
    dynamic_blocks(*entry.block, 0, add);
  else
    one_block(*entry.block, entry.block->labels.size(), add);
}

Value::Map BodyReader::rest() {
  Value::Map out;
  std::map<std::string_view, Value::List> blocks;
  for (auto& entry : entries_) {
    if (std::exchange(entry.used, true)) continue;
    if (entry.block != nullptr)
      add_block_values(blocks[entry.name], entry);
    else if (auto value = evaluate(entry))
      out.insert_or_assign(std::string(entry.name), std::move(*value));
  }
  for (auto& [name, values] : blocks) out.insert_or_assign(std::string(name), Value(std::move(values)));
  return out;
}

Value::Map BodyReader::free_form(std::string_view name) {
  Value::Map out;
  const auto merge = [&](const Value::Map& from) {
    for (const auto& [key, value] : from) out.insert_or_assign(key, value);
  };
  const auto add = [&](std::span<const Label>, BodyReader& in) { merge(in.rest()); };
  for (const auto* entry : take(name)) {
    if (entry->dynamic) {
      dynamic_blocks(*entry->block, 0, add);
    } else if (entry->block != nullptr) {
      one_block(*entry->block, 0, add);
    } else if (const auto value = evaluate(*entry)) {
      if (const auto* map = value->map())
        merge(*map);
      else if (!value->is_null())
        unsuitable(*entry, Error{Errc::invalid, "a map is required"});
    }
  }
  return out;
}

void BodyReader::map(std::string_view name, std::map<std::string, std::string>& out) {
  for (const auto& [key, value] : free_form(name)) {
    if (value.is_null()) continue;
    auto text = to_text(value);
    if (text)
      out.insert_or_assign(key, std::move(*text));
    else
      error(name, "Unsuitable value type",
            "Unsuitable value: the value of \"" + key + "\" must be a string.");
  }
}

}  // namespace core::jobspec
