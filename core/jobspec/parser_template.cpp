// SPDX-License-Identifier: MPL-2.0
// Quoted strings and heredocs: escapes, ${ } and %{ }.
#include <algorithm>

#include "core/jobspec/parser_state.h"
#include "core/jobspec/quoting.h"

namespace core::jobspec {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

// Reads the inside of one string or heredoc. Parts are literal text and expressions; a %{ if } or
// %{ for } is an expression over the parts up to its end.
class TemplateParser {
 public:
  TemplateParser(Parser& parser, Range content, bool quoted, bool dedent)
      : p_(parser),
        begin_(content.begin),
        at_(content.begin),
        end_(content.end),
        quoted_(quoted),
        indent_(dedent ? common_indent(parser.slice(content)) : 0) {}

  ExprPtr run() {
    std::vector<ExprPtr> parts;
    const auto ending = read_parts(parts);
    if (ending == Ending::error) return nullptr;
    const Range range{begin_, end_};
    if (ending != Ending::text)
      return p_.fail(range, "Unexpected template directive", "It closes nothing that is open.");
    if (parts.empty()) return p_.make(range, Literal{Value(std::string())});
    if (parts.size() == 1) return std::move(parts[0]);  // "${x}" is x itself, whatever its type
    return p_.make(range, Template{std::move(parts)});
  }

 private:
  enum class Ending { text, otherwise, endif, endfor, error };

  char at(std::uint32_t i) const { return i < end_ ? p_.source_.text[i] : '\0'; }

  void flush(std::vector<ExprPtr>& parts, std::string& text, std::uint32_t begin) {
    if (!text.empty()) parts.push_back(p_.make({begin, at_}, Literal{Value(std::exchange(text, {}))}));
  }

  Ending read_parts(std::vector<ExprPtr>& parts) {
    Parser::Nesting nesting(p_, {at_, at_});
    if (!nesting) return Ending::error;
    std::string text;
    auto text_begin = at_;
    while (at_ < end_) {
      const char c = at(at_);
      const bool mark = c == '$' || c == '%';
      if (mark && at(at_ + 1) == c && at(at_ + 2) == '{') {
        text += {c, '{'};
        at_ += 3;
      } else if (mark && at(at_ + 1) == '{') {
        if (at(at_ + 2) == '~')
          while (!text.empty() && is_blank(text.back())) text.pop_back();
        flush(parts, text, text_begin);
        at_ += at(at_ + 2) == '~' ? 3 : 2;
        const auto ending = c == '$' ? interpolation(parts) : directive(parts);
        if (ending != Ending::text) return ending;
        text_begin = at_;
      } else {
        character(text);
      }
    }
    flush(parts, text, text_begin);
    return Ending::text;
  }

  void character(std::string& text) {
    const char c = at(at_);
    if (quoted_ && c == '\\') {
      at_ += static_cast<std::uint32_t>(append_escape(text, p_.slice({at_, end_}), false));
      return;
    }
    const bool line_start = at_ == begin_ || p_.source_.text[at_ - 1] == '\n';
    if (indent_ > 0 && line_start && (c == ' ' || c == '\t')) {
      const auto margin_end = std::min<std::uint32_t>(end_, at_ + static_cast<std::uint32_t>(indent_));
      while (at_ < margin_end && (at(at_) == ' ' || at(at_) == '\t')) ++at_;
      return;
    }
    text += c;
    ++at_;
  }

  Parser inside() {
    Parser inner(p_.source_, Grammar::hcl2(), {at_, end_}, p_.diagnostics_, p_.depth_, p_.user_source_,
                 p_.reported_);
    inner.ignore_newlines_ = true;
    return inner;
  }

  // Passes the closing brace. The token behind it is never read: it is text, not language.
  bool close(Parser& inner) {
    const bool trim = inner.peek().kind == TokenKind::tilde;
    if (trim) inner.take();
    const auto brace = inner.peek();
    p_.stopped_ = p_.stopped_ || inner.stopped_;
    if (brace.kind != TokenKind::close_brace) {
      p_.fail(brace.range, "Extra characters after interpolation expression",
              "A closing brace is expected here. To write ${ as text, double the dollar: $${.");
      return false;
    }
    at_ = brace.range.end;
    while (trim && at_ < end_ && is_blank(at(at_))) ++at_;
    return true;
  }

  ExprPtr expression_and_close(Parser& inner) {
    auto e = inner.expression();
    p_.stopped_ = p_.stopped_ || inner.stopped_;
    if (e == nullptr || !close(inner)) return nullptr;
    return e;
  }

