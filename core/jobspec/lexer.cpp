// SPDX-License-Identifier: MPL-2.0
#include "core/jobspec/lexer.h"

#include <algorithm>
#include <string>

#include "core/base/limits.h"

namespace core::jobspec {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trim(std::string_view line) {
  const auto from = line.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return {};
  return line.substr(from, line.find_last_not_of(" \t\r") - from + 1);
}

struct QuotedEnd {
  std::uint32_t offset = 0;  // of the closing quote
  std::string_view problem;  // empty: found
};

// Walks a quoted string from behind its opening quote. Interpolations nest strings and braces, which
// a stack of what is open follows; its size is bounded like all nesting.
class QuotedWalk {
 public:
  QuotedWalk(std::string_view text, std::uint32_t end, Grammar grammar)
      : text_(text), end_(end), grammar_(grammar) {}

  QuotedEnd run(std::uint32_t i) {
    while (i < end_) {
      if (open_.size() > limits::kHclDepthMax) return {i, "The string nests interpolations too deeply."};
      const char c = text_[i];
      const bool inside_text = open_.back() == '"';
      if (inside_text && c == '\n')
        return {i, "Strings end on the line they start on; use a heredoc for several lines."};
      if (inside_text && c == '\\') {
        i += 2;
        continue;
      }
      if (c == '"' && (inside_text || grammar_.expressions)) {
        if (!inside_text)
          open_ += '"';
        else if (open_.size() == 1)
          return {i, {}};
        else
          open_.pop_back();
      } else if (inside_text) {
        i += opening(i);
      } else if (c == '{') {
        open_ += '{';
      } else if (c == '}') {
        open_.pop_back();
      }
      ++i;
    }
    return {end_, "The string is not closed."};
  }

 private:
  // How many more characters belong to a template marker at i; opens it unless it is escaped.
  std::uint32_t opening(std::uint32_t i) {
    if (grammar_.json) return 0;
    const char c = text_[i];
    if (c != '$' && !(c == '%' && grammar_.expressions)) return 0;
    if (grammar_.expressions && i + 2 < end_ && text_[i + 1] == c && text_[i + 2] == '{') return 2;
    if (i + 1 >= end_ || text_[i + 1] != '{') return 0;
    open_ += '{';
    return 1;
  }

  std::string_view text_;
  std::uint32_t end_;
  Grammar grammar_;
  std::string open_ = "\"";
};

}  // namespace

Lexer::Lexer(std::string_view text, Grammar grammar, Range window)
    : text_(text), grammar_(grammar), at_(window.begin), end_(window.end) {
  ASSERT(window.begin <= window.end);
  ASSERT(window.end <= text.size());
}

bool Lexer::is_identifier_part(char c) const {
  return is_letter(c) || is_digit(c) || c == '-' || (c == '.' && !grammar_.expressions);
}

Token Lexer::token(TokenKind kind, std::uint32_t end) {
  Token t{.kind = kind, .range = {at_, end}, .content = {at_, end}};
  at_ = end;
  return t;
}

Token Lexer::bad(std::uint32_t end, std::string_view problem) {
  problem_ = problem;
  return token(TokenKind::bad, end);
}

// False at a block comment that does not end.
bool Lexer::skip_comment() {
  if (at(at_) == '#' || at(at_ + 1) == '/') {
    while (at_ < end_ && text_[at_] != '\n') ++at_;
    return true;
  }
  const auto close = text_.substr(0, end_).find("*/", at_ + 2);
  if (close == std::string_view::npos) return false;
  at_ = static_cast<std::uint32_t>(close) + 2;
  return true;
}

bool Lexer::skip_blanks() {
  while (at_ < end_) {
    const char c = text_[at_];
    const bool comment =
        !grammar_.json && (c == '#' || (c == '/' && (at(at_ + 1) == '/' || at(at_ + 1) == '*')));
    if (comment) {
      if (!skip_comment()) return false;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
      ++at_;
    } else {
      break;
    }
  }
  return true;
}

Token Lexer::next() {
  if (!skip_blanks()) return bad(end_, "The comment is not closed.");
  if (at_ >= end_) return token(TokenKind::end, end_);
  const char c = text_[at_];
  if (c == '\n') return token(TokenKind::newline, at_ + 1);
  if (is_letter(c)) return identifier();
  if (is_digit(c)) return number();
  if (c == '"') return string();
  if (c == '<' && at(at_ + 1) == '<' && !grammar_.json) return heredoc();
  return punctuation();
}

Token Lexer::identifier() {
  auto end = at_;
  while (is_identifier_part(at(end))) ++end;
  return token(TokenKind::identifier, end);
}

