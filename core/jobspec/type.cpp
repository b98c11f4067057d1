// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/type.h"

#include <map>

namespace core::jobspec {
namespace {

Error wrong(std::string detail) { return Error{Errc::invalid, std::move(detail)}; }

const Expr* only_argument(const CallExpr& call) {
  return call.args.size() == 1 ? call.args[0].get() : nullptr;
}

Result<Value> convert_plain(const Value& value, std::string_view type) {
  if (type == "any" || value.is_null()) return value;
  if (type == "string")
    if (auto text = to_text(value)) return Value(std::move(*text));
  if (type == "number")
    if (const auto number = to_number(value)) return Value(*number);
  if (type == "bool")
    if (const auto boolean = to_bool(value)) return Value(*boolean);
  if ((type == "list" || type == "set") && value.list() != nullptr) return value;
  if (type == "map" && value.map() != nullptr) return value;
  return wrong("a " + std::string(type) + " is required, not a value of type " +
               std::string(value.kind_name()));
}

Result<Value> convert_list(const Value& value, const Expr& element, bool set) {
  if (value.list() == nullptr) return wrong("a list is required");
  Value::List out;
  std::map<std::string, Value> sorted;
  for (std::size_t i = 0; i < value.list()->size(); ++i) {
    auto item = convert((*value.list())[i], element);
    if (!item.ok()) return within("element " + std::to_string(i), std::move(item).error());
    if (set)
      sorted.emplace(to_json(*item), *item);
    else
      out.push_back(std::move(item).value());
  }
  for (auto& [text, item] : sorted) out.push_back(std::move(item));
  return Value(std::move(out));
}

Result<Value> convert_map(const Value& value, const Expr& element) {
  if (value.map() == nullptr) return wrong("a map is required");
  Value::Map out;
  for (const auto& [key, member] : *value.map()) {
    auto item = convert(member, element);
    if (!item.ok()) return within("element \"" + key + "\"", std::move(item).error());
    out.emplace(key, std::move(item).value());
  }
  return Value(std::move(out));
}

Result<Value> convert_tuple(const Value& value, const ListExpr& types) {
  if (value.list() == nullptr || value.list()->size() != types.items.size())
    return wrong("a tuple of " + std::to_string(types.items.size()) + " elements is required");
  Value::List out;
  for (std::size_t i = 0; i < types.items.size(); ++i) {
    auto item = convert((*value.list())[i], *types.items[i]);
    if (!item.ok()) return within("element " + std::to_string(i), std::move(item).error());
    out.push_back(std::move(item).value());
  }
  return Value(std::move(out));
}

Result<Value> convert_object(const Value& value, const ObjectExpr& types) {
  if (value.map() == nullptr) return wrong("an object is required");
  Value::Map out;
  for (const auto& member : types.items) {
    const auto& name = *member.key->as<Literal>()->value.text();
    const auto* wrapped = member.value->as<CallExpr>();
    const bool optional = wrapped != nullptr && wrapped->name == "optional";
    const auto found = value.map()->find(name);
    if (found == value.map()->end()) {
      if (!optional) return wrong("attribute \"" + name + "\" is required");
      out.emplace(name, Value());
      continue;
    }
    auto item = convert(found->second, optional ? *wrapped->args[0] : *member.value);
    if (!item.ok()) return within("attribute \"" + name + "\"", std::move(item).error());
    out.emplace(name, std::move(item).value());
  }
  return Value(std::move(out));
}

Status check_call(const CallExpr& call) {
  const auto* inner = only_argument(call);
  if (inner == nullptr) return wrong("a type takes one argument");
  if (call.name == "list" || call.name == "set" || call.name == "map" || call.name == "optional")
    return check_type(*inner);
  if (call.name == "tuple") {
    const auto* types = inner->as<ListExpr>();
    if (types == nullptr) return wrong("tuple takes a list of types");
    for (const auto& type : types->items) TRY(check_type(*type));
    return Unit{};
  }
  if (call.name != "object") return wrong("\"" + call.name + "\" is no type");
  const auto* members = inner->as<ObjectExpr>();
  if (members == nullptr) return wrong("object takes names and their types in braces");
  for (const auto& member : members->items) {
    const auto* key = member.key->as<Literal>();
    if (key == nullptr || key->value.text() == nullptr)
      return wrong("the names of an object type are constant");
    TRY(check_type(*member.value));
  }
  return Unit{};
}

}  // namespace

std::string_view plain_type(const Expr& type) {
  if (const auto* name = type.as<Reference>(); name != nullptr && name->steps.empty()) return name->root;
  // Older files put the word in quotes.
  if (const auto* literal = type.as<Literal>(); literal != nullptr && literal->value.text() != nullptr)
    return *literal->value.text();
  return {};
}

Status check_type(const Expr& type) {
  if (const auto* call = type.as<CallExpr>()) return check_call(*call);
  for (const std::string_view name : {"string", "number", "bool", "any", "list", "set", "map"})
    if (plain_type(type) == name) return Unit{};
  return wrong(
      "expected one of string, number, bool, any, list(T), set(T), map(T), tuple([...]), object({...})");
}

Result<Value> convert(const Value& value, const Expr& type) {
  const auto* call = type.as<CallExpr>();
  if (call == nullptr) return convert_plain(value, plain_type(type));
  if (value.is_null()) return value;
  TRY(check_call(*call));
  const auto& inner = *call->args[0];
  if (call->name == "map") return convert_map(value, inner);
  if (call->name == "tuple") return convert_tuple(value, *inner.as<ListExpr>());
  if (call->name == "object") return convert_object(value, *inner.as<ObjectExpr>());
  if (call->name == "optional") return convert(value, inner);
  return convert_list(value, inner, call->name == "set");
}

}  // namespace core::jobspec
