// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/evaluate.h"

#include <cmath>

#include "core/base/limits.h"

namespace core::jobspec {
namespace {

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

std::optional<Value> Evaluator::evaluate_whole(const Expr& e, const Scope& scope) {
  auto value = evaluate(e, scope);
  if (!value || !charge(e, value->weight())) return std::nullopt;
  return value;
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
    return fail(e, "Value too large",
                "A value may take " + std::to_string(limits::kHclValueWeightMax) + " bytes at most.");
  if (value.depth() > limits::kHclDepthMax)
    return fail(e, "Nested too deeply", "The value has too many levels.");
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
  if (!charge(e, variables_.size() * kStepWork)) return std::nullopt;
  std::vector<std::string_view> names;
  for (const auto& [known, value] : variables_) names.push_back(known);
  const auto near = closest(*name, names);
  return fail(e, "Unsupported attribute",
              "No variable " + quoted(*name) + " is declared." +
                  (near.empty() ? "" : " Did you mean " + quoted(near) + "?"));
}

std::optional<Value> Evaluator::local(const Expr& e, const std::string& name) {
  const auto found = locals_.find(name);
  if (found == locals_.end())
    return fail(e, "Unsupported attribute", "No local " + quoted(name) + " is defined.");
  auto& entry = found->second;
  if (entry.state == Local::reading)
    return fail(e, "Cycle in locals", "local." + name + " refers to itself.");
  if (entry.state == Local::unread) {
    entry.state = Local::reading;
    entry.value = evaluate(*entry.expression, Scope{});
    entry.state = Local::read;
  }
  return entry.value;
}

std::optional<Value> Evaluator::steps(const Expr& e, Value from, const std::vector<Value>& keys,
                                      std::size_t first) {
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
    return fail(e, "Unsupported attribute",
                "This object has no attribute named " + quoted(name.value_or("")) + ".");
  }
  if (const auto* list = object.list()) {
    const auto number = to_number(key);
    const auto index = number ? to_int64(*number) : std::nullopt;
    if (index && *index >= 0 && static_cast<std::size_t>(*index) < list->size())
      return (*list)[static_cast<std::size_t>(*index)];
    return fail(e, "Invalid index",
                "The list has " + std::to_string(list->size()) + " elements, and no such one.");
  }
  return fail(e, "Unsupported attribute",
              "A value of type " + std::string(object.kind_name()) + " has no attributes or elements.");
}

std::optional<Value> Evaluator::eval(const Expr& e, const Access& n, const Scope& scope) {
  const auto object = evaluate(*n.object, scope);
  const auto key = object ? evaluate(*n.key, scope) : std::nullopt;
  return key ? step(e, *object, *key) : std::nullopt;
}

// ---- text ----------------------------------------------------------------------------------------

std::optional<Value> Evaluator::eval(const Expr& e, const Template& n, const Scope& scope) {
  std::string out;
  for (const auto& part : n.parts) {
    const auto value = evaluate(*part, scope);
    if (!value) return std::nullopt;
    const auto text = to_text(*value);
    if (!text)
      return fail(*part, "Invalid template interpolation value",
                  "A value of type " + std::string(value->kind_name()) + " cannot be put into text.");
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
  if (!result)
    fail(e, "Incorrect condition type",
         "true or false is required, not a value of type " + std::string(value->kind_name()) + ".");
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
    case TokenKind::plus:
      return Value(a + b);
    case TokenKind::minus:
      return Value(a - b);
    case TokenKind::star:
      return Value(a * b);
    case TokenKind::less:
      return Value(a < b);
    case TokenKind::less_equal:
      return Value(a <= b);
    case TokenKind::greater:
      return Value(a > b);
    case TokenKind::greater_equal:
      return Value(a >= b);
    case TokenKind::slash:
    case TokenKind::percent:
      break;
    default:
      UNREACHABLE();
  }
  if (b == 0) return fail(e, "Division by zero", "The right operand is 0.");
  return Value(n.op == TokenKind::slash ? a / b : std::fmod(a, b));
}

std::optional<Value> Evaluator::eval(const Expr&, const Conditional& n, const Scope& scope) {
  const auto chosen = condition(*n.condition, scope);
  if (!chosen) return std::nullopt;
  return evaluate(*chosen ? *n.yes : *n.no, scope);
}

}  // namespace core::jobspec
