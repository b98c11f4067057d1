// SPDX-License-Identifier: MPL-2.0
// The parser's one state, which bodies (parser.cpp), expressions (parser_expression.cpp), literals
// and collections (parser_collection.cpp) and templates (parser_template.cpp) share.
#pragma once

#include <optional>

#include "core/jobspec/parser.h"

namespace core::jobspec {

class Parser {
 public:
  // `reported`: where to say things are, if the window is not a part of what the user wrote.
  Parser(const Source& source, Grammar grammar, Range window, Diagnostics& diagnostics, std::size_t depth = 0,
         const Source* user_source = nullptr, Range reported = {});

  Body parse_file();
  ExprPtr parse_only_expression();
  ExprPtr parse_template(Range content, bool quoted, bool dedent);

 private:
  friend class TemplateParser;

  // ---- tokens
  const Token& peek();
  TokenKind peek_second();
  Token take();
  bool accept(TokenKind kind);
  // Takes the token, or reports `detail` and returns false.
  bool expect(TokenKind kind, std::string_view summary, std::string_view detail);
  void skip_newlines();
  void recover();
  bool stopped() const { return stopped_; }

  // ---- errors
  ExprPtr fail(Range range, std::string summary, std::string detail);
  void report_bad_token(const Token& token);
  // Reports and ends parsing.
  void stop(Range range, std::string summary, std::string detail);
  Range shown(Range range) const { return user_source_ == nullptr ? range : reported_; }

  // ---- bodies
  Body body_until(TokenKind close);
  bool item(Body& body);
  bool block(Body& body, Token type_token, std::string type);
  std::optional<std::string> key_text(const Token& token);
  std::optional<std::string> constant_text(const Token& token);
  std::string dotted(Token& first);

  // ---- expressions; null after an error
  ExprPtr expression();
  ExprPtr conditional();
  ExprPtr binary(int level);
  ExprPtr unary();
  ExprPtr postfix();
  ExprPtr access(ExprPtr object);
  ExprPtr attribute_access(ExprPtr object);
  ExprPtr index_access(ExprPtr object);
  ExprPtr splat(ExprPtr source, bool attributes_only);
  ExprPtr step(ExprPtr object, ExprPtr key, std::uint32_t end);
  ExprPtr primary();
  ExprPtr name();
  ExprPtr call(const Token& name);
  ExprPtr parenthesis();

  // ---- literals and collections
  ExprPtr literal();
  ExprPtr number(const Token& token, bool negative);
  ExprPtr quoted(const Token& token);
  ExprPtr list();
  ExprPtr object();
  bool object_item(ObjectExpr& out);
  ExprPtr object_key();
  ExprPtr object_as_block();
  bool object_separator();
  bool for_follows();
  ExprPtr for_expression(std::uint32_t begin, bool object);
  bool for_names(ForExpr& out);

  // A node one level above its deepest child; null if that is too deep.
  ExprPtr make(Range range, Expr::Node node);
  std::string_view slice(Range range) const;

  // Bounds the parser's own recursion.
  class Nesting {
   public:
    Nesting(Parser& parser, Range range);
    ~Nesting() { --parser_.depth_; }
    explicit operator bool() const { return within_; }

   private:
    Parser& parser_;
    bool within_;
  };
  // Newlines are blanks, or not, while this lives.
  class Newlines {
   public:
    Newlines(Parser& parser, bool ignored) : parser_(parser), before_(parser.ignore_newlines_) {
      parser_.ignore_newlines_ = ignored || parser.grammar_.json;
    }
    ~Newlines() { parser_.ignore_newlines_ = before_; }

   private:
    Parser& parser_;
    bool before_;
  };

  const Source& source_;
  Grammar grammar_;
  Diagnostics& diagnostics_;
  const Source* user_source_;
  Range reported_;
  Range window_;
  Lexer lexer_;
  Token token_;
  bool ignore_newlines_ = false;
  bool stopped_ = false;
  std::size_t depth_ = 0;
  std::size_t blocks_ = 0;
  std::uint32_t last_end_ = 0;  // end of the token last taken
};

// The reference that e is, if what follows e may lengthen it; else null.
Reference* open_reference(Expr& e);

}  // namespace core::jobspec
