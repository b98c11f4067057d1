// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace core::jobspec {

template <class T>
void Value::Shared<T>::add(const Value& item) {
  weight += item.weight();
  depth = std::max(depth, item.depth() + 1);
}

Value::Value(List v) {
  auto shared = std::make_shared<Shared<List>>();
  for (const auto& item : v) shared->add(item);
  shared->items = std::move(v);
  data_ = ListPointer(std::move(shared));
}

Value::Value(Map v) {
  auto shared = std::make_shared<Shared<Map>>();
  for (const auto& [key, item] : v) {
    shared->weight += key.size();
    shared->add(item);
  }
  shared->items = std::move(v);
  data_ = MapPointer(std::move(shared));
}

const Value::List* Value::list() const {
  const auto* shared = std::get_if<ListPointer>(&data_);
  return shared == nullptr ? nullptr : &(*shared)->items;
}

const Value::Map* Value::map() const {
  const auto* shared = std::get_if<MapPointer>(&data_);
  return shared == nullptr ? nullptr : &(*shared)->items;
}

std::size_t Value::weight() const {
  if (const auto* v = text()) return 1 + v->size();
  if (const auto* v = std::get_if<ListPointer>(&data_)) return (*v)->weight;
  if (const auto* v = std::get_if<MapPointer>(&data_)) return (*v)->weight;
  return 1;
}

std::size_t Value::depth() const {
  if (const auto* v = std::get_if<ListPointer>(&data_)) return (*v)->depth;
  if (const auto* v = std::get_if<MapPointer>(&data_)) return (*v)->depth;
  return 0;
}

std::string_view Value::kind_name() const {
  static constexpr std::string_view kNames[] = {"null", "bool", "number", "string", "list", "object"};
  return kNames[data_.index()];
}

bool operator==(const Value& a, const Value& b) {
  if (a.data_.index() != b.data_.index()) return false;
  if (a.list() != nullptr) return a.list() == b.list() || *a.list() == *b.list();
  if (a.map() != nullptr) return a.map() == b.map() || *a.map() == *b.map();
  return a.data_ == b.data_;
}

std::optional<std::string> to_text(const Value& v) {
  if (const auto* text = v.text()) return *text;
  if (const auto* number = v.number()) return format_number(*number);
  if (const auto* boolean = v.boolean()) return std::string(*boolean ? "true" : "false");
  return std::nullopt;
}

std::optional<Number> to_number(const Value& v) {
  if (const auto* number = v.number()) return *number;
  if (const auto* text = v.text()) return parse_number(*text);
  return std::nullopt;
}

std::optional<bool> to_bool(const Value& v) {
  if (const auto* boolean = v.boolean()) return *boolean;
  if (const auto* text = v.text()) {
    if (*text == "true" || *text == "1") return true;
    if (*text == "false" || *text == "0") return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> to_int64(Number n) {
  // 2^63 itself is exact in the format and out of range.
  if (!(n >= -0x1p63L && n < 0x1p63L) || n != std::trunc(n)) return std::nullopt;
  return static_cast<std::int64_t>(n);
}

std::string format_number(Number n) {
  if (const auto whole = to_int64(n)) return std::to_string(*whole);
  // Seventeen digits hide the last bits of 0.1 + 0.2; general notation drops trailing zeros.
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, n, std::chars_format::general, 17).ptr;
  return {buffer, end};
}

std::optional<Number> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos)
    return std::nullopt;
  Number n = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (code != std::errc{} || end != text.data() + text.size() || !std::isfinite(n)) return std::nullopt;
  return n;
}

void encode(json::Writer& out, const Value& v) {
  if (const auto* boolean = v.boolean()) return out.boolean(*boolean);
  if (const auto* text = v.text()) return out.string(*text);
  if (const auto* number = v.number()) {
    const auto whole = to_int64(*number);
    return whole ? out.int64(*whole) : out.number(static_cast<double>(*number));
  }
  if (const auto* list = v.list()) {
    out.begin_array();
    for (const auto& item : *list) encode(out, item);
    return out.end_array();
  }
  if (const auto* map = v.map()) {
    out.begin_object();
    for (const auto& [key, item] : *map) {
      out.key(key);
      encode(out, item);
    }
    return out.end_object();
  }
  out.null();
}

std::string to_json(const Value& v) {
  json::Writer out;
  encode(out, v);
  return out.take();
}

Value from_json(json::Value v) {
  switch (v.kind()) {
    case json::Kind::null:
      return Value();
    case json::Kind::boolean:
      return Value(v.boolean());
    case json::Kind::string:
      return Value(std::string(v.string()));
    case json::Kind::number: {
      const auto whole = v.int64();
      return Value(whole.ok() ? static_cast<Number>(*whole) : static_cast<Number>(v.number()));
    }
    case json::Kind::array: {
      Value::List items;
      for (std::size_t i = 0; i < v.size(); ++i) items.push_back(from_json(v.element(i)));
      return Value(std::move(items));
    }
    case json::Kind::object: {
      Value::Map items;
      for (std::size_t i = 0; i < v.size(); ++i)
        items.insert_or_assign(std::string(v.name(i)), from_json(v.member(i)));
      return Value(std::move(items));
    }
  }
  UNREACHABLE();
}

}  // namespace core::jobspec