  Ending interpolation(std::vector<ExprPtr>& parts) {
    auto inner = inside();
    auto e = expression_and_close(inner);
    if (e == nullptr) return Ending::error;
    if (auto* reference = open_reference(*e)) reference->closed = true;
    parts.push_back(std::move(e));
    return Ending::text;
  }

  Ending directive(std::vector<ExprPtr>& parts) {
    auto inner = inside();
    const auto word = inner.take();
    const auto name = p_.slice(word.range);
    if (name == "if") return conditional(parts, inner);
    if (name == "for") return loop(parts, inner);
    const auto ending = name == "else"     ? Ending::otherwise
                        : name == "endif"  ? Ending::endif
                        : name == "endfor" ? Ending::endfor
                                           : Ending::error;
    if (ending == Ending::error)
      p_.fail(word.range, "Invalid template directive",
              "One of if, else, endif, for, endfor is expected. To write %{ as text, double the percent "
              "sign: %%{.");
    return ending != Ending::error && close(inner) ? ending : Ending::error;
  }

  Ending conditional(std::vector<ExprPtr>& parts, Parser& inner) {
    const auto begin = at_;
    auto condition = expression_and_close(inner);
    if (condition == nullptr) return Ending::error;
    std::vector<ExprPtr> yes, no;
    auto ending = read_parts(yes);
    if (ending == Ending::otherwise) ending = read_parts(no);
    if (!ended(ending, Ending::endif, begin, "endif")) return Ending::error;
    auto yes_text = p_.make({begin, at_}, Template{std::move(yes)});
    auto no_text = p_.make({begin, at_}, Template{std::move(no)});
    if (yes_text == nullptr || no_text == nullptr) return Ending::error;
    return push(parts, p_.make({begin, at_},
                               Conditional{std::move(condition), std::move(yes_text), std::move(no_text)}));
  }

  Ending loop(std::vector<ExprPtr>& parts, Parser& inner) {
    const auto begin = at_;
    ForExpr out;
    out.join = true;
    if (!inner.for_names(out)) return Ending::error;
    out.collection = expression_and_close(inner);
    if (out.collection == nullptr) return Ending::error;
    std::vector<ExprPtr> body;
    if (!ended(read_parts(body), Ending::endfor, begin, "endfor")) return Ending::error;
    out.value = p_.make({begin, at_}, Template{std::move(body)});
    if (out.value == nullptr) return Ending::error;
    return push(parts, p_.make({begin, at_}, std::move(out)));
  }

  bool ended(Ending ending, Ending wanted, std::uint32_t begin, std::string_view word) {
    if (ending == wanted) return true;
    if (ending != Ending::error)
      p_.fail({begin, at_}, "Unclosed template directive", "`%{ " + std::string(word) + " }` is missing.");
    return false;
  }

  Ending push(std::vector<ExprPtr>& parts, ExprPtr part) {
    if (part == nullptr) return Ending::error;
    parts.push_back(std::move(part));
    return Ending::text;
  }

  Parser& p_;
  std::uint32_t begin_;
  std::uint32_t at_;
  std::uint32_t end_;
  bool quoted_;
  std::size_t indent_;
};

ExprPtr Parser::parse_template(Range content, bool quoted, bool dedent) {
  return TemplateParser(*this, content, quoted, dedent).run();
}

ExprPtr Parser::quoted(const Token& token) {
  const auto raw = slice(token.content);
  const bool is_string = token.kind == TokenKind::string;
  if (grammar_.json) {
    // Templates in JSON are read from the text after JSON's own escapes are resolved, so places in
    // them cannot be told; the whole string stands for them.
    Source inside{.name = source_.name, .text = unescape(raw, true)};
    if (!grammar_.expressions || inside.text.find('{') == std::string::npos)
      return make(token.range, Literal{Value(std::move(inside.text))});
    const Range all{0, static_cast<std::uint32_t>(inside.text.size())};
    Parser parser(inside, Grammar::hcl2(), {all.end, all.end}, diagnostics_, depth_,
                  user_source_ == nullptr ? &source_ : user_source_, shown(token.range));
    auto result = parser.parse_template(all, false, false);
    stopped_ = stopped_ || parser.stopped_;
    return result;
  }
  if (grammar_.expressions) {
    auto result = parse_template(token.content, is_string, token.dedent);
    if (result != nullptr) result->range = shown(token.range);
    return result;
  }
  if (is_string) return make(token.range, Literal{Value(unescape_around_interpolations(raw))});
  return make(token.range, Literal{Value(without_indent(raw, token.dedent ? common_indent(raw) : 0))});
}

}  // namespace core::jobspec
