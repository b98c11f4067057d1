// SPDX-License-Identifier: MPL-2.0
// Maps.
#include "core/jobspec/functions.h"

namespace core::jobspec {
namespace {

Result<Value> lookup(Args args, const Outside&) {
  TRY(const auto* map, map_at(args, 0));
  TRY(const auto key, text_at(args, 1));
  const auto found = map->find(key);
  if (found != map->end()) return found->second;
  if (args.size() > 2) return args[2];
  return bad_argument("there is no key \"" + key + "\", and no default is given");
}

Result<Value> merge(Args args, const Outside&) {
  Value::Map out;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].is_null()) continue;
    TRY(const auto* map, map_at(args, i));
    for (const auto& [key, value] : *map) out.insert_or_assign(key, value);
  }
  return Value(std::move(out));
}

Result<Value> zip_map(Args args, const Outside&) {
  TRY(const auto* keys, list_at(args, 0));
  TRY(const auto* values, list_at(args, 1));
  if (keys->size() != values->size()) return bad_argument("there must be as many keys as values");
  Value::Map out;
  for (std::size_t i = 0; i < keys->size(); ++i) {
    auto key = to_text((*keys)[i]);
    if (!key) return bad_argument("keys must be strings");
    out.insert_or_assign(std::move(*key), (*values)[i]);
  }
  return Value(std::move(out));
}

constexpr Function kFunctions[] = {
    {"keys", 1, 1,
     [](Args args, const Outside&) -> Result<Value> {
       TRY(const auto* map, map_at(args, 0));
       Value::List out;
       for (const auto& [key, value] : *map) out.emplace_back(key);
       return Value(std::move(out));
     }},
    {"lookup", 2, 3, lookup},
    {"merge", 1, kAnyNumber, merge},
    {"values", 1, 1,
     [](Args args, const Outside&) -> Result<Value> {
       TRY(const auto* map, map_at(args, 0));
       Value::List out;
       for (const auto& [key, value] : *map) out.push_back(value);
       return Value(std::move(out));
     }},
    {"zipmap", 2, 2, zip_map},
};

}  // namespace

std::span<const Function> map_functions() { return kFunctions; }

}  // namespace core::jobspec
