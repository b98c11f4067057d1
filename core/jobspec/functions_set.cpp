// SPDX-License-Identifier: MPL-2.0
// Lists taken as sets. Elements are told apart by their JSON text, which also orders results.
#include <set>

#include "core/base/limits.h"
#include "core/jobspec/functions.h"

namespace core::jobspec {
namespace {

using Set = std::map<std::string, Value>;

Result<Set> set_at(Args args, std::size_t i) {
  TRY(const auto* list, list_at(args, i));
  Set out;
  for (const auto& item : *list) out.emplace(to_json(item), item);
  return out;
}

Value to_value(const Set& set) {
  Value::List out;
  for (const auto& [text, item] : set) out.push_back(item);
  return Value(std::move(out));
}

// Keeps the first of equal elements, in their order.
Result<Value> distinct(Args args, const Outside&) {
  TRY(const auto* list, list_at(args, 0));
  std::set<std::string> seen;
  Value::List out;
  for (const auto& item : *list)
    if (seen.insert(to_json(item)).second) out.push_back(item);
  return Value(std::move(out));
}

Result<Value> set_union(Args args, const Outside&) {
  Set out;
  for (std::size_t i = 0; i < args.size(); ++i) {
    TRY(auto next, set_at(args, i));
    out.merge(next);
  }
  return to_value(out);
}

Result<Value> set_intersection(Args args, const Outside&) {
  TRY(auto out, set_at(args, 0));
  for (std::size_t i = 1; i < args.size(); ++i) {
    TRY(const auto next, set_at(args, i));
    std::erase_if(out, [&](const auto& entry) { return !next.contains(entry.first); });
  }
  return to_value(out);
}

Result<Value> set_product(Args args, const Outside&) {
  std::vector<Value::List> rows = {{}};
  for (std::size_t i = 0; i < args.size(); ++i) {
    TRY(const auto* list, list_at(args, i));
    std::size_t weight = 0;
    for (const auto& row : rows) weight += 1 + row.size();
    TRY(within_growth(list->empty()                                        ? 0
                      : weight > limits::kHclValueWeightMax / list->size() ? ~std::size_t{0}
                                                                           : weight * list->size()));
    std::vector<Value::List> longer;
    for (const auto& row : rows)
      for (const auto& item : *list) {
        longer.push_back(row);
        longer.back().push_back(item);
      }
    rows = std::move(longer);
  }
  Value::List out;
  std::size_t weight = 0;
  for (auto& row : rows) {
    out.emplace_back(std::move(row));
    weight += out.back().weight();
    TRY(within_growth(weight));
  }
  return Value(std::move(out));
}

constexpr Function kFunctions[] = {
    {"distinct", 1, 1, distinct},
    {"setintersection", 1, kAnyNumber, set_intersection},
    {"setproduct", 1, kAnyNumber, set_product},
    {"setunion", 1, kAnyNumber, set_union},
};

}  // namespace

std::span<const Function> set_functions() { return kFunctions; }

}  // namespace core::jobspec
