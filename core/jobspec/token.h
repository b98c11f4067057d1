// SPDX-License-Identifier: MPL-2.0
// The words of the language: what the lexer hands to the parser, as ranges of the source.
#pragma once

#include "core/jobspec/diagnostics.h"

namespace core::jobspec {

enum class TokenKind : std::uint8_t {
  end,
  newline,
  identifier,
  number,
  string,
  heredoc,
  open_brace,
  close_brace,
  open_bracket,
  close_bracket,
  open_paren,
  close_paren,
  assign,
  colon,
  comma,
  dot,
  ellipsis,
  arrow,
  question,
  plus,
  minus,
  star,
  slash,
  percent,
  bang,
  and_also,
  or_else,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  tilde,
  bad,  // not a token; Lexer::problem() says why
};

struct Token {
  TokenKind kind = TokenKind::end;
  Range range;
  Range content;        // string: between the quotes; heredoc: its lines
  bool dedent = false;  // heredoc written with <<-
};

}  // namespace core::jobspec
