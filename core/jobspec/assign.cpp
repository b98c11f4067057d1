// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/reader.h"

namespace core::jobspec {
namespace {

Error wanted(std::string_view what) { return Error{Errc::invalid, std::string(what)}; }

}  // namespace

Status assign(const Value& value, std::string& out) {
  auto text = to_text(value);
  if (!text) return wanted("string required");
  out = std::move(*text);
  return Unit{};
}

Status assign(const Value& value, bool& out) {
  const auto boolean = to_bool(value);
  if (!boolean) return wanted("a bool is required");
  out = *boolean;
  return Unit{};
}

Status assign(const Value& value, std::int64_t& out) {
  const auto number = to_number(value);
  if (!number) return wanted("a number is required");
  const auto whole = to_int64(*number);
  if (!whole) return wanted("a whole number is required");
  out = *whole;
  return Unit{};
}

Status assign(const Value& value, double& out) {
  const auto number = to_number(value);
  if (!number) return wanted("a number is required");
  out = static_cast<double>(*number);
  return Unit{};
}

Status assign(const Value& value, Duration& out) {
  if (const auto* text = value.text()) {
    const auto parsed = parse_duration(*text);
    if (!parsed.ok())
      return Error{Errc::invalid, "Unsuitable duration value: time: invalid duration \"" + *text + "\""};
    out = *parsed;
    return Unit{};
  }
  std::int64_t ns = 0;
  if (value.number() == nullptr || !assign(value, ns).ok())
    return wanted("a duration is required, such as \"30s\"");
  out = Duration(ns);
  return Unit{};
}

Status assign(const Value& value, json::Raw& out) {
  out.text = to_json(value);
  return Unit{};
}

Status assign(const Value& value, Value& out) {
  out = value;
  return Unit{};
}

Status assign(const Value& value, std::map<std::string, std::string>& out) {
  if (value.map() == nullptr) return wanted("a map is required");
  for (const auto& [key, item] : *value.map()) TRY(assign(item, out[key]));
  return Unit{};
}

}  // namespace core::jobspec
