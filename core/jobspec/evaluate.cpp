// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/evaluate.h"

#include <cmath>

#include "core/base/limits.h"
#include "core/jobspec/functions.h"
#include "core/jobspec/type.h"

namespace core::jobspec {
namespace {

// Splat elements are found under a name no source can spell.
constexpr std::string_view kSplatItem = "*";
// What evaluating any expression costs, in bytes touched.
constexpr std::size_t kStepWork = 16;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

const Value* Scope::find(std::string_view name) const {
  for (const auto* scope = this; scope != nullptr; scope = scope->parent)
    if (const auto it = scope->names.find(name); it != scope->names.end()) return &it->second;
  return nullptr;
}

Evaluator::Evaluator(const Source& source, Grammar grammar, Diagnostics& diagnostics, const Outside& outside)
    : source_(source), grammar_(grammar), diagnostics_(&diagnostics), outside_(outside) {}

bool Evaluator::add_local(const std::string& name, const Expr& value) {
  return locals_.emplace(name, Local{.expression = &value, .value = std::nullopt}).second;
}

void Evaluator::finish_locals() {
  for (auto& [name, entry] : locals_) local(*entry.expression, name);
}

bool Evaluator::count_block(Range range) {
  if (++blocks_ <= limits::kHclBlocksMax) return true;
  if (blocks_ == limits::kHclBlocksMax + 1)
    error(range, "Too many blocks", "The limit is " + std::to_string(limits::kHclBlocksMax) + ".");
  return false;
}

std::optional<Value> Evaluator::evaluate(const Expr& e, const Scope& scope) {
  if (!charge(e, kStepWork)) return std::nullopt;
  if (++depth_ > limits::kHclEvaluationDepthMax) {
    --depth_;
    return fail(e, "Nested too deeply", "Values refer to one another through too many levels.");
  }
  auto value = visit(e, scope);
  --depth_;
  if (!value) return std::nullopt;
  return checked(e, std::move(*value));
}

std::optional<Value> Evaluator::visit(const Expr& e, const Scope& scope) {
  return std::visit([&](const auto& node) { return eval(e, node, scope); }, e.node);
}

std::optional<Value> Evaluator::fail(const Expr& e, std::string summary, std::string detail) {
  if (!exhausted_) error(e.range, std::move(summary), std::move(detail));
  return std::nullopt;
}

std::optional<Value> Evaluator::checked(const Expr& e, Value value) {
  // Text is copied from place to place; lists and maps are shared.
  if (value.text() != nullptr && !charge(e, value.weight())) return std::nullopt;
  if (value.weight() > limits::kHclValueWeightMax)
    return fail(e, "Value too large", "A value may take " + std::to_string(limits::kHclValueWeightMax) + " bytes at most.");
  if (value.depth() > limits::kHclDepthMax) return fail(e, "Nested too deeply", "The value has too many levels.");
  return value;
}

// Once the work is used up nothing is evaluated any more, not even inside try().
bool Evaluator::charge(const Expr& e, std::size_t work) {
  if (exhausted_) return false;
  work_ += work;
  if (work_ <= limits::kHclWorkMax) return true;
  fail(e, "Evaluation takes too long", "The file asks for more work than is allowed for one file.");
  exhausted_ = true;
  return false;
}

// ---- names and what is read from values ----------------------------------------------------------

std::optional<Value> Evaluator::eval(const Expr&, const Literal& n, const Scope&) { return n.value; }

std::optional<Value> Evaluator::eval(const Expr& e, const Reference& n, const Scope& scope) {
  if (const auto* bound = scope.find(n.root)) return steps(e, *bound, n.steps, 0);
  const bool is_variable = n.root == "var";
  if (!is_variable && n.root != "local") return Value("${" + n.text + "}");
  const auto* name = n.steps.empty() ? nullptr : n.steps[0].text();
  if (name == nullptr) return fail(e, "Invalid reference", n.root + " is followed by a dot and a name.");
  if (!is_variable) {
    const auto value = local(e, *name);
    return value ? steps(e, *value, n.steps, 1) : std::nullopt;
  }
  const auto found = variables_.find(*name);
  if (found != variables_.end()) return steps(e, found->second, n.steps, 1);
  std::vector<std::string_view> names;
  for (const auto& [known, value] : variables_) names.push_back(known);
  const auto near = closest(*name, names);
  return fail(e, "Unsupported attribute", "No variable " + quoted(*name) + " is declared." +
                                              (near.empty() ? "" : " Did you mean " + quoted(near) + "?"));
}

std::optional<Value> Evaluator::local(const Expr& e, const std::string& name) {
  const auto found = locals_.find(name);
  if (found == locals_.end()) return fail(e, "Unsupported attribute", "No local " + quoted(name) + " is defined.");
  auto& entry = found->second;
  if (entry.state == Local::reading) return fail(e, "Cycle in locals", "local." + name + " refers to itself.");
  if (entry.state == Local::unread) {
    entry.state = Local::reading;
    entry.value = evaluate(*entry.expression, Scope{});
    entry.state = Local::read;
  }
  return entry.value;
}

std::optional<Value> Evaluator::steps(const Expr& e, Value from, const std::vector<Value>& keys, std::size_t first) {
  for (auto i = first; i < keys.size(); ++i) {
    auto next = step(e, from, keys[i]);
    if (!next) return std::nullopt;
    from = std::move(*next);
  }
  return from;
}

std::optional<Value> Evaluator::step(const Expr& e, const Value& object, const Value& key) {
  if (const auto* map = object.map()) {
    const auto name = to_text(key);
    const auto found = name ? map->find(*name) : map->end();
    if (found != map->end()) return found->second;
    return fail(e, "Unsupported attribute", "This object has no attribute named " + quoted(name.value_or("")) + ".");
  }
  if (const auto* list = object.list()) {
    const auto number = to_number(key);
    const auto index = number ? to_int64(*number) : std::nullopt;
    if (index && *index >= 0 && static_cast<std::size_t>(*index) < list->size()) return (*list)[static_cast<std::size_t>(*index)];
    return fail(e, "Invalid index", "The list has " + std::to_string(list->size()) + " elements, and no such one.");
  }
  return fail(e, "Unsupported attribute", "A value of type " + std::string(object.kind_name()) + " has no attributes or elements.");
}

std::optional<Value> Evaluator::eval(const Expr& e, const Access& n, const Scope& scope) {
  const auto object = evaluate(*n.object, scope);
  const auto key = object ? evaluate(*n.key, scope) : std::nullopt;
  return key ? step(e, *object, *key) : std::nullopt;
}

// A single value is splatted as a list of one, null as an empty list.
std::optional<Value> Evaluator::eval(const Expr&, const Splat& n, const Scope& scope) {
  const auto source = evaluate(*n.source, scope);
  if (!source) return std::nullopt;
  const Value::List single = source->is_null() ? Value::List{} : Value::List{*source};
  Value::List out;
  for (const auto& item : source->list() != nullptr ? *source->list() : single) {
    Scope inner{&scope, {}};
    inner.names.emplace(kSplatItem, item);
    auto each = evaluate(*n.each, inner);
    if (!each) return std::nullopt;
    out.push_back(std::move(*each));
  }
  return Value(std::move(out));
}

std::optional<Value> Evaluator::eval(const Expr&, const SplatItem&, const Scope& scope) {
  const auto* item = scope.find(kSplatItem);
  ASSERT(item != nullptr);
  return *item;
}

// ---- text ----------------------------------------------------------------------------------------

std::optional<Value> Evaluator::eval(const Expr& e, const Template& n, const Scope& scope) {
  std::string out;
  for (const auto& part : n.parts) {
    const auto value = evaluate(*part, scope);
    if (!value) return std::nullopt;
    const auto text = to_text(*value);
    if (!text) return fail(*part, "Invalid template interpolation value", "A value of type " + std::string(value->kind_name()) + " cannot be put into text.");
    if (!charge(e, text->size())) return std::nullopt;
    out += *text;
    if (out.size() > limits::kHclValueWeightMax) break;  // evaluate() refuses it
  }
  return Value(std::move(out));
}

// ---- operators -----------------------------------------------------------------------------------

std::optional<bool> Evaluator::condition(const Expr& e, const Scope& scope) {
  const auto value = evaluate(e, scope);
  if (!value) return std::nullopt;
  const auto result = to_bool(*value);
  if (!result) fail(e, "Incorrect condition type", "true or false is required, not a value of type " + std::string(value->kind_name()) + ".");
  return result;
}

std::optional<Number> Evaluator::operand(const Expr& e, const Scope& scope) {
  const auto value = evaluate(e, scope);
  if (!value) return std::nullopt;
  const auto result = to_number(*value);
  if (!result) fail(e, "Invalid operand", "Unsuitable value for operand: a number is required.");
  return result;
}

std::optional<Value> Evaluator::eval(const Expr&, const Unary& n, const Scope& scope) {
  if (n.op == TokenKind::bang) {
    const auto value = condition(*n.operand, scope);
    return value ? std::optional(Value(!*value)) : std::nullopt;
  }
  const auto value = operand(*n.operand, scope);
  return value ? std::optional(Value(-*value)) : std::nullopt;
}

std::optional<Value> Evaluator::eval(const Expr& e, const Binary& n, const Scope& scope) {
  if (n.op == TokenKind::and_also || n.op == TokenKind::or_else) return logic(n, scope);
  if (n.op != TokenKind::equal && n.op != TokenKind::not_equal) return arithmetic(e, n, scope);
  const auto left = evaluate(*n.left, scope);
  const auto right = left ? evaluate(*n.right, scope) : std::nullopt;
  if (!right || !charge(e, left->weight())) return std::nullopt;
  return Value((*left == *right) == (n.op == TokenKind::equal));
}

std::optional<Value> Evaluator::logic(const Binary& n, const Scope& scope) {
  const auto left = condition(*n.left, scope);
  const auto right = left ? condition(*n.right, scope) : std::nullopt;
  if (!right) return std::nullopt;
  return Value(n.op == TokenKind::and_also ? *left && *right : *left || *right);
}

std::optional<Value> Evaluator::arithmetic(const Expr& e, const Binary& n, const Scope& scope) {
  const auto left = operand(*n.left, scope);
  const auto right = left ? operand(*n.right, scope) : std::nullopt;
  if (!right) return std::nullopt;
  const Number a = *left, b = *right;
  switch (n.op) {
    case TokenKind::plus: return Value(a + b);
    case TokenKind::minus: return Value(a - b);
    case TokenKind::star: return Value(a * b);
    case TokenKind::less: return Value(a < b);
    case TokenKind::less_equal: return Value(a <= b);
    case TokenKind::greater: return Value(a > b);
    case TokenKind::greater_equal: return Value(a >= b);
    case TokenKind::slash:
    case TokenKind::percent: break;
    default: UNREACHABLE();
  }
  if (b == 0) return fail(e, "Division by zero", "The right operand is 0.");
  return Value(n.op == TokenKind::slash ? a / b : std::fmod(a, b));
}

std::optional<Value> Evaluator::eval(const Expr&, const Conditional& n, const Scope& scope) {
  const auto chosen = condition(*n.condition, scope);
  if (!chosen) return std::nullopt;
  return evaluate(*chosen ? *n.yes : *n.no, scope);
}

// ---- collections ---------------------------------------------------------------------------------

std::optional<Value> Evaluator::eval(const Expr&, const ListExpr& n, const Scope& scope) {
  Value::List out;
  for (const auto& item : n.items) {
    auto value = evaluate(*item, scope);
    if (!value) return std::nullopt;
    out.push_back(std::move(*value));
  }
  return Value(std::move(out));
}

std::optional<std::string> Evaluator::key_text(const Expr& e, const Scope& scope) {
  const auto value = evaluate(e, scope);
  if (!value) return std::nullopt;
  auto text = to_text(*value);
  if (!text) fail(e, "Incorrect key type", "The key of an object is text.");
  return text;
}

// A block inside an object is one of a list, as in HCL1's object model; an assigned member that is
// repeated takes its last value.
std::optional<Value> Evaluator::eval(const Expr&, const ObjectExpr& n, const Scope& scope) {
  Value::Map out;
  std::map<std::string, Value::List> nested;
  for (const auto& item : n.items) {
    const auto key = key_text(*item.key, scope);
    auto value = key ? evaluate(*item.value, scope) : std::nullopt;
    if (!value) return std::nullopt;
    if (item.nested_block) nested[*key].push_back(std::move(*value));
    else out.insert_or_assign(*key, std::move(*value));
  }
  for (auto& [key, list] : nested) out.insert_or_assign(key, Value(std::move(list)));
  return Value(std::move(out));
}

std::optional<Value> Evaluator::eval(const Expr& e, const ForExpr& n, const Scope& scope) {
  Value::List list;
  auto map = loop(e, n, scope, list);
  if (!map) return std::nullopt;
  if (n.key != nullptr) return Value(std::move(*map));
  if (!n.join) return Value(std::move(list));
  std::string joined;
  for (const auto& part : list) {
    const auto text = to_text(part);
    if (!charge(e, text->size())) return std::nullopt;
    joined += *text;
    if (joined.size() > limits::kHclValueWeightMax) break;  // evaluate() refuses it
  }
  return Value(std::move(joined));
}

// Fills `list`, or the map that is returned when the expression makes an object.
std::optional<Value::Map> Evaluator::loop(const Expr& e, const ForExpr& n, const Scope& scope, Value::List& list) {
  const auto collection = evaluate(*n.collection, scope);
  if (!collection) return std::nullopt;
  Value::List keys, values;
  if (const auto* items = collection->list()) {
    for (std::size_t i = 0; i < items->size(); ++i) keys.emplace_back(static_cast<Number>(i));
    values = *items;
  } else if (const auto* members = collection->map()) {
    for (const auto& [key, value] : *members) {
      keys.emplace_back(key);
      values.push_back(value);
    }
  } else {
    fail(*n.collection, "Iteration over non-iterable value", "A value of type " + std::string(collection->kind_name()) + " has no elements.");
    return std::nullopt;
  }
  std::map<std::string, Value::List> groups;
  Value::Map out;
  std::size_t weight = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Scope inner{&scope, {}};
    if (!n.key_name.empty()) inner.names.insert_or_assign(n.key_name, keys[i]);
    inner.names.insert_or_assign(n.value_name, values[i]);
    if (n.condition != nullptr) {
      const auto wanted = condition(*n.condition, inner);
      if (!wanted) return std::nullopt;
      if (!*wanted) continue;
    }
    auto value = evaluate(*n.value, inner);
    if (!value) return std::nullopt;
    weight += value->weight();
    if (!charge(e, value->weight())) return std::nullopt;
    if (weight > limits::kHclValueWeightMax) {
      fail(e, "Value too large", "The collection grows beyond what is allowed.");
      return std::nullopt;
    }
    if (n.key == nullptr) {
      list.push_back(std::move(*value));
      continue;
    }
    const auto key = key_text(*n.key, inner);
    if (!key) return std::nullopt;
    if (n.group) {
      groups[*key].push_back(std::move(*value));
    } else if (!out.emplace(*key, std::move(*value)).second) {
      fail(*n.key, "Duplicate object key", "Two elements have the key " + quoted(*key) + "; put ... behind the value to group them.");
      return std::nullopt;
    }
  }
  for (auto& [key, grouped] : groups) out.emplace(key, Value(std::move(grouped)));
  return out;
}

// ---- calls ---------------------------------------------------------------------------------------

// try(): the first argument that evaluates; can(): whether the argument does.
std::optional<Value> Evaluator::first_that_works(const CallExpr& n, const Scope& scope) {
  Diagnostics unheard;
  auto* const heard = std::exchange(diagnostics_, &unheard);
  std::optional<Value> result;
  for (const auto& arg : n.args) {
    result = evaluate(*arg, scope);
    if (result) break;
  }
  diagnostics_ = heard;
  return result;
}

std::optional<Value::List> Evaluator::arguments(const CallExpr& n, const Scope& scope) {
  Value::List out;
  for (const auto& arg : n.args) {
    auto value = evaluate(*arg, scope);
    if (!value) return std::nullopt;
    const bool expand = n.expand_last && &arg == &n.args.back();
    if (!expand) {
      out.push_back(std::move(*value));
    } else if (const auto* list = value->list()) {
      out.insert(out.end(), list->begin(), list->end());
    } else {
      fail(*arg, "Invalid expanding argument value", "The argument in front of ... is a list.");
      return std::nullopt;
    }
  }
  return out;
}

std::optional<Value> Evaluator::eval(const Expr& e, const CallExpr& n, const Scope& scope) {
  if (n.name == "try" || n.name == "can") {
    auto result = first_that_works(n, scope);
    if (n.name == "can" && !exhausted_) return Value(result.has_value());
    if (result) return result;
    if (exhausted_) diagnostics_->error(source_, e.range, "Evaluation takes too long", "The file asks for more work than is allowed for one file.");
    return fail(e, "Error in function call", "Call to function \"try\" failed: no argument could be evaluated.");
  }
  if (n.name == "convert" && n.args.size() == 2) {
    const auto value = evaluate(*n.args[0], scope);
    if (!value || !charge(e, value->weight())) return std::nullopt;
    auto converted = convert(*value, *n.args[1]);
    return converted.ok() ? std::optional(*converted) : fail(e, "Error in function call", "Call to function \"convert\" failed: " + converted.error().detail);
  }
  const auto* function = find_function(n.name);
  if (function == nullptr) {
    const auto near = closest(n.name, function_names());
    error(n.name_range, "Call to unknown function", "There is no function named " + quoted(n.name) + "." +
                                                        (near.empty() ? "" : " Did you mean " + quoted(near) + "?"));
    return std::nullopt;
  }
  const auto args = arguments(n, scope);
  if (!args) return std::nullopt;
  if (args->size() < function->args_min || args->size() > function->args_max) {
    const auto wanted = args->size() < function->args_min ? function->args_min : function->args_max;
    return fail(e, args->size() < function->args_min ? "Not enough function arguments" : "Too many function arguments",
                "Function " + quoted(n.name) + " takes " + (args->size() < wanted ? "at least " : "at most ") + std::to_string(wanted) + ".");
  }
  std::size_t work = 1;
  for (const auto& arg : *args) work += arg.weight();
  if (!charge(e, work)) return std::nullopt;
  auto result = function->call(*args, outside_);
  if (!result.ok()) return fail(e, "Error in function call", "Call to function " + quoted(n.name) + " failed: " + result.error().detail);
  if (!charge(e, result->weight())) return std::nullopt;
  return std::move(result).value();
}

}  // namespace core::jobspec
