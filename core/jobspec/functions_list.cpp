// SPDX-License-Identifier: MPL-2.0
// Lists, and what works on collections of any kind.
#include <algorithm>

#include "core/base/limits.h"
#include "core/jobspec/functions.h"

namespace core::jobspec {
namespace {

Result<Value> chunk_list(Args args, const Outside&) {
  TRY(const auto* list, list_at(args, 0));
  TRY(const auto size, whole_at(args, 1));
  if (size < 0) return bad_argument("the size must not be negative");
  Value::List out, chunk;
  for (const auto& item : *list) {
    chunk.push_back(item);
    if (static_cast<std::int64_t>(chunk.size()) == size) out.emplace_back(std::exchange(chunk, {}));
  }
  if (!chunk.empty()) out.emplace_back(std::move(chunk));
  return Value(std::move(out));
}

Result<Value> coalesce(Args args, const Outside&) {
  for (const auto& arg : args)
    if (!arg.is_null() && !(arg.text() != nullptr && arg.text()->empty())) return arg;
  return bad_argument("every argument is null or empty");
}

Result<Value> coalesce_list(Args args, const Outside&) {
  for (const auto& arg : args)
    if (arg.list() != nullptr && !arg.list()->empty()) return arg;
  return bad_argument("every argument is empty");
}

Result<Value> compact(Args args, const Outside&) {
  TRY(const auto* list, list_at(args, 0));
  Value::List out;
  for (const auto& item : *list)
    if (!item.is_null() && !(item.text() != nullptr && item.text()->empty())) out.push_back(item);
  return Value(std::move(out));
}

Result<Value> concat(Args args, const Outside&) {
  Value::List out;
  for (std::size_t i = 0; i < args.size(); ++i) {
    TRY(const auto* list, list_at(args, i));
    out.insert(out.end(), list->begin(), list->end());
  }
  return Value(std::move(out));
}

Result<Value> contains(Args args, const Outside&) {
  TRY(const auto* list, list_at(args, 0));
  return Value(std::find(list->begin(), list->end(), args[1]) != list->end());
}

// Wraps around the end of the list.
Result<Value> element(Args args, const Outside&) {
  TRY(const auto* list, list_at(args, 0));
  TRY(const auto index, whole_at(args, 1));
  if (list->empty()) return bad_argument("the list is empty");
  if (index < 0) return bad_argument("the index must not be negative");
  return (*list)[static_cast<std::size_t>(index) % list->size()];
}

void flatten_into(Value::List& out, const Value::List& list) {
  for (const auto& item : list) {
    if (item.list() != nullptr)
      flatten_into(out, *item.list());
    else
      out.push_back(item);
  }
}

Result<Value> flatten(Args args, const Outside&) {
  TRY(const auto* list, list_at(args, 0));
  Value::List out;
  flatten_into(out, *list);
  return Value(std::move(out));
}

// Both of HCL's: the element at a key, and as in Terraform the place of a value in a list.
Result<Value> index(Args args, const Outside&) {
  if (const auto* map = args[0].map()) {
    TRY(const auto key, text_at(args, 1));
    const auto found = map->find(key);
    if (found == map->end()) return bad_argument("there is no such key");
    return found->second;
  }
  TRY(const auto* list, list_at(args, 0));
  const auto found = std::find(list->begin(), list->end(), args[1]);
  if (found == list->end()) return bad_argument("the list does not hold the value");
  return Value(static_cast<Number>(found - list->begin()));
}

Result<Value> length(Args args, const Outside&) {
  std::size_t size = 0;
  if (const auto* list = args[0].list())
    size = list->size();
  else if (const auto* map = args[0].map())
    size = map->size();
  else if (const auto* text = args[0].text())
    size = static_cast<std::size_t>(std::count_if(
        text->begin(), text->end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  else
    return bad_argument("the argument must be a collection or a string");
  return Value(static_cast<Number>(size));
}

// range(limit), range(start, limit), range(start, limit, step).
Result<Value> range(Args args, const Outside&) {
  TRY(const auto first, number_at(args, 0));
  Number start = 0, limit = first, step = first < 0 ? -1 : 1;
  if (args.size() > 1) {
    TRY(limit, number_at(args, 1));
    start = first;
    step = limit < start ? -1 : 1;
  }
  if (args.size() > 2) {
    TRY(step, number_at(args, 2));
    if (step == 0 || (step > 0) != (limit > start))
      return limit == start ? Result<Value>(Value(Value::List{}))
                            : bad_argument("the step leads away from the limit");
  }
  TRY(within_growth((limit - start) / step > static_cast<Number>(limits::kHclValueWeightMax) ? ~std::size_t{0}
                                                                                             : 0));
  Value::List out;
  for (Number n = start; step > 0 ? n < limit : n > limit; n += step) {
    out.emplace_back(n);
    TRY(within_growth(out.size()));
  }
  return Value(std::move(out));
}

Result<Value> reversed(Args args, const Outside&) {
  TRY(const auto* list, list_at(args, 0));
  return Value(Value::List(list->rbegin(), list->rend()));
}

Result<Value> slice(Args args, const Outside&) {
  TRY(const auto* list, list_at(args, 0));
  TRY(const auto from, whole_at(args, 1));
  TRY(const auto to, whole_at(args, 2));
  if (from < 0 || to < from || to > static_cast<std::int64_t>(list->size()))
    return bad_argument("the indexes are not within the list");
  return Value(Value::List(list->begin() + from, list->begin() + to));
}

Result<Value> sorted(Args args, const Outside&) {
  TRY(const auto* list, list_at(args, 0));
  std::vector<std::string> texts;
  for (const auto& item : *list) {
    auto text = to_text(item);
    if (!text) return bad_argument("the list must hold strings only");
    texts.push_back(std::move(*text));
  }
  std::sort(texts.begin(), texts.end());
  Value::List out;
  for (auto& text : texts) out.emplace_back(std::move(text));
  return Value(std::move(out));
}

constexpr Function kFunctions[] = {
    {"chunklist", 2, 2, chunk_list},
    {"coalesce", 1, kAnyNumber, coalesce},
    {"coalescelist", 1, kAnyNumber, coalesce_list},
    {"compact", 1, 1, compact},
    {"concat", 1, kAnyNumber, concat},
    {"contains", 2, 2, contains},
    {"element", 2, 2, element},
    {"flatten", 1, 1, flatten},
    {"index", 2, 2, index},
    {"length", 1, 1, length},
    {"range", 1, 3, range},
    {"reverse", 1, 1, reversed},
    {"slice", 3, 3, slice},
    {"sort", 1, 1, sorted},
};

}  // namespace

std::span<const Function> list_functions() { return kFunctions; }

}  // namespace core::jobspec
