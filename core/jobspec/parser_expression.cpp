// SPDX-License-Identifier: MPL-2.0
// Operators, names, calls and what follows a dot or a bracket.
#include <algorithm>

#include "core/base/limits.h"
#include "core/jobspec/parser_state.h"

namespace core::jobspec {
namespace {

constexpr int kLevels = 6;

// Which level of precedence a binary operator has, weakest 0; -1 for what is none.
int level_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::or_else:
      return 0;
    case TokenKind::and_also:
      return 1;
    case TokenKind::equal:
    case TokenKind::not_equal:
      return 2;
    case TokenKind::less:
    case TokenKind::less_equal:
    case TokenKind::greater:
    case TokenKind::greater_equal:
      return 3;
    case TokenKind::plus:
    case TokenKind::minus:
      return 4;
    case TokenKind::star:
    case TokenKind::slash:
    case TokenKind::percent:
      return 5;
    default:
      return -1;
  }
}

// The depth of the deepest child of a node.
struct DeepestChild {
  std::size_t of(const ExprPtr& e) const { return e == nullptr ? 0 : e->depth; }
  std::size_t of(const std::vector<ExprPtr>& items) const {
    std::size_t depth = 0;
    for (const auto& item : items) depth = std::max(depth, of(item));
    return depth;
  }
  std::size_t operator()(const Literal&) const { return 0; }
  std::size_t operator()(const Reference&) const { return 0; }
  std::size_t operator()(const SplatItem&) const { return 0; }
  std::size_t operator()(const Template& n) const { return of(n.parts); }
  std::size_t operator()(const Access& n) const { return std::max(of(n.object), of(n.key)); }
  std::size_t operator()(const Splat& n) const { return std::max(of(n.source), of(n.each)); }
  std::size_t operator()(const CallExpr& n) const { return of(n.args); }
  std::size_t operator()(const Unary& n) const { return of(n.operand); }
  std::size_t operator()(const Binary& n) const { return std::max(of(n.left), of(n.right)); }
  std::size_t operator()(const Conditional& n) const {
    return std::max({of(n.condition), of(n.yes), of(n.no)});
  }
  std::size_t operator()(const ListExpr& n) const { return of(n.items); }
  std::size_t operator()(const ObjectExpr& n) const {
    std::size_t depth = 0;
    for (const auto& item : n.items) depth = std::max({depth, of(item.key), of(item.value)});
    return depth;
  }
  std::size_t operator()(const ForExpr& n) const {
    return std::max({of(n.collection), of(n.key), of(n.value), of(n.condition)});
  }
};

}  // namespace

Reference* open_reference(Expr& e) {
  auto* reference = std::get_if<Reference>(&e.node);
  return reference == nullptr || reference->closed ? nullptr : reference;
}

ExprPtr Parser::make(Range range, Expr::Node node) {
  const auto depth = std::visit(DeepestChild{}, node) + 1;
  if (depth > limits::kHclDepthMax) {
    stop(range, "Nested too deeply", "The limit is " + std::to_string(limits::kHclDepthMax) + " levels.");
    return nullptr;
  }
  return std::make_unique<Expr>(Expr{shown(range), std::move(node), depth});
}

ExprPtr Parser::expression() {
  Nesting nesting(*this, peek().range);
  if (!nesting) return nullptr;
  return grammar_.expressions && !grammar_.json ? conditional() : literal();
}

ExprPtr Parser::conditional() {
  const auto begin = peek().range.begin;
  auto condition = binary(0);
  if (condition == nullptr || !accept(TokenKind::question)) return condition;
  auto yes = expression();
  if (yes == nullptr) return nullptr;
  if (!expect(TokenKind::colon, "Missing false expression in conditional",
              "A conditional is written `condition ? yes : no`."))
    return nullptr;
  auto no = expression();
  if (no == nullptr) return nullptr;
  return make({begin, last_end_}, Conditional{std::move(condition), std::move(yes), std::move(no)});
}

ExprPtr Parser::binary(int level) {
  if (level == kLevels) return unary();
  const auto begin = peek().range.begin;
  auto left = binary(level + 1);
  while (left != nullptr && level_of(peek().kind) == level) {
    const auto op = take().kind;
    auto right = binary(level + 1);
    if (right == nullptr) return nullptr;
    left = make({begin, last_end_}, Binary{op, std::move(left), std::move(right)});
  }
  return left;
}

ExprPtr Parser::unary() {
  const auto op = peek();
  if (op.kind != TokenKind::minus && op.kind != TokenKind::bang) return postfix();
  Nesting nesting(*this, op.range);
  if (!nesting) return nullptr;
  take();
  auto operand = unary();
  if (operand == nullptr) return nullptr;
  return make({op.range.begin, last_end_}, Unary{op.kind, std::move(operand)});
}

ExprPtr Parser::postfix() {
  const auto begin = peek().range.begin;
  auto e = primary();
  while (e != nullptr) {
    if (auto* reference = open_reference(*e)) reference->text = slice({begin, last_end_});
    if (peek().kind == TokenKind::dot)
      e = attribute_access(std::move(e));
    else if (peek().kind == TokenKind::open_bracket)
      e = index_access(std::move(e));
    else
      break;
  }
  return e;
}

