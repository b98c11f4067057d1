// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/functions.h"

#include "core/base/limits.h"

namespace core::jobspec {
namespace {

using Table = std::span<const Function> (*)();
constexpr Table kTables[] = {text_functions,    format_functions, number_functions,   list_functions,
                             set_functions,     map_functions,    encoding_functions, hash_functions,
                             network_functions, time_functions,   file_functions};

std::string ordinal(std::size_t i) { return "argument " + std::to_string(i + 1); }

}  // namespace

const Function* find_function(std::string_view name) {
  for (const auto table : kTables)
    for (const auto& function : table())
      if (function.name == name) return &function;
  return nullptr;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names = {"try", "can", "convert"};
  for (const auto table : kTables)
    for (const auto& function : table()) names.push_back(function.name);
  return names;
}

Result<std::string> text_at(Args args, std::size_t i) {
  auto text = to_text(args[i]);
  if (!text) return bad_argument(ordinal(i) + " must be a string");
  return std::move(*text);
}

Result<Number> number_at(Args args, std::size_t i) {
  const auto number = to_number(args[i]);
  if (!number) return bad_argument(ordinal(i) + " must be a number");
  return *number;
}

Result<std::int64_t> whole_at(Args args, std::size_t i) {
  TRY(const auto number, number_at(args, i));
  const auto whole = to_int64(number);
  if (!whole) return bad_argument(ordinal(i) + " must be a whole number");
  return *whole;
}

Result<const Value::List*> list_at(Args args, std::size_t i) {
  const auto* list = args[i].list();
  if (list == nullptr) return bad_argument(ordinal(i) + " must be a list");
  return list;
}

Result<const Value::Map*> map_at(Args args, std::size_t i) {
  const auto* map = args[i].map();
  if (map == nullptr) return bad_argument(ordinal(i) + " must be a map");
  return map;
}

Status within_growth(std::size_t bytes) {
  if (bytes <= limits::kHclValueWeightMax) return Unit{};
  return bad_argument("the result would take more than " + std::to_string(limits::kHclValueWeightMax) +
                      " bytes");
}

}  // namespace core::jobspec