Token Lexer::number() {
  auto end = at_;
  const bool hex = !grammar_.expressions && !grammar_.json && at(end) == '0' && (at(end + 1) | 0x20) == 'x';
  if (hex) {
    end += 2;
    while (is_digit(at(end)) || ((at(end) | 0x20) >= 'a' && (at(end) | 0x20) <= 'f')) ++end;
  } else {
    while (is_digit(at(end))) ++end;
    if (at(end) == '.' && is_digit(at(end + 1)))
      for (++end; is_digit(at(end));) ++end;
    if ((at(end) | 0x20) == 'e') {
      const auto digits = end + (at(end + 1) == '+' || at(end + 1) == '-' ? 2 : 1);
      if (is_digit(at(digits)))
        for (end = digits; is_digit(at(end));) ++end;
    }
  }
  if (!is_letter(at(end))) return token(TokenKind::number, end);
  while (is_identifier_part(at(end))) ++end;
  return bad(end, "A number may not be followed by letters; write text in quotes.");
}

Token Lexer::string() {
  const auto found = QuotedWalk(text_, end_, grammar_).run(at_ + 1);
  if (!found.problem.empty()) return bad(std::min(found.offset, end_), found.problem);
  const Range content{at_ + 1, found.offset};
  auto t = token(TokenKind::string, found.offset + 1);
  t.content = content;
  return t;
}

// <<MARKER or <<-MARKER, then lines up to one that holds only the marker.
Token Lexer::heredoc() {
  const bool dedent = at(at_ + 2) == '-';
  const std::uint32_t marker_at = at_ + (dedent ? 3 : 2);
  const auto first_line_end = text_.substr(0, end_).find('\n', marker_at);
  if (first_line_end == std::string_view::npos) return bad(end_, "The heredoc has no lines.");
  const auto marker = trim(text_.substr(marker_at, first_line_end - marker_at));
  const auto body = static_cast<std::uint32_t>(first_line_end) + 1;
  for (const char c : marker)
    if (!is_letter(c) && !is_digit(c) && c != '-' && c != '.')
      return bad(body - 1, "A heredoc marker is one word.");
  if (marker.empty()) return bad(body - 1, "A heredoc needs a marker behind <<.");
  for (std::size_t line = body; line < end_;) {
    const auto line_end = std::min<std::size_t>(text_.find('\n', line), end_);
    const auto words = text_.substr(line, line_end - line);
    // HCL1 ends at any line that begins with the marker and reads on behind it.
    const bool hcl1_close = !grammar_.expressions && words.starts_with(marker);
    if (hcl1_close || trim(words) == marker) {
      const auto close = static_cast<std::uint32_t>(words.data() - text_.data()) +
                         static_cast<std::uint32_t>(words.find(marker) + marker.size());
      auto t = token(TokenKind::heredoc, close);
      t.content = {body, static_cast<std::uint32_t>(line)};
      t.dedent = dedent;
      return t;
    }
    line = line_end + 1;
  }
  return bad(end_, "The heredoc is not closed: no line holds only its marker.");
}

Token Lexer::punctuation() {
  struct Spelling {
    std::string_view text;
    TokenKind kind;
  };
  static constexpr Spelling kSpellings[] = {
      {"...", TokenKind::ellipsis},  {"=>", TokenKind::arrow},       {"==", TokenKind::equal},
      {"!=", TokenKind::not_equal},  {"<=", TokenKind::less_equal},  {">=", TokenKind::greater_equal},
      {"&&", TokenKind::and_also},   {"||", TokenKind::or_else},     {"{", TokenKind::open_brace},
      {"}", TokenKind::close_brace}, {"[", TokenKind::open_bracket}, {"]", TokenKind::close_bracket},
      {"(", TokenKind::open_paren},  {")", TokenKind::close_paren},  {"=", TokenKind::assign},
      {":", TokenKind::colon},       {",", TokenKind::comma},        {".", TokenKind::dot},
      {"?", TokenKind::question},    {"+", TokenKind::plus},         {"-", TokenKind::minus},
      {"*", TokenKind::star},        {"/", TokenKind::slash},        {"%", TokenKind::percent},
      {"!", TokenKind::bang},        {"<", TokenKind::less},         {">", TokenKind::greater},
      {"~", TokenKind::tilde},
  };
  const auto rest = text_.substr(at_, end_ - at_);
  for (const auto& spelling : kSpellings)
    if (rest.starts_with(spelling.text))
      return token(spelling.kind, at_ + static_cast<std::uint32_t>(spelling.text.size()));
  return bad(at_ + 1, "This character is not used within the language.");
}

}  // namespace core::jobspec
