// SPDX-License-Identifier: MPL-2.0
// What an expression evaluates to. Copies are cheap: lists and maps are shared and never change.
// Every value knows its weight (nodes plus bytes), so whoever builds one can refuse it before a small
// file has become a large one; likewise its depth, for all that recurses over it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/json.h"

namespace core::jobspec {

// The x87 format (64 bits of mantissa) holds every 64-bit integer exactly; a wider one does too.
using Number = long double;

class Value {
 public:
  using List = std::vector<Value>;
  using Map = std::map<std::string, Value, std::less<>>;

  Value() = default;  // null
  explicit Value(bool v) : data_(v) {}
  explicit Value(Number v) : data_(v) {}
  explicit Value(std::string v) : data_(std::move(v)) {}
  explicit Value(List v);
  explicit Value(Map v);

  bool is_null() const { return data_.index() == 0; }
  // Null when the value is of another kind.
  const bool* boolean() const { return std::get_if<bool>(&data_); }
  const Number* number() const { return std::get_if<Number>(&data_); }
  const std::string* text() const { return std::get_if<std::string>(&data_); }
  const List* list() const;
  const Map* map() const;

  // Nodes plus bytes of text.
  std::size_t weight() const;
  // Lists and maps within one another; 0 for a scalar.
  std::size_t depth() const;
  // "null", "bool", "number", "string", "list" or "object".
  std::string_view kind_name() const;

  friend bool operator==(const Value& a, const Value& b);

 private:
  template <class T>
  struct Shared {
    T items;
    std::size_t weight = 1;
    std::size_t depth = 1;
    void add(const Value& item);
  };
  using ListPointer = std::shared_ptr<const Shared<List>>;
  using MapPointer = std::shared_ptr<const Shared<Map>>;
  std::variant<std::monostate, bool, Number, std::string, ListPointer, MapPointer> data_;
};

// Conversions between scalars, as HCL does them: "70" is 70, true is "true". Nothing if impossible.
std::optional<std::string> to_text(const Value& v);
std::optional<Number> to_number(const Value& v);
std::optional<bool> to_bool(const Value& v);
// The whole number a Number is, if it is one and fits.
std::optional<std::int64_t> to_int64(Number n);

// Decimal notation, with a fraction only if there is one: "4646", "0.5", "1e+40".
std::string format_number(Number n);
// The whole of `text` as a number, decimal; nothing if it is not one.
std::optional<Number> parse_number(std::string_view text);

// JSON, whole numbers without a fraction.
void encode(json::Writer& out, const Value& v);
std::string to_json(const Value& v);
Value from_json(json::Value v);

}  // namespace core::jobspec
