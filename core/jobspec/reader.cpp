// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/reader.h"

#include <algorithm>
#include <set>

namespace core::jobspec {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

const std::string* constant_key(const ObjectItem& item) {
  const auto* literal = item.key->as<Literal>();
  return literal == nullptr ? nullptr : literal->value.text();
}

}  // namespace

BodyReader::BodyReader(Evaluator& evaluator, const Body& body, const Scope& scope)
    : evaluator_(evaluator), scope_(scope), range_(body.range) {
  for (const auto& attribute : body.attributes)
    entries_.push_back({.name = attribute.name, .name_range = attribute.name_range, .value = attribute.value.get()});
  for (const auto& block : body.blocks) {
    const bool dynamic = block.type == "dynamic" && block.labels.size() == 1;
    const auto name_range = dynamic ? block.labels[0].range : block.type_range;
    entries_.push_back({.name = dynamic ? block.labels[0].text : block.type, .name_range = name_range, .block = &block, .dynamic = dynamic});
  }
  if (evaluator.repeats_allowed()) return;
  std::set<std::string_view> seen;
  for (const auto& attribute : body.attributes)
    if (!seen.insert(attribute.name).second)
      error(attribute.name_range, "Attribute redefined", "The argument " + quoted(attribute.name) + " is set more than once.");
}

BodyReader::BodyReader(Evaluator& evaluator, const Expr& object, const Scope& scope)
    : evaluator_(evaluator), scope_(scope), range_(object.range) {
  for (const auto& item : object.as<ObjectExpr>()->items) {
    if (const auto* name = constant_key(item))
      entries_.push_back({.name = *name, .name_range = item.key->range, .value = item.value.get()});
    else
      error(item.key->range, "Invalid argument name", "Names of arguments and blocks are not computed.");
  }
}

bool BodyReader::matches(const Entry& entry, std::string_view name) const { return same_word(entry.name, name); }

std::vector<BodyReader::Entry*> BodyReader::take(std::string_view name) {
  known_.push_back(name);
  std::vector<Entry*> found;
  for (auto& entry : entries_) {
    if (entry.used || !matches(entry, name)) continue;
    entry.used = true;
    found.push_back(&entry);
  }
  return found;
}

bool BodyReader::has(std::string_view name) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) { return matches(e, name); });
}

void BodyReader::ignore(std::string_view name) { (void)take(name); }

const Expr* BodyReader::expression(std::string_view name) {
  const auto found = take(name);
  return found.empty() ? nullptr : found.back()->value;
}

// ---- errors --------------------------------------------------------------------------------------

Range BodyReader::range_of(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return matches(e, name); });
  if (found == entries_.end()) return range_;
  return found->value != nullptr ? found->value->range : found->name_range;
}

void BodyReader::error(std::string_view name, std::string summary, std::string detail) {
  error(range_of(name), std::move(summary), std::move(detail));
}

void BodyReader::unsuitable(const Entry& entry, const Error& error) {
  evaluator_.error(entry.value->range, "Unsuitable value type", "Unsuitable value: " + error.detail);
}

void BodyReader::finish() {
  for (const auto& entry : entries_) {
    if (entry.used) continue;
    const bool is_block = entry.block != nullptr;
    const auto near = closest(entry.name, known_);
    const std::string what = is_block ? "Blocks of type " + quoted(entry.name) + " are not expected here."
                                      : "An argument named " + quoted(entry.name) + " is not expected here.";
    error(entry.name_range, is_block ? "Unsupported block type" : "Unsupported argument",
          what + (near.empty() ? "" : " Did you mean " + quoted(near) + "?"));
  }
}

// ---- attributes ----------------------------------------------------------------------------------

std::optional<Value> BodyReader::evaluate(const Entry& entry) {
  if (entry.value != nullptr) return evaluator_.evaluate(*entry.value, scope_);
  error(entry.name_range, "Argument definition required", quoted(entry.name) + " is an argument: it is written with an equals sign.");
  return std::nullopt;
}

// ---- blocks --------------------------------------------------------------------------------------

bool BodyReader::block(std::string_view name, const Read& read, std::string_view where) {
  std::size_t count = 0;
  each(name, 0, [&](std::span<const Label>, BodyReader& in) {
    if (++count == 1) {
      read(in);
      in.finish();
    } else if (count == 2) {
      error(in.range(), "Duplicate " + std::string(name) + " block", "only one '" + std::string(name) + "' block allowed" + std::string(where));
    }
  });
  return count > 0;
}

