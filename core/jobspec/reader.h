// SPDX-License-Identifier: MPL-2.0
// Reads a body by a schema that is spoken, not declared: ask for each attribute and block by name,
// then finish() reports what nobody asked for. A block may be written as a block, as an object
// (`key = { ... }`, JSON), as a list of objects, or by `dynamic`; the reader sees no difference.
//
// Every error has its place. Names match whatever their case, as in the first job files.
#pragma once

#include <functional>
#include <map>
#include <span>

#include "core/base/id.h"
#include "core/base/time.h"
#include "core/jobspec/evaluate.h"

namespace core::jobspec {

// Conversions from a value; the error says what was wanted. Text and numbers convert both ways, a
// single value is taken for a list of one, a duration is text ("30s") or whole nanoseconds.
Status assign(const Value& value, std::string& out);
Status assign(const Value& value, bool& out);
Status assign(const Value& value, std::int64_t& out);
Status assign(const Value& value, double& out);
Status assign(const Value& value, Duration& out);
Status assign(const Value& value, json::Raw& out);
Status assign(const Value& value, Value& out);
Status assign(const Value& value, std::map<std::string, std::string>& out);
template <class Tag>
Status assign(const Value& value, Id<Tag>& out) {
  return assign(value, out.text);
}
template <class T>
Status assign(const Value& value, std::optional<T>& out) {
  return assign(value, out.emplace());
}
template <class T>
Status assign(const Value& value, std::vector<T>& out) {
  const std::span<const Value> items =
      value.list() == nullptr ? std::span(&value, 1) : std::span(*value.list());
  for (const auto& item : items) TRY(assign(item, out.emplace_back()));
  return Unit{};
}

class BodyReader {
 public:
  // All outlive the reader. `object` stands for a block; it is an ObjectExpr.
  BodyReader(Evaluator& evaluator, const Body& body, const Scope& scope);
  BodyReader(Evaluator& evaluator, const Expr& object, const Scope& scope);

  // Reads an attribute; false if it is absent, null or wrong, and then `out` is as it was. A list
  // that is repeated (where the grammar allows it) grows.
  template <class T>
  bool attribute(std::string_view name, T& out);
  // The attribute's expression, not evaluated; null if absent.
  const Expr* expression(std::string_view name);

  using Read = std::function<void(BodyReader& in)>;
  using ReadLabelled = std::function<void(const Label& label, BodyReader& in)>;
  // At most one block; a second is an error that says "only one '<name>' block allowed<where>".
  // Returns whether there was one.
  bool block(std::string_view name, const Read& read, std::string_view where = {});
  void blocks(std::string_view name, const Read& read);
  void labelled(std::string_view name, const ReadLabelled& read);

  // The attributes of unlabelled blocks of that name, not evaluated. They outlive the call.
  void expressions(std::string_view name,
                   const std::function<void(const std::string& name, Range range, const Expr& value)>& read);

  // A map that is written as an attribute or as a block; several are merged.
  void map(std::string_view name, std::map<std::string, std::string>& out);
  // Likewise with values of any kind. Blocks in it become lists of maps, as in HCL1.
  Value::Map free_form(std::string_view name);
  // Everything not asked for yet, by name; free form.
  Value::Map rest();

  bool has(std::string_view name) const;
  // Takes what is called `name`, whatever it is, and forgets it.
  void ignore(std::string_view name);
  // Reports everything nobody asked for.
  void finish();

  // At the attribute or block of that name, or at the body as a whole.
  void error(std::string_view name, std::string summary, std::string detail = {});
  void error(Range range, std::string summary, std::string detail = {}) {
    evaluator_.error(range, std::move(summary), std::move(detail));
  }
  Range range() const { return range_; }
  // Of the attribute's value or the block's name; of the body if there is none.
  Range range_of(std::string_view name) const;
  Evaluator& evaluator() { return evaluator_; }

 private:
  struct Entry {
    std::string_view name;
    Range name_range;
    const Expr* value = nullptr;   // an attribute, or a block written as an object
    const Block* block = nullptr;  // `dynamic` has the name of what it makes
    bool dynamic = false;
    bool used = false;
  };
  struct Dynamic {
    const Block& block;
    std::size_t labels_wanted = 0;
    std::string iterator;
    const Expr* labels = nullptr;
    const Block* content = nullptr;
  };
  using Instance = std::function<void(std::span<const Label> labels, BodyReader& in)>;

  bool matches(const Entry& entry, std::string_view name) const;
  std::vector<Entry*> take(std::string_view name);
  void each(std::string_view name, std::size_t labels, const Instance& read);
  void each_object(const Entry& entry, const Expr& e, std::size_t labels_wanted, std::vector<Label>& labels,
                   const Instance& read);
  void one_block(const Block& block, std::size_t labels_wanted, const Instance& read);
  void dynamic_blocks(const Block& block, std::size_t labels_wanted, const Instance& read);
  std::optional<std::vector<Label>> dynamic_labels(const Expr* e, const Scope& scope);
  void dynamic_block(const Dynamic& d, Value key, const Value& value, const Instance& read);
  bool labels_fit(const Block& block, std::size_t labels_wanted);
  void add_block_values(Value::List& out, const Entry& entry);
  std::optional<Value> evaluate(const Entry& entry);
  void unsuitable(const Entry& entry, const Error& error);

  Evaluator& evaluator_;
  const Scope& scope_;
  Range range_;
  std::vector<Entry> entries_;
  std::vector<std::string_view> known_;
};

template <class T>
bool BodyReader::attribute(std::string_view name, T& out) {
  T read = {};
  bool found = false;
  for (const auto* entry : take(name)) {
    const auto value = evaluate(*entry);
    if (!value || value->is_null()) continue;
    if constexpr (!requires { read.push_back({}); }) read = {};
    if (const auto status = assign(*value, read); !status.ok()) {
      unsuitable(*entry, status.error());
      return false;
    }
    found = true;
  }
  if (found) out = std::move(read);
  return found;
}

}  // namespace core::jobspec
