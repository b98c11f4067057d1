// SPDX-License-Identifier: MPL-2.0
// Characters to tokens, one at a time. Strings and heredocs come whole, with the interpolations in
// them unread: the parser opens a lexer on the inside of each. A lexer holds only its place, so it
// is copied to look ahead.
#pragma once

#include <string_view>

#include "core/jobspec/token.h"

namespace core::jobspec {

// HCL2 is read as a superset that takes HCL1's layout too (several items on a line, quoted keys,
// `key = {}` for a block); HCL1 proper differs in what a value may be, so it is a grammar of its own.
struct Grammar {
  bool json = false;
  bool expressions = true;  // false: values are literals and ${...} is text, as in HCL1

  static constexpr Grammar hcl1() { return {false, false}; }
  static constexpr Grammar hcl2() { return {false, true}; }
  static constexpr Grammar json_templates() { return {true, true}; }
  static constexpr Grammar json_literal() { return {true, false}; }
};

class Lexer {
 public:
  // Reads text[begin, end). The text outlives the lexer; its size fits 32 bits.
  Lexer(std::string_view text, Grammar grammar, Range window);

  Token next();
  // Why the last token was bad.
  std::string_view problem() const { return problem_; }

 private:
  char at(std::uint32_t offset) const { return offset < end_ ? text_[offset] : '\0'; }
  bool skip_blanks();
  bool skip_comment();
  Token token(TokenKind kind, std::uint32_t end);
  Token bad(std::uint32_t end, std::string_view problem);
  Token identifier();
  Token number();
  Token string();
  Token heredoc();
  Token punctuation();
  bool is_identifier_part(char c) const;

  std::string_view text_;
  Grammar grammar_;
  std::uint32_t at_;
  std::uint32_t end_;
  std::string_view problem_;
};

}  // namespace core::jobspec