void BodyReader::blocks(std::string_view name, const Read& read) {
  each(name, 0, [&](std::span<const Label>, BodyReader& in) {
    read(in);
    in.finish();
  });
}

void BodyReader::labelled(std::string_view name, const ReadLabelled& read) {
  each(name, 1, [&](std::span<const Label> labels, BodyReader& in) {
    read(labels[0], in);
    in.finish();
  });
}

void BodyReader::each(std::string_view name, std::size_t labels_wanted, const Instance& read) {
  for (const auto* entry : take(name)) {
    std::vector<Label> labels;
    if (entry->dynamic) dynamic_blocks(*entry->block, labels_wanted, read);
    else if (entry->block != nullptr) one_block(*entry->block, labels_wanted, read);
    else each_object(*entry, *entry->value, labels_wanted, labels, read);
  }
}

void BodyReader::expressions(std::string_view name, const std::function<void(const std::string&, Range, const Expr&)>& read) {
  each(name, 0, [&](std::span<const Label>, BodyReader& in) {
    for (auto& entry : in.entries_) {
      if (entry.value == nullptr) continue;
      entry.used = true;
      read(std::string(entry.name), entry.name_range, *entry.value);
    }
    in.finish();
  });
}

bool BodyReader::labels_fit(const Block& block, std::size_t labels_wanted) {
  if (block.labels.size() == labels_wanted) return true;
  if (block.labels.size() < labels_wanted) {
    error(block.type_range, "Missing name for " + block.type, "All " + block.type + " blocks must have a label with a name.");
  } else {
    error(block.labels[labels_wanted].range, "Extraneous label for " + block.type,
          labels_wanted == 0 ? "No labels are expected for " + block.type + " blocks." : "Only one label is expected for " + block.type + " blocks.");
  }
  return false;
}

void BodyReader::one_block(const Block& block, std::size_t labels_wanted, const Instance& read) {
  if (!labels_fit(block, labels_wanted) || !evaluator_.count_block(block.type_range)) return;
  BodyReader in(evaluator_, block.body, scope_);
  read(block.labels, in);
}

void BodyReader::each_object(const Entry& entry, const Expr& e, std::size_t labels_wanted, std::vector<Label>& labels, const Instance& read) {
  if (const auto* list = e.as<ListExpr>()) {
    for (const auto& item : list->items) each_object(entry, *item, labels_wanted, labels, read);
    return;
  }
  const auto* literal = e.as<Literal>();
  if (literal != nullptr && literal->value.is_null()) return;
  const auto* object = e.as<ObjectExpr>();
  if (object == nullptr) {
    error(entry.name_range, "Unsupported argument",
          "An argument named " + quoted(entry.name) + " is not expected here; it is a block, written with braces and without an equals sign.");
    return;
  }
  if (labels.size() == labels_wanted) {
    if (!evaluator_.count_block(e.range)) return;
    BodyReader in(evaluator_, e, scope_);
    read(labels, in);
    return;
  }
  for (const auto& item : object->items) {
    const auto* key = constant_key(item);
    if (key == nullptr) {
      error(item.key->range, "Invalid block label", "Labels are not computed.");
      continue;
    }
    labels.push_back({*key, item.key->range});
    each_object(entry, *item.value, labels_wanted, labels, read);
    labels.pop_back();
  }
}

// ---- dynamic -------------------------------------------------------------------------------------

std::optional<std::vector<Label>> BodyReader::dynamic_labels(BodyReader& in, const Scope& scope) {
  std::vector<Label> labels;
  const auto* e = in.expression("labels");
  if (e == nullptr) return labels;
  const auto value = evaluator_.evaluate(*e, scope);
  if (!value) return std::nullopt;
  std::vector<std::string> texts;
  if (const auto status = assign(*value, texts); !status.ok()) {
    error(e->range, "Invalid dynamic block label", status.error().detail);
    return std::nullopt;
  }
  for (auto& text : texts) labels.push_back({std::move(text), e->range});
  return labels;
}

