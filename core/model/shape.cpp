// SPDX-License-Identifier: MPL-2.0
#include "core/model/shape.h"

#include <map>
#include <vector>

#include "core/base/json.h"
#include "core/base/limits.h"

namespace core::model {
namespace {

using json::Kind;
using json::Value;

// An answer is as large as what we hold, and wraps a job a few levels deeper than it was accepted.
constexpr json::ParseLimits kAnswerLimits{.bytes = ~std::size_t{0}, .depth = limits::kJsonDepthMax + 8};

void rewrite(json::Writer& w, Value v);

bool is_port_list(Value v) { return v.kind() == Kind::array || v.is_null(); }
bool is_network(Value v) {
  const auto reserved = v.find("ReservedPorts");
  const auto dynamic = v.find("DynamicPorts");
  return reserved.present && dynamic.present && is_port_list(reserved.value) && is_port_list(dynamic.value);
}
bool is_task(Value v) { return v.find("Driver").present && v.find("Config").present; }

std::int64_t port_number(Value port) {
  if (port.kind() != Kind::object) return 0;
  const auto value = port.find("Value");
  if (!value.present || value.value.kind() != Kind::number) return 0;
  const auto number = value.value.int64();
  return number.ok() ? *number : 0;
}

std::string_view port_label(Value port) {
  if (port.kind() != Kind::object) return {};
  const auto label = port.find("Label");
  return label.present && label.value.kind() == Kind::string ? label.value.string() : std::string_view();
}

void write_labels(json::Writer& w, Value ports) {
  if (ports.is_null()) return w.null();
  w.begin_array();
  for (std::size_t i = 0; i < ports.size(); ++i) w.string(port_label(ports.element(i)));
  w.end_array();
}

void write_numbers(json::Writer& w, Value reserved, Value dynamic) {
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; !reserved.is_null() && i < reserved.size(); ++i)
    numbers.push_back(port_number(reserved.element(i)));
  std::multimap<std::string_view, std::int64_t> by_label;
  for (std::size_t i = 0; !dynamic.is_null() && i < dynamic.size(); ++i)
    if (const auto number = port_number(dynamic.element(i)); number != 0)
      by_label.emplace(port_label(dynamic.element(i)), number);
  for (const auto& [label, number] : by_label) numbers.push_back(number);
  if (numbers.empty()) return w.null();
  w.begin_array();
  for (const auto number : numbers) w.int64(number);
  w.end_array();
}

bool is_scalar(Value v) { return v.kind() != Kind::array && v.kind() != Kind::object; }
std::string scalar_text(Value v) {
  if (v.kind() == Kind::string) return std::string(v.string());
  return v.is_null() ? std::string() : v.text();
}

std::string config_text(Value v) {
  if (is_scalar(v)) return scalar_text(v);
  if (v.kind() == Kind::object) return v.text();
  std::string joined;
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (!is_scalar(v.element(i))) return v.text();
    if (i > 0) joined += ' ';
    joined += scalar_text(v.element(i));
  }
  return joined;
}

void write_config(json::Writer& w, Value config) {
  if (config.kind() != Kind::object) return rewrite(w, config);
  w.begin_object();
  for (std::size_t i = 0; i < config.size(); ++i) {
    w.key(config.name(i));
    w.string(config_text(config.member(i)));
  }
  w.end_object();
}

void rewrite_object(json::Writer& w, Value v) {
  const bool network = is_network(v);
  const bool task = is_task(v);
  w.begin_object();
  for (std::size_t i = 0; i < v.size(); ++i) {
    const auto name = v.name(i);
    w.key(name);
    if (network && name == "DynamicPorts") write_labels(w, v.member(i));
    else if (network && name == "ReservedPorts") write_numbers(w, v.member(i), v.find("DynamicPorts").value);
    else if (task && name == "Config") write_config(w, v.member(i));
    else rewrite(w, v.member(i));
  }
  w.end_object();
}

void rewrite(json::Writer& w, Value v) {
  if (v.kind() == Kind::object) return rewrite_object(w, v);
  if (v.kind() != Kind::array) return w.raw(v.text());
  w.begin_array();
  for (std::size_t i = 0; i < v.size(); ++i) rewrite(w, v.element(i));
  w.end_array();
}

}  // namespace

Result<std::string> to_v0_1_2(std::string_view json) {
  TRY(const auto document, json::parse(json, kAnswerLimits));
  json::Writer w;
  rewrite(w, document.root());
  return w.take();
}

}  // namespace core::model
