// SPDX-License-Identifier: MPL-2.0
// Calls, with those that decide whether their arguments are evaluated at all.
#include "core/jobspec/evaluate.h"
#include "core/jobspec/functions.h"
#include "core/jobspec/type.h"

namespace core::jobspec {

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

std::optional<Value> Evaluator::try_or_can(const Expr& e, const CallExpr& n, const Scope& scope) {
  auto result = first_that_works(n, scope);
  if (exhausted_ && !result) {  // said where nobody listened
    error(e.range, "Evaluation takes too long", "The file asks for more work than is allowed for one file.");
    return std::nullopt;
  }
  if (n.name == "can") return Value(result.has_value());
  if (result) return result;
  return call_failed(e, n, "no argument could be evaluated");
}

std::optional<Value> Evaluator::call_failed(const Expr& e, const CallExpr& n, const std::string& why) {
  return fail(e, "Error in function call", "Call to function \"" + n.name + "\" failed: " + why);
}

std::optional<Value> Evaluator::unknown_function(const Expr& e, const CallExpr& n) {
  const auto names = function_names();
  if (!charge(e, names.size() * 16)) return std::nullopt;
  const auto near = closest(n.name, names);
  error(n.name_range, "Call to unknown function",
        "There is no function named \"" + n.name + "\"." +
            (near.empty() ? "" : " Did you mean \"" + std::string(near) + "\"?"));
  return std::nullopt;
}

std::optional<Value> Evaluator::eval(const Expr& e, const CallExpr& n, const Scope& scope) {
  if (n.name == "try" || n.name == "can") return try_or_can(e, n, scope);
  if (n.name == "convert" && n.args.size() == 2) {  // the second argument is a type, not a value
    const auto value = evaluate_whole(*n.args[0], scope);
    if (!value) return std::nullopt;
    auto converted = convert(*value, *n.args[1]);
    return converted.ok() ? std::optional(*converted) : call_failed(e, n, converted.error().detail);
  }
  const auto* function = find_function(n.name);
  if (function == nullptr) return unknown_function(e, n);
  const auto args = arguments(n, scope);
  if (!args) return std::nullopt;
  if (args->size() < function->args_min)
    return fail(e, "Not enough function arguments",
                "Function \"" + n.name + "\" takes at least " + std::to_string(function->args_min) + ".");
  if (args->size() > function->args_max)
    return fail(e, "Too many function arguments",
                "Function \"" + n.name + "\" takes at most " + std::to_string(function->args_max) + ".");
  std::size_t work = 1;
  for (const auto& arg : *args) work += arg.weight();
  if (!charge(e, work)) return std::nullopt;
  auto result = function->call(*args, outside_);
  if (!result.ok()) return call_failed(e, n, result.error().detail);
  if (!charge(e, result->weight())) return std::nullopt;
  return std::move(result).value();
}

}  // namespace core::jobspec
