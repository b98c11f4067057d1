// SPDX-License-Identifier: MPL-2.0
// Literals, lists, objects, and `for` inside either.
#include "core/jobspec/parser_state.h"

namespace core::jobspec {

// What HCL1 and JSON take for a value.
ExprPtr Parser::literal() {
  const auto token = peek();
  switch (token.kind) {
    case TokenKind::minus: {
      take();
      if (peek().kind != TokenKind::number)
        return fail(token.range, "Invalid expression", "A number is expected behind the minus.");
      return number(take(), true);
    }
    case TokenKind::number:
      return take(), number(token, false);
    case TokenKind::string:
    case TokenKind::heredoc:
      return take(), quoted(token);
    case TokenKind::open_bracket:
      return list();
    case TokenKind::open_brace:
      return object();
    case TokenKind::identifier:
      break;
    case TokenKind::bad:
      take();
      report_bad_token(token);
      return nullptr;
    default:
      return fail(token.range, "Invalid expression", "A value is expected here.");
  }
  const auto word = slice(token.range);
  if (word == "true" || word == "false") return take(), make(token.range, Literal{Value(word == "true")});
  if (word == "null" && grammar_.json) return take(), make(token.range, Literal{});
  return fail(token.range, "Invalid expression", "A value is expected here; text is written in quotes.");
}

// HCL1 reads a leading 0 as octal and 0x as hexadecimal.
ExprPtr Parser::number(const Token& token, bool negative) {
  const auto text = slice(token.range);
  std::optional<Number> parsed;
  const bool based = !grammar_.expressions && !grammar_.json && text.size() > 1 && text[0] == '0' &&
                     text.find_first_of(".") == text.npos;
  if (based) {
    const unsigned base = (text[1] | 0x20) == 'x' ? 16 : 8;
    Number n = 0;
    bool good = true;
    for (const char c : text.substr(base == 16 ? 2 : 1)) {
      const unsigned digit =
          c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a') + 10;
      good = good && digit < base;
      n = n * base + digit;
    }
    if (good && (base == 8 || text.size() > 2)) parsed = n;
  } else {
    parsed = parse_number(text);
  }
  if (!parsed)
    return fail(token.range, "Invalid number literal", "\"" + std::string(text) + "\" is not a number.");
  return make(token.range, Literal{Value(negative ? -*parsed : *parsed)});
}

ExprPtr Parser::list() {
  const auto open = take();
  Newlines ignored(*this, true);
  if (for_follows()) return for_expression(open.range.begin, false);
  ListExpr out;
  while (peek().kind != TokenKind::close_bracket) {
    auto item = expression();
    if (item == nullptr) return nullptr;
    out.items.push_back(std::move(item));
    if (!accept(TokenKind::comma)) break;
    if (grammar_.json && peek().kind == TokenKind::close_bracket)
      return fail(peek().range, "Trailing comma in array",
                  "JSON does not allow a comma in front of the closing bracket.");
  }
  if (!expect(TokenKind::close_bracket, "Missing item separator",
              "List items are separated by commas; the list ends with a bracket."))
    return nullptr;
  return make({open.range.begin, last_end_}, std::move(out));
}

ExprPtr Parser::object() {
  const auto open = peek();
  if (!expect(TokenKind::open_brace, "Invalid object", "An object starts with an opening brace."))
    return nullptr;
  Newlines significant(*this, false);
  skip_newlines();
  if (for_follows()) {
    Newlines ignored(*this, true);
    return for_expression(open.range.begin, true);
  }
  ObjectExpr out;
  for (skip_newlines(); peek().kind != TokenKind::close_brace; skip_newlines()) {
    if (!object_item(out) || !object_separator()) return nullptr;
  }
  take();
  return make({open.range.begin, last_end_}, std::move(out));
}

bool Parser::object_separator() {
  const auto kind = peek().kind;
  if (kind == TokenKind::close_brace) return true;
  if (kind == TokenKind::newline) {
    skip_newlines();
    return true;
  }
  if (accept(TokenKind::comma)) {
    skip_newlines();
    if (!grammar_.json || peek().kind != TokenKind::close_brace) return true;
    fail(peek().range, "Trailing comma in object",
         "JSON does not allow a comma in front of the closing brace.");
    return false;
  }
  const bool layout_of_hcl1 = !grammar_.expressions && !grammar_.json;
  if (layout_of_hcl1 && kind != TokenKind::end) return true;
  fail(peek().range, "Missing attribute separator",
       "Object members are separated by a comma or a newline, and the object ends with a brace.");
  return false;
}

bool Parser::object_item(ObjectExpr& out) {
  auto key = object_key();
  if (key == nullptr) return false;
  const bool assigned = accept(TokenKind::colon) || (!grammar_.json && accept(TokenKind::assign));
  if (assigned)
    skip_newlines();
  else if (grammar_.json)
    return fail(peek().range, "Missing property value colon",
                "A colon is expected behind the property name."),
           false;
  auto value = assigned ? expression() : object_as_block();
  if (value == nullptr) return false;
  out.items.push_back({std::move(key), std::move(value), !assigned});
  return true;
}

ExprPtr Parser::object_key() {
  auto token = peek();
  if (token.kind == TokenKind::string) return take(), quoted(token);
  if (token.kind == TokenKind::open_paren && grammar_.expressions && !grammar_.json) return parenthesis();
  const bool bare = token.kind == TokenKind::identifier || token.kind == TokenKind::number;
  if (!bare || grammar_.json) {
    if (token.kind == TokenKind::bad) return report_bad_token(token), nullptr;
    return fail(
        token.range, "Invalid object key",
        grammar_.json ? "A property name in quotes is expected." : "A name or text in quotes is expected.");
  }
  take();
  auto text = dotted(token);
  return make(token.range, Literal{Value(std::move(text))});
}

// HCL1's `key "label" { ... }` inside an object; each label is a level of its own.
ExprPtr Parser::object_as_block() {
  Nesting nesting(*this, peek().range);
  if (!nesting) return nullptr;
  const auto begin = peek().range.begin;
  if (peek().kind == TokenKind::open_brace) return object();
  if (peek().kind != TokenKind::string && peek().kind != TokenKind::identifier)
    return fail(peek().range, "Missing attribute value",
                "An equals sign or a block is expected behind the name.");
  auto label = object_key();
  if (label == nullptr) return nullptr;
  auto value = object_as_block();
  if (value == nullptr) return nullptr;
  ObjectExpr out;
  out.items.push_back({std::move(label), std::move(value), true});
  return make({begin, last_end_}, std::move(out));
}

// `for` is a name like others unless another name follows.
bool Parser::for_follows() {
  return grammar_.expressions && !grammar_.json && peek().kind == TokenKind::identifier &&
         slice(peek().range) == "for" && peek_second() == TokenKind::identifier;
}

bool Parser::for_names(ForExpr& out) {
  const auto first = take();
  if (first.kind != TokenKind::identifier)
    return fail(first.range, "Invalid 'for' expression", "A name is expected behind `for`."), false;
  out.value_name = slice(first.range);
  if (accept(TokenKind::comma)) {
    const auto second = take();
    if (second.kind != TokenKind::identifier)
      return fail(second.range, "Invalid 'for' expression", "A second name is expected behind the comma."),
             false;
    out.key_name = std::exchange(out.value_name, std::string(slice(second.range)));
  }
  const auto in = take();
  if (in.kind == TokenKind::identifier && slice(in.range) == "in") return true;
  return fail(in.range, "Invalid 'for' expression", "`in` is expected behind the names."), false;
}

ExprPtr Parser::for_expression(std::uint32_t begin, bool object) {
  take();
  ForExpr out;
  if (!for_names(out)) return nullptr;
  out.collection = expression();
  if (out.collection == nullptr) return nullptr;
  if (!expect(TokenKind::colon, "Invalid 'for' expression", "A colon is expected behind the collection."))
    return nullptr;
  out.value = expression();
  if (out.value == nullptr) return nullptr;
  if (object) {
    out.key = std::move(out.value);
    if (!expect(TokenKind::arrow, "Invalid 'for' expression", "`=>` is expected between key and value."))
      return nullptr;
    out.value = expression();
    if (out.value == nullptr) return nullptr;
    out.group = accept(TokenKind::ellipsis);
  }
  if (peek().kind == TokenKind::identifier && slice(peek().range) == "if") {
    take();
    out.condition = expression();
    if (out.condition == nullptr) return nullptr;
  }
  if (!expect(object ? TokenKind::close_brace : TokenKind::close_bracket, "Invalid 'for' expression",
              "The closing bracket of the expression is expected here."))
    return nullptr;
  return make({begin, last_end_}, std::move(out));
}

}  // namespace core::jobspec
