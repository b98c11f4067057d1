// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/variables.h"

#include "core/jobspec/parser.h"
#include "core/jobspec/type.h"

namespace core::jobspec {
namespace {

struct Rule {
  const Expr* condition;
  std::string message;
};

struct Variable {
  Range declared;
  const Expr* type = nullptr;
  std::optional<Value> value;
  Range value_range;
  const Source* value_source = nullptr;
  std::vector<Rule> rules;
};

class Reading {
 public:
  Reading(BodyReader& file, std::deque<Source>& sources, Diagnostics& diagnostics)
      : file_(file), evaluator_(file.evaluator()), sources_(sources), diagnostics_(diagnostics) {}

  void declare() {
    file_.labelled("variable", [&](const Label& label, BodyReader& in) { declare_one(label, in); });
    file_.blocks("variables", [&](BodyReader& in) {
      for (auto& [name, value] : in.rest()) {
        auto& variable = variables_[name];
        variable.declared = variable.value_range = in.range();
        variable.value = std::move(value);
        variable.value_source = &evaluator_.source();
      }
    });
  }

  void take_environment(const std::vector<NamedValue>& values) {
    for (const auto& given : values)
      if (const auto found = variables_.find(given.name); found != variables_.end())
        set_from_text(found->second, "<environment>", given);
  }

  void take_flags(const std::vector<NamedValue>& values) {
    for (const auto& given : values) {
      const auto found = variables_.find(given.name);
      if (found != variables_.end())
        set_from_text(found->second, "<value for var." + given.name + " from arguments>", given);
      else
        diagnostics_.error(
            "Undefined -var variable",
            "A \"" + given.name +
                "\" variable was passed in the command line but was not found in known variables.");
    }
  }

  void take_file(const Source& given) {
    const auto& source = sources_.emplace_back(given);
    const bool is_json = looks_like_json(source.text);
    const auto grammar = is_json ? Grammar::json_literal() : Grammar::hcl2();
    const auto body = parse_body(source, grammar, diagnostics_);
    const Outside nothing;
    Evaluator evaluator(source, grammar, diagnostics_, nothing);
    for (const auto& attribute : body.attributes) {
      const auto found = variables_.find(attribute.name);
      if (found == variables_.end()) continue;
      if (auto value = evaluator.evaluate(*attribute.value, Scope{}))
        set(found->second, std::move(*value), source, attribute.value->range);
    }
    for (const auto& block : body.blocks)
      diagnostics_.error(source, block.type_range, "Unsupported block type",
                         "A file of variables holds `name = value` only.");
  }

  void finish() {
    for (auto& [name, variable] : variables_) {
      if (!variable.value) {
        evaluator_.error(variable.declared, "Unset variable \"" + name + "\"",
                         "A used variable must be set or have a default value; see "
                         "https://www.nomadproject.io/docs/job-specification/hcl2/syntax for details.");
        evaluator_.set_variable(name, Value());
        continue;
      }
      evaluator_.set_variable(name, *variable.value);
    }
    for (const auto& [name, variable] : variables_) check(name, variable);
  }

 private:
  void declare_one(const Label& label, BodyReader& in) {
    auto& variable = variables_[label.text];
    if (variable.value_source != nullptr || variable.type != nullptr || variable.declared.end != 0)
      return in.error(label.range, "Duplicate variable",
                      "Variable \"" + label.text + "\" is declared already.");
    variable.declared = label.range;
    variable.type = in.expression("type");
    if (variable.type != nullptr)
      if (const auto status = check_type(*variable.type); !status.ok()) {
        in.error(variable.type->range, "Invalid type specification", status.error().detail);
        variable.type = nullptr;
      }
    if (const auto* initial = in.expression("default"))
      if (auto value = evaluator_.evaluate(*initial, Scope{}))
        set(variable, std::move(*value), evaluator_.source(), initial->range);
    std::string description;
    in.attribute("description", description);
    in.ignore("sensitive");
    in.blocks("validation", [&](BodyReader& rule) {
      const auto* condition = rule.expression("condition");
      std::string message;
      rule.attribute("error_message", message);
      if (condition == nullptr || message.empty())
        return rule.error(rule.range(), "Missing required argument",
                          "A validation has a condition and an error_message.");
      variable.rules.push_back({condition, std::move(message)});
    });
  }

  void set(Variable& variable, Value value, const Source& source, Range range) {
    if (variable.type != nullptr) {
      auto converted = convert(value, *variable.type);
      if (!converted.ok())
        return diagnostics_.error(
            source, range, "Invalid value for variable",
            "The value is not of the variable's type: " + converted.error().detail + ".");
      value = std::move(converted).value();
    }
    variable.value = std::move(value);
    variable.value_source = &source;
    variable.value_range = range;
  }

  // Taken literally where text, a number or anything is wanted; otherwise it is an expression.
  void set_from_text(Variable& variable, std::string origin, const NamedValue& given) {
    const auto& source = sources_.emplace_back(Source{std::move(origin), given.value});
    const Range all{0, static_cast<std::uint32_t>(given.value.size())};
    const auto type = variable.type == nullptr ? std::string_view("any") : plain_type(*variable.type);
    if (type == "string" || type == "number" || type == "any")
      return set(variable, Value(given.value), source, all);
    const auto expression = parse_expression(source, diagnostics_);
    if (expression == nullptr) return;
    const Outside nothing;
    Evaluator evaluator(source, Grammar::hcl2(), diagnostics_, nothing);
    if (auto value = evaluator.evaluate(*expression, Scope{})) set(variable, std::move(*value), source, all);
  }

  void check(const std::string& name, const Variable& variable) {
    for (const auto& rule : variable.rules) {
      const auto value = evaluator_.evaluate(*rule.condition, Scope{});
      if (!value) continue;
      const auto holds = to_bool(*value);
      if (!holds)
        evaluator_.error(rule.condition->range, "Invalid validation result",
                         "The condition must be true or false.");
      else if (!*holds && variable.value_source != nullptr)
        diagnostics_.error(*variable.value_source, variable.value_range,
                           "Invalid value for variable \"" + name + "\"", rule.message);
    }
  }

  BodyReader& file_;
  Evaluator& evaluator_;
  std::deque<Source>& sources_;
  Diagnostics& diagnostics_;
  std::map<std::string, Variable> variables_;
};

}  // namespace

void read_variables(BodyReader& file, const Inputs& inputs, std::deque<Source>& sources,
                    Diagnostics& diagnostics) {
  Reading reading(file, sources, diagnostics);
  reading.declare();
  reading.take_environment(inputs.environment);
  for (const auto& given : inputs.files) reading.take_file(given);
  reading.take_flags(inputs.flags);
  reading.finish();
  file.expressions("locals", [&](const std::string& name, Range range, const Expr& value) {
    if (!file.evaluator().add_local(name, value))
      file.error(range, "Duplicate local value definition", "local." + name + " is defined already.");
  });
  file.evaluator().finish_locals();
}

}  // namespace core::jobspec
