// SPDX-License-Identifier: MPL-2.0
// What the parser found: bodies of attributes and blocks, and expressions not yet evaluated.
// A tree owns its nodes; every node knows its place in the source and how deep the tree below it is.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/jobspec/diagnostics.h"
#include "core/jobspec/token.h"
#include "core/jobspec/value.h"

namespace core::jobspec {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Literal {
  Value value;
};
struct Template {  // its parts joined as text
  std::vector<ExprPtr> parts;
};
// A name with what is read from it: var.a.b[0]. Kept in one piece because a name nobody defined is
// not an error but text for run time: ${attr.kernel.name}.
struct Reference {
  std::string root;
  std::vector<Value> steps;  // attribute names and constant indexes
  std::string text;          // as written
  bool closed = false;       // in parentheses or a template: what follows is not part of the name
};
struct Access {  // object[key] with a computed object or key
  ExprPtr object;
  ExprPtr key;
};
struct Splat {  // source[*] and what is read from each element
  ExprPtr source;
  ExprPtr each;  // reads the element through SplatItem
};
struct SplatItem {};
struct CallExpr {
  std::string name;
  Range name_range;
  std::vector<ExprPtr> args;
  bool expand_last = false;  // f(a, rest...)
};
struct Unary {
  TokenKind op;
  ExprPtr operand;
};
struct Binary {
  TokenKind op;
  ExprPtr left, right;
};
struct Conditional {
  ExprPtr condition, yes, no;
};
struct ListExpr {
  std::vector<ExprPtr> items;
};
struct ObjectItem {
  ExprPtr key;
  ExprPtr value;
  bool nested_block = false;  // HCL1's `key { ... }` inside an object
};
struct ObjectExpr {
  std::vector<ObjectItem> items;
};
struct ForExpr {
  std::string key_name;  // empty: only the value is named
  std::string value_name;
  ExprPtr collection;
  ExprPtr key;  // set: the result is an object
  ExprPtr value;
  ExprPtr condition;   // may be null
  bool group = false;  // {for ... : k => v...}
  bool join = false;   // %{ for }: the results are joined as text
};

struct Expr {
  using Node = std::variant<Literal, Template, Reference, Access, Splat, SplatItem, CallExpr, Unary, Binary,
                            Conditional, ListExpr, ObjectExpr, ForExpr>;
  Range range;
  Node node;
  std::size_t depth = 1;

  template <class T>
  const T* as() const {
    return std::get_if<T>(&node);
  }
};

struct Attribute {
  std::string name;
  Range name_range;
  ExprPtr value;
};

struct Label {
  std::string text;
  Range range;
};

struct Block;
struct Body {
  std::vector<Attribute> attributes;
  std::vector<Block> blocks;
  Range range;
};

struct Block {
  std::string type;
  Range type_range;
  std::vector<Label> labels;
  Body body;
};

}  // namespace core::jobspec
