// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/parser.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/jobspec/parser_state.h"

namespace core::jobspec {
namespace {

// The offset of the first byte that is not UTF-8 (overlong forms and surrogates included), or npos.
std::size_t find_not_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4) return i;
    const unsigned second = byte(i + 1);
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high) return i;
    for (std::size_t k = 2; k < size; ++k)
      if ((byte(i + k) & 0xC0) != 0x80) return i;
    i += size;
  }
  return std::string_view::npos;
}

std::uint32_t after_byte_order_mark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

bool readable(const Source& source, Diagnostics& diagnostics) {
  if (source.text.size() > limits::kHclBytesMax) {
    diagnostics.error("Source too large", source.name + " has " + std::to_string(source.text.size()) +
                                              " bytes; the limit is " + std::to_string(limits::kHclBytesMax) +
                                              ".");
    return false;
  }
  const auto bad = find_not_utf8(source.text);
  if (bad == std::string_view::npos) return true;
  const auto at = static_cast<std::uint32_t>(bad);
  diagnostics.error(source, {at, at + 1}, "Invalid character encoding", "The text must be UTF-8.");
  return false;
}

Range whole(const Source& source) {
  return {after_byte_order_mark(source.text), static_cast<std::uint32_t>(source.text.size())};
}

}  // namespace

Body parse_body(const Source& source, Grammar grammar, Diagnostics& diagnostics) {
  if (!readable(source, diagnostics)) return {};
  return Parser(source, grammar, whole(source), diagnostics).parse_file();
}

ExprPtr parse_expression(const Source& source, Diagnostics& diagnostics) {
  if (!readable(source, diagnostics)) return nullptr;
  return Parser(source, Grammar::hcl2(), whole(source), diagnostics).parse_only_expression();
}

bool looks_like_json(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n", after_byte_order_mark(text));
  return first != std::string_view::npos && text[first] == '{';
}

Parser::Parser(const Source& source, Grammar grammar, Range window, Diagnostics& diagnostics,
               std::size_t depth, const Source* user_source, Range reported)
    : source_(source),
      grammar_(grammar),
      diagnostics_(diagnostics),
      user_source_(user_source),
      reported_(reported),
      window_(window),
      lexer_(source.text, grammar, window),
      ignore_newlines_(grammar.json),
      depth_(depth) {
  token_ = lexer_.next();
}

Body Parser::parse_file() {
  if (!grammar_.json) return body_until(TokenKind::end);
  Body body;
  const auto root = object();
  if (root == nullptr) return body;
  if (peek().kind != TokenKind::end)
    fail(peek().range, "Extraneous data after value", "Only one JSON object is expected.");
  for (auto& member : std::get<ObjectExpr>(root->node).items) {
    const auto* key = member.key->as<Literal>();
    if (key == nullptr || key->value.text() == nullptr) continue;
    body.attributes.push_back({*key->value.text(), member.key->range, std::move(member.value)});
  }
  body.range = root->range;
  return body;
}

ExprPtr Parser::parse_only_expression() {
  ignore_newlines_ = true;
  auto result = expression();
  if (result != nullptr && peek().kind != TokenKind::end)
    return fail(peek().range, "Extra characters after expression", "An expression was read up to here.");
  return result;
}

// ---- tokens ------------------------------------------------------------------------------------

const Token& Parser::peek() {
  while (ignore_newlines_ && token_.kind == TokenKind::newline) token_ = lexer_.next();
  if (stopped_) token_ = {.kind = TokenKind::end, .range = {window_.end, window_.end}, .content = {}};
  return token_;
}

TokenKind Parser::peek_second() {
  peek();
  auto ahead = lexer_;
  auto second = ahead.next();
  while (ignore_newlines_ && second.kind == TokenKind::newline) second = ahead.next();
  return second.kind;
}

Token Parser::take() {
  const auto taken = peek();
  last_end_ = taken.range.end;
  if (taken.kind != TokenKind::end) token_ = lexer_.next();
  return taken;
}

bool Parser::accept(TokenKind kind) {
  if (peek().kind != kind) return false;
  take();
  return true;
}

bool Parser::expect(TokenKind kind, std::string_view summary, std::string_view detail) {
  if (accept(kind)) return true;
  if (peek().kind == TokenKind::bad)
    report_bad_token(peek());
  else
    fail(peek().range, std::string(summary), std::string(detail));
  return false;
}

void Parser::skip_newlines() {
  while (peek().kind == TokenKind::newline) take();
}

// To the end of the line, or in front of the brace that closes the body we are in.
void Parser::recover() {
  std::size_t open = 0;
  for (;;) {
    switch (peek().kind) {
      case TokenKind::end:
        return;
      case TokenKind::newline:
        if (open == 0) return;
        break;
      case TokenKind::open_brace:
        ++open;
        break;
      case TokenKind::close_brace:
        if (open == 0) return;
        --open;
        break;
      default:
        break;
    }
    take();
  }
}