// A constant step lengthens a reference, anything else reads from a computed object.
ExprPtr Parser::step(ExprPtr object, ExprPtr key, std::uint32_t end) {
  const Range range{object->range.begin, end};
  auto* reference = open_reference(*object);
  const auto* constant = key->as<Literal>();
  if (reference == nullptr || constant == nullptr)
    return make(range, Access{std::move(object), std::move(key)});
  reference->steps.push_back(constant->value);
  object->range.end = user_source_ == nullptr ? end : object->range.end;
  return object;
}

ExprPtr Parser::attribute_access(ExprPtr object) {
  take();
  const auto name = take();
  const auto text = slice(name.range);
  if (name.kind == TokenKind::star) return splat(std::move(object), true);
  if (name.kind == TokenKind::identifier)
    return step(std::move(object), make(name.range, Literal{Value(std::string(text))}), name.range.end);
  if (name.kind != TokenKind::number)
    return fail(name.range, "Invalid attribute name", "An attribute name is required after a dot.");
  // The old spelling of an index; a.0.1 lexes as one number.
  const auto dot = text.find('.');
  for (const auto part :
       {text.substr(0, dot), dot == text.npos ? std::string_view() : text.substr(dot + 1)}) {
    if (part.empty()) continue;
    const auto index = parse_number(part);
    if (!index) return fail(name.range, "Invalid index", "A whole number is required.");
    object = step(std::move(object), make(name.range, Literal{Value(*index)}), name.range.end);
    if (object == nullptr) return nullptr;
  }
  return object;
}

ExprPtr Parser::index_access(ExprPtr object) {
  take();
  Newlines ignored(*this, true);
  if (peek().kind == TokenKind::star && peek_second() == TokenKind::close_bracket) {
    take();
    take();
    return splat(std::move(object), false);
  }
  auto key = expression();
  if (key == nullptr) return nullptr;
  if (!expect(TokenKind::close_bracket, "Missing close bracket on index", "An index ends with a bracket."))
    return nullptr;
  return step(std::move(object), std::move(key), last_end_);
}

// Everything that follows reads from each element; after `.*` only attributes do.
ExprPtr Parser::splat(ExprPtr source, bool attributes_only) {
  const auto begin = source->range.begin;
  Nesting nesting(*this, source->range);
  if (!nesting) return nullptr;
  auto each = make(source->range, SplatItem{});
  while (each != nullptr) {
    if (peek().kind == TokenKind::dot)
      each = attribute_access(std::move(each));
    else if (peek().kind == TokenKind::open_bracket && !attributes_only)
      each = index_access(std::move(each));
    else
      break;
  }
  if (each == nullptr) return nullptr;
  return make({begin, last_end_}, Splat{std::move(source), std::move(each)});
}

ExprPtr Parser::primary() {
  const auto token = peek();
  switch (token.kind) {
    case TokenKind::number:
      return take(), number(token, false);
    case TokenKind::string:
    case TokenKind::heredoc:
      return take(), quoted(token);
    case TokenKind::open_bracket:
      return list();
    case TokenKind::open_brace:
      return object();
    case TokenKind::open_paren:
      return parenthesis();
    case TokenKind::identifier:
      return name();
    case TokenKind::bad:
      take();
      report_bad_token(token);
      return nullptr;
    default:
      return fail(token.range, "Invalid expression", "A value is expected here.");
  }
}

ExprPtr Parser::name() {
  const auto token = take();
  const auto text = slice(token.range);
  if (text == "true" || text == "false") return make(token.range, Literal{Value(text == "true")});
  if (text == "null") return make(token.range, Literal{});
  if (peek().kind == TokenKind::open_paren) return call(token);
  return make(token.range, Reference{.root = std::string(text), .steps = {}, .text = {}});
}

ExprPtr Parser::call(const Token& name) {
  take();
  Newlines ignored(*this, true);
  CallExpr call{.name = std::string(slice(name.range)), .name_range = shown(name.range), .args = {}};
  while (peek().kind != TokenKind::close_paren) {
    auto arg = expression();
    if (arg == nullptr) return nullptr;
    call.args.push_back(std::move(arg));
    call.expand_last = accept(TokenKind::ellipsis);
    if (call.expand_last || !accept(TokenKind::comma)) break;
  }
  if (!expect(TokenKind::close_paren, "Missing close parenthesis",
              "Arguments are separated by commas and end with a parenthesis."))
    return nullptr;
  return make({name.range.begin, last_end_}, std::move(call));
}

ExprPtr Parser::parenthesis() {
  take();
  Newlines ignored(*this, true);
  auto inner = expression();
  if (inner == nullptr) return nullptr;
  if (!expect(TokenKind::close_paren, "Unbalanced parentheses", "A closing parenthesis is expected here."))
    return nullptr;
  if (auto* reference = open_reference(*inner)) reference->closed = true;
  return inner;
}

}  // namespace core::jobspec
