// SPDX-License-Identifier: MPL-2.0
// `dynamic` blocks: one block for each element of a collection.
#include "core/jobspec/reader.h"

namespace core::jobspec {
namespace {

// The one block `content` of a dynamic block.
const Block* content_of(const Block& block) {
  for (const auto& inner : block.body.blocks)
    if (inner.type == "content" && inner.labels.empty()) return &inner;
  return nullptr;
}

}  // namespace

std::optional<std::vector<Label>> BodyReader::dynamic_labels(const Expr* e, const Scope& scope) {
  std::vector<Label> labels;
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

void BodyReader::dynamic_block(const Dynamic& d, Value key, const Value& value, const Instance& read) {
  Value::Map names;
  names.emplace("key", std::move(key));
  names.emplace("value", value);
  Scope scope{&scope_, {}};
  scope.names.insert_or_assign(d.iterator, Value(std::move(names)));
  if (!evaluator_.count_block(d.block.type_range)) return;
  const auto labels = dynamic_labels(d.labels, scope);
  if (!labels) return;
  if (labels->size() != d.labels_wanted)
    return error(d.block.type_range, "Invalid dynamic block labels",
                 "The block takes " + std::to_string(d.labels_wanted) + " labels.");
  BodyReader made(evaluator_, d.content->body, scope);
  read(*labels, made);
}

void BodyReader::dynamic_blocks(const Block& block, std::size_t labels_wanted, const Instance& read) {
  Dynamic d{.block = block, .labels_wanted = labels_wanted, .iterator = block.labels[0].text};
  BodyReader in(evaluator_, block.body, scope_);
  if (const auto* e = in.expression("iterator")) {
    const auto* name = e->as<Reference>();
    if (name == nullptr || !name->steps.empty())
      return error(e->range, "Invalid iterator", "The iterator is a single name.");
    d.iterator = name->root;
  }
  d.labels = in.expression("labels");
  d.content = content_of(block);
  in.ignore("content");
  const auto* collection = in.expression("for_each");
  if (collection == nullptr)
    return error(block.type_range, "Missing required argument", "A dynamic block needs for_each.");
  if (d.content == nullptr)
    return error(block.type_range, "Missing content block",
                 "A dynamic block needs a nested block called content.");
  in.finish();
  const auto items = evaluator_.evaluate_whole(*collection, scope_);
  if (!items) return;
  if (const auto* list = items->list()) {
    for (std::size_t i = 0; i < list->size(); ++i)
      dynamic_block(d, Value(static_cast<Number>(i)), (*list)[i], read);
  } else if (const auto* map = items->map()) {
    for (const auto& [key, value] : *map) dynamic_block(d, Value(key), value, read);
  } else {
    error(collection->range, "Invalid dynamic for_each value", "A list or a map is required.");
  }
}

}  // namespace core::jobspec