// ---- errors ------------------------------------------------------------------------------------

ExprPtr Parser::fail(Range range, std::string summary, std::string detail) {
  if (!stopped_)
    diagnostics_.error(user_source_ == nullptr ? source_ : *user_source_, shown(range), std::move(summary),
                       std::move(detail));
  return nullptr;
}

void Parser::report_bad_token(const Token& token) {
  const auto first = token.range.begin < token.range.end ? source_.text[token.range.begin] : '\0';
  const bool is_text = first == '"' || first == '<';
  fail(token.range,
       is_text        ? "Unterminated template string"
       : first == '/' ? "Unterminated comment"
                      : "Invalid token",
       std::string(lexer_.problem()));
}

void Parser::stop(Range range, std::string summary, std::string detail) {
  fail(range, std::move(summary), std::move(detail));
  stopped_ = true;
}

Parser::Nesting::Nesting(Parser& parser, Range range) : parser_(parser) {
  within_ = ++parser.depth_ <= limits::kHclDepthMax;
  if (!within_)
    parser.stop(range, "Nested too deeply",
                "The limit is " + std::to_string(limits::kHclDepthMax) + " levels.");
}

std::string_view Parser::slice(Range range) const {
  return std::string_view(source_.text).substr(range.begin, range.end - range.begin);
}

// ---- bodies ------------------------------------------------------------------------------------

Body Parser::body_until(TokenKind close) {
  Body body;
  body.range.begin = peek().range.begin;
  Newlines significant(*this, false);
  for (;;) {
    skip_newlines();
    const auto kind = peek().kind;
    if (kind == close || kind == TokenKind::end || diagnostics_.full()) break;
    if (!item(body)) {
      recover();
      if (close == TokenKind::end) accept(TokenKind::close_brace);
    }
  }
  body.range.end = peek().range.end;
  return body;
}

// A key may be quoted, as HCL1 has it, but not computed.
std::optional<std::string> Parser::constant_text(const Token& token) {
  const auto parsed = quoted(token);
  if (parsed == nullptr) return std::nullopt;
  const auto* literal = parsed->as<Literal>();
  if (literal != nullptr && literal->value.text() != nullptr) return *literal->value.text();
  fail(token.range, "Invalid string literal", "A template is not allowed here.");
  return std::nullopt;
}

// HCL1 allows dots within a bare key: docker.endpoint = "x".
std::string Parser::dotted(Token& first) {
  std::string text(slice(first.range));
  while (peek().kind == TokenKind::dot && peek().range.begin == first.range.end) {
    if (peek_second() != TokenKind::identifier) break;
    take();
    const auto part = take();
    text += "." + std::string(slice(part.range));
    first.range.end = part.range.end;
  }
  return text;
}

bool Parser::item(Body& body) {
  auto name = take();
  std::string text;
  if (name.kind == TokenKind::identifier) {
    text = dotted(name);
  } else if (name.kind == TokenKind::string) {
    auto key = constant_text(name);
    if (!key) return false;
    text = std::move(*key);
  } else {
    if (name.kind == TokenKind::bad)
      report_bad_token(name);
    else
      fail(name.range, "Argument or block definition required",
           "An argument or block definition is required here.");
    return false;
  }
  if (!accept(TokenKind::assign)) return block(body, name, std::move(text));
  skip_newlines();
  auto value = expression();
  if (value == nullptr) return false;
  body.attributes.push_back({std::move(text), shown(name.range), std::move(value)});
  return true;
}

bool Parser::block(Body& body, Token type_token, std::string type) {
  Block block{.type = std::move(type), .type_range = type_token.range, .labels = {}, .body = {}};
  while (peek().kind == TokenKind::string || peek().kind == TokenKind::identifier) {
    auto label = take();
    auto text = label.kind == TokenKind::string ? constant_text(label) : std::optional(dotted(label));
    if (!text) return false;
    block.labels.push_back({std::move(*text), label.range});
  }
  const auto open = peek().range;
  if (!expect(TokenKind::open_brace, "Invalid block definition",
              "An argument is written `name = value`, a block `type \"label\" { ... }`; this is neither."))
    return false;
  if (++blocks_ > limits::kHclBlocksMax) {
    stop(open, "Too many blocks", "The limit is " + std::to_string(limits::kHclBlocksMax) + ".");
    return false;
  }
  Nesting nesting(*this, open);
  if (!nesting) return false;
  block.body = body_until(TokenKind::close_brace);
  body.blocks.push_back(std::move(block));
  if (accept(TokenKind::close_brace)) return true;
  const auto line = 1 + std::count(source_.text.begin(), source_.text.begin() + open.begin, '\n');
  return expect(TokenKind::close_brace, "Unclosed configuration block",
                "There is no closing brace for the block \"" + body.blocks.back().type +
                    "\" opened on line " + std::to_string(line) + ".");
}

}  // namespace core::jobspec
