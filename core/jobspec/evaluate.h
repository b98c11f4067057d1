// SPDX-License-Identifier: MPL-2.0
// Expressions to values. Names are looked up in scopes, then among the file's variables and locals;
// a name that nobody defines is text for run time: ${attr.kernel.name} evaluates to itself.
//
// Bounded by limits.h: depth, work, and the weight of any value. An error is reported once, with its
// place; what depends on it is not reported again.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/base/rng.h"
#include "core/jobspec/ast.h"
#include "core/jobspec/lexer.h"

namespace core::jobspec {

// What functions may ask of the outside. What is not given, they refuse.
struct Outside {
  std::function<Result<std::string>(const std::string& path)> read_file;
  Rng* rng = nullptr;  // for uuidv4()
};

struct Scope {
  const Scope* parent = nullptr;
  std::map<std::string, Value, std::less<>> names;

  const Value* find(std::string_view name) const;
};

class Evaluator {
 public:
  // All of them outlive the evaluator.
  Evaluator(const Source& source, Grammar grammar, Diagnostics& diagnostics, const Outside& outside);

  // What var.<name> means.
  void set_variable(const std::string& name, Value value) {
    variables_.insert_or_assign(name, std::move(value));
  }
  // What local.<name> means; evaluated when first asked for. False if the name is taken.
  bool add_local(const std::string& name, const Expr& value);
  // Evaluates the locals nobody asked for, so that their errors show.
  void finish_locals();

  // Nothing after an error, which is reported.
  std::optional<Value> evaluate(const Expr& e, const Scope& scope);
  // For who walks or copies the whole value: counts its weight as work.
  std::optional<Value> evaluate_whole(const Expr& e, const Scope& scope);

  void error(Range range, std::string summary, std::string detail = {}) {
    diagnostics_->error(source_, range, std::move(summary), std::move(detail));
  }
  const Source& source() const { return source_; }
  const Outside& outside() const { return outside_; }
  // Counts one more block; an error and false beyond kHclBlocksMax.
  bool count_block(Range range);
  // More errors would not be shown.
  bool full() const { return diagnostics_->full(); }
  // Whether an attribute may be given twice, as HCL1 and JSON allow.
  bool repeats_allowed() const { return grammar_.json || !grammar_.expressions; }

 private:
  class Loop;
  struct Local {
    const Expr* expression;
    enum { unread, reading, read } state = unread;
    std::optional<Value> value;
  };
  using Maybe = std::optional<Value>;

  Maybe visit(const Expr& e, const Scope& scope);
  Maybe eval(const Expr&, const Literal& n, const Scope&);
  Maybe eval(const Expr& e, const Template& n, const Scope& scope);
  Maybe eval(const Expr& e, const Reference& n, const Scope& scope);
  Maybe eval(const Expr& e, const Access& n, const Scope& scope);
  Maybe eval(const Expr& e, const Splat& n, const Scope& scope);
  Maybe eval(const Expr& e, const SplatItem& n, const Scope& scope);
  Maybe eval(const Expr& e, const CallExpr& n, const Scope& scope);
  Maybe eval(const Expr& e, const Unary& n, const Scope& scope);
  Maybe eval(const Expr& e, const Binary& n, const Scope& scope);
  Maybe eval(const Expr& e, const Conditional& n, const Scope& scope);
  Maybe eval(const Expr& e, const ListExpr& n, const Scope& scope);
  Maybe eval(const Expr& e, const ObjectExpr& n, const Scope& scope);
  Maybe eval(const Expr& e, const ForExpr& n, const Scope& scope);

  Maybe logic(const Binary& n, const Scope& scope);
  Maybe arithmetic(const Expr& e, const Binary& n, const Scope& scope);
  Maybe local(const Expr& e, const std::string& name);
  Maybe step(const Expr& e, const Value& object, const Value& key);
  Maybe steps(const Expr& e, Value from, const std::vector<Value>& keys, std::size_t first);
  Maybe first_that_works(const CallExpr& n, const Scope& scope);
  Maybe try_or_can(const Expr& e, const CallExpr& n, const Scope& scope);
  Maybe unknown_function(const Expr& e, const CallExpr& n);
  Maybe call_failed(const Expr& e, const CallExpr& n, const std::string& why);
  std::optional<Value::List> arguments(const CallExpr& n, const Scope& scope);
  std::optional<bool> condition(const Expr& e, const Scope& scope);
  std::optional<Number> operand(const Expr& e, const Scope& scope);
  std::optional<std::string> key_text(const Expr& e, const Scope& scope);

  Maybe fail(const Expr& e, std::string summary, std::string detail);
  // The value, unless it is too heavy or too deep.
  Maybe checked(const Expr& e, Value value);
  bool charge(const Expr& e, std::size_t work);

  const Source& source_;
  Grammar grammar_;
  Diagnostics* diagnostics_;  // try() and can() put another in its place for a while
  const Outside& outside_;
  std::map<std::string, Value, std::less<>> variables_;
  std::map<std::string, Local, std::less<>> locals_;
  std::size_t work_ = 0;
  std::size_t depth_ = 0;
  std::size_t blocks_ = 0;
  bool exhausted_ = false;
};

}  // namespace core::jobspec
