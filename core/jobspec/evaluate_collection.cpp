// SPDX-License-Identifier: MPL-2.0
// Lists, objects, splats and `for`.
#include "core/base/limits.h"
#include "core/jobspec/evaluate.h"

namespace core::jobspec {
namespace {

// Splat elements are found under a name no source can spell.
constexpr std::string_view kSplatItem = "*";

}  // namespace

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
    if (item.nested_block)
      nested[*key].push_back(std::move(*value));
    else
      out.insert_or_assign(*key, std::move(*value));
  }
  for (auto& [key, list] : nested) out.insert_or_assign(key, Value(std::move(list)));
  return Value(std::move(out));
}

// A single value is splatted as a list of one, null as an empty list.
std::optional<Value> Evaluator::eval(const Expr&, const Splat& n, const Scope& scope) {
  const auto source = evaluate_whole(*n.source, scope);
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

// ---- for -----------------------------------------------------------------------------------------

// What a `for` has made so far: a list, or the members of an object.
class Evaluator::Loop {
 public:
  Loop(Evaluator& evaluator, const Expr& e, const ForExpr& n) : evaluator_(evaluator), e_(e), n_(n) {}

  // One round. False after an error.
  bool add(Value key, const Value& value, const Scope& scope) {
    Scope inner{&scope, {}};
    if (!n_.key_name.empty()) inner.names.insert_or_assign(n_.key_name, std::move(key));
    inner.names.insert_or_assign(n_.value_name, value);
    if (n_.condition != nullptr) {
      const auto wanted = evaluator_.condition(*n_.condition, inner);
      if (!wanted || !*wanted) return wanted.has_value();
    }
    auto made = evaluator_.evaluate_whole(*n_.value, inner);
    if (!made) return false;
    weight_ += made->weight();
    if (weight_ > limits::kHclValueWeightMax) {
      evaluator_.fail(e_, "Value too large", "The collection grows beyond what is allowed.");
      return false;
    }
    if (n_.key != nullptr) return add_member(std::move(*made), inner);
    list_.push_back(std::move(*made));
    return true;
  }

  Value result() && {
    if (n_.join) return joined();
    if (n_.key == nullptr) return Value(std::move(list_));
    for (auto& [key, grouped] : groups_) members_.emplace(key, Value(std::move(grouped)));
    return Value(std::move(members_));
  }

 private:
  bool add_member(Value made, const Scope& inner) {
    const auto key = evaluator_.key_text(*n_.key, inner);
    if (!key) return false;
    if (n_.group) {
      groups_[*key].push_back(std::move(made));
      return true;
    }
    if (members_.emplace(*key, std::move(made)).second) return true;
    evaluator_.fail(*n_.key, "Duplicate object key",
                    "Two elements have the key \"" + *key + "\"; put ... behind the value to group them.");
    return false;
  }

  // The body of a %{ for } is a template: text.
  Value joined() const {
    std::string out;
    for (const auto& part : list_) out += *part.text();
    return Value(std::move(out));
  }

  Evaluator& evaluator_;
  const Expr& e_;
  const ForExpr& n_;
  Value::List list_;
  Value::Map members_;
  std::map<std::string, Value::List> groups_;
  std::size_t weight_ = 0;
};

std::optional<Value> Evaluator::eval(const Expr& e, const ForExpr& n, const Scope& scope) {
  const auto collection = evaluate_whole(*n.collection, scope);
  if (!collection) return std::nullopt;
  Loop loop(*this, e, n);
  if (const auto* items = collection->list()) {
    for (std::size_t i = 0; i < items->size(); ++i)
      if (!loop.add(Value(static_cast<Number>(i)), (*items)[i], scope)) return std::nullopt;
  } else if (const auto* members = collection->map()) {
    for (const auto& [key, value] : *members)
      if (!loop.add(Value(key), value, scope)) return std::nullopt;
  } else {
    return fail(*n.collection, "Iteration over non-iterable value",
                "A value of type " + std::string(collection->kind_name()) + " has no elements.");
  }
  return std::move(loop).result();
}

}  // namespace core::jobspec