void BodyReader::dynamic_blocks(const Block& block, std::size_t labels_wanted, const Instance& read) {
  BodyReader in(evaluator_, block.body, scope_);
  std::string iterator = block.labels[0].text;
  if (const auto* e = in.expression("iterator")) {
    const auto* name = e->as<Reference>();
    if (name == nullptr || !name->steps.empty()) return error(e->range, "Invalid iterator", "The iterator is a single name.");
    iterator = name->root;
  }
  const auto* collection = in.expression("for_each");
  if (collection == nullptr) return error(block.type_range, "Missing required argument", "A dynamic block needs for_each.");
  const auto items = evaluator_.evaluate(*collection, scope_);
  if (!items) return;
  const Block* content = nullptr;
  for (const auto& inner : block.body.blocks)
    if (inner.type == "content" && inner.labels.empty()) content = &inner;
  if (content == nullptr) return error(block.type_range, "Missing content block", "A dynamic block needs a nested block called content.");
  in.ignore("content");

  const auto make = [&](Value key, const Value& value) {
    Value::Map names;
    names.emplace("key", std::move(key));
    names.emplace("value", value);
    Scope scope{&scope_, {}};
    scope.names.insert_or_assign(iterator, Value(std::move(names)));
    if (!evaluator_.count_block(block.type_range)) return;
    BodyReader labels_in(evaluator_, block.body, scope_);
    const auto labels = dynamic_labels(labels_in, scope);
    if (!labels) return;
    if (labels->size() != labels_wanted) return error(block.type_range, "Invalid dynamic block labels", "The block takes " + std::to_string(labels_wanted) + " labels.");
    BodyReader made(evaluator_, content->body, scope);
    read(*labels, made);
  };
  in.ignore("labels");
  in.finish();
  if (const auto* list = items->list()) {
    for (std::size_t i = 0; i < list->size(); ++i) make(Value(static_cast<Number>(i)), (*list)[i]);
  } else if (const auto* map = items->map()) {
    for (const auto& [key, value] : *map) make(Value(key), value);
  } else {
    error(collection->range, "Invalid dynamic for_each value", "A list or a map is required.");
  }
}

// ---- free form -----------------------------------------------------------------------------------

void BodyReader::add_free_form(Value::Map& out, const Entry& entry) {
  if (entry.value != nullptr) {
    auto value = evaluate(entry);
    if (value) out.insert_or_assign(std::string(entry.name), std::move(*value));
    return;
  }
  Value::List made;
  const auto add = [&](std::span<const Label> labels, BodyReader& in) {
    Value value(in.rest());
    for (auto i = labels.size(); i > 0; --i) {
      Value::Map level;
      level.emplace(labels[i - 1].text, Value(Value::List{std::move(value)}));
      value = Value(std::move(level));
    }
    made.push_back(std::move(value));
  };
  if (entry.dynamic) dynamic_blocks(*entry.block, 0, add);
  else one_block(*entry.block, entry.block->labels.size(), add);
  auto& member = out[std::string(entry.name)];
  auto all = member.list() == nullptr ? Value::List{} : *member.list();
  all.insert(all.end(), made.begin(), made.end());
  member = Value(std::move(all));
}

Value::Map BodyReader::rest() {
  Value::Map out;
  for (auto& entry : entries_) {
    if (std::exchange(entry.used, true)) continue;
    add_free_form(out, entry);
  }
  return out;
}

Value::Map BodyReader::free_form(std::string_view name) {
  Value::Map out;
  const auto merge = [&](Value::Map from) {
    for (auto& [key, value] : from) out.insert_or_assign(key, std::move(value));
  };
  for (const auto* entry : take(name)) {
    const auto add = [&](std::span<const Label>, BodyReader& in) { merge(in.rest()); };
    if (entry->dynamic) {
      dynamic_blocks(*entry->block, 0, add);
    } else if (entry->block != nullptr) {
      one_block(*entry->block, 0, add);
    } else if (const auto value = evaluate(*entry)) {
      if (const auto* map = value->map()) merge(*map);
      else if (!value->is_null()) unsuitable(*entry, Error{Errc::invalid, "a map is required"});
    }
  }
  return out;
}

void BodyReader::map(std::string_view name, std::map<std::string, std::string>& out) {
  for (const auto& [key, value] : free_form(name)) {
    if (value.is_null()) continue;
    auto text = to_text(value);
    if (text) out.insert_or_assign(key, std::move(*text));
    else error(name, "Unsuitable value type", "Unsuitable value: the value of " + quoted(key) + " must be a string.");
  }
}

}  // namespace core::jobspec
