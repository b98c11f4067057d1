// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/reader.h"

#include <algorithm>
#include <set>

namespace core::jobspec {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
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
    entries_.push_back(
        {.name = attribute.name, .name_range = attribute.name_range, .value = attribute.value.get()});
  for (const auto& block : body.blocks) {
    const bool dynamic = block.type == "dynamic" && block.labels.size() == 1;
    const auto name_range = dynamic ? block.labels[0].range : block.type_range;
    entries_.push_back({.name = dynamic ? block.labels[0].text : block.type,
                        .name_range = name_range,
                        .block = &block,
                        .dynamic = dynamic});
  }
  if (evaluator.repeats_allowed()) return;
  std::set<std::string_view> seen;
  for (const auto& attribute : body.attributes)
    if (!seen.insert(attribute.name).second)
      error(attribute.name_range, "Attribute redefined",
            "The argument " + quoted(attribute.name) + " is set more than once.");
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

bool BodyReader::matches(const Entry& entry, std::string_view name) const {
  return same_word(entry.name, name);
}

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
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return matches(e, name); });
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
    const auto near = evaluator_.full() ? std::string_view() : closest(entry.name, known_);
    const std::string what = is_block ? "Blocks of type " + quoted(entry.name) + " are not expected here."
                                      : "An argument named " + quoted(entry.name) + " is not expected here.";
    error(entry.name_range, is_block ? "Unsupported block type" : "Unsupported argument",
          what + (near.empty() ? "" : " Did you mean " + quoted(near) + "?"));
  }
}

// ---- attributes ----------------------------------------------------------------------------------

std::optional<Value> BodyReader::evaluate(const Entry& entry) {
  if (entry.value != nullptr) return evaluator_.evaluate_whole(*entry.value, scope_);
  error(entry.name_range, "Argument definition required",
        quoted(entry.name) + " is an argument: it is written with an equals sign.");
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
      error(in.range(), "Duplicate " + std::string(name) + " block",
            "only one '" + std::string(name) + "' block allowed" + std::string(where));
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
    if (entry->dynamic)
      dynamic_blocks(*entry->block, labels_wanted, read);
    else if (entry->block != nullptr)
      one_block(*entry->block, labels_wanted, read);
    else
      each_object(*entry, *entry->value, labels_wanted, labels, read);
  }
}

void BodyReader::expressions(std::string_view name,
                             const std::function<void(const std::string&, Range, const Expr&)>& read) {
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
    error(block.type_range, "Missing name for " + block.type,
          "All " + block.type + " blocks must have a label with a name.");
  } else {
    error(block.labels[labels_wanted].range, "Extraneous label for " + block.type,
          labels_wanted == 0 ? "No labels are expected for " + block.type + " blocks."
                             : "Only one label is expected for " + block.type + " blocks.");
  }
  return false;
}

void BodyReader::one_block(const Block& block, std::size_t labels_wanted, const Instance& read) {
  if (!labels_fit(block, labels_wanted) || !evaluator_.count_block(block.type_range)) return;
  BodyReader in(evaluator_, block.body, scope_);
  read(block.labels, in);
}

void BodyReader::each_object(const Entry& entry, const Expr& e, std::size_t labels_wanted,
                             std::vector<Label>& labels, const Instance& read) {
  if (const auto* list = e.as<ListExpr>()) {
    for (const auto& item : list->items) each_object(entry, *item, labels_wanted, labels, read);
    return;
  }
  const auto* literal = e.as<Literal>();
  if (literal != nullptr && literal->value.is_null()) return;
  const auto* object = e.as<ObjectExpr>();
  if (object == nullptr) {
    error(entry.name_range, "Unsupported argument",
          "An argument named " + quoted(entry.name) +
              " is not expected here; it is a block, written with braces and without an equals sign.");
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

}  // namespace core::jobspec
