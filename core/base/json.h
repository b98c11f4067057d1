// SPDX-License-Identifier: MPL-2.0
// JSON at arm's length: RapidJSON behind a parse with limits and a writer. Nothing of RapidJSON
// shows in a header. Structs are read and written by their field lists, see fields.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace core::json {

enum class Kind { null, boolean, number, string, array, object };
std::string_view to_string(Kind kind);  // "null", "a boolean", "a number", ... for messages

// A value inside a Document, which must outlive it. Cheap to copy.
class Value {
 public:
  explicit Value(const void* node) : node_(node) {}

  Kind kind() const;
  bool is_null() const { return kind() == Kind::null; }
  // REQUIRES: the matching kind.
  bool boolean() const;
  std::string_view string() const;

  // Nothing when the number has a fraction or does not fit. REQUIRES: kind() == number.
  Result<std::int64_t> int64() const;
  Result<std::uint64_t> uint64() const;
  double number() const;

  // Elements of an array or members of an object. REQUIRES: array or object.
  std::size_t size() const;
  Value element(std::size_t i) const;
  std::string_view name(std::size_t i) const;
  Value member(std::size_t i) const;
  // The first member of that name, then one that differs only in case. `hint` is where the last
  // find ended: members asked for in document order are found at once. Null node if there is none.
  struct Found;
  Found find(std::string_view name, std::size_t hint = 0) const;

  // Compact text of this value.
  std::string text() const;

 private:
  const void* node_;
};
struct Value::Found {
  bool present = false;
  Value value{nullptr};
  std::size_t next_hint = 0;
};

class Document {
 public:
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  Value root() const;
  // Offset behind the parsed value.
  std::size_t end_offset() const;

 private:
  friend struct ParseAccess;
  struct State;
  explicit Document(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct ParseLimits {
  std::optional<std::size_t> bytes = std::nullopt;  // unset: limits::kHttpBodyBytesMax
  std::optional<std::size_t> depth = std::nullopt;  // unset: limits::kJsonDepthMax
  bool allow_trailing = false;  // the API ignores what follows the first value
};
// Errors name line, column and byte offset: "line 3, column 14 (offset 57): ...".
Result<Document> parse(std::string_view text, ParseLimits limits = {});

// A streaming writer. The caller keeps the grammar: a key before each member value.
class Writer {
 public:
  // compact: structs leave out members that equal their default (fields.h), so that decoding gives the
  // same value back from fewer bytes. For logs and wires of our own, not for API answers.
  explicit Writer(bool compact = false);
  ~Writer();
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;

  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);
  void null();
  void boolean(bool v);
  void int64(std::int64_t v);
  void uint64(std::uint64_t v);
  // Whole numbers keep ".0"; not-a-number and infinities are written as 0.0.
  void number(double v);
  void string(std::string_view v);
  // Splices text that is one JSON value already.
  void raw(std::string_view json);
  bool compact() const;

  // The text so far. REQUIRES for take(): one complete value; the writer is empty afterwards.
  std::string_view view() const;
  std::string take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The same value indented by 4 spaces and ended by a newline, as `?pretty` answers.
Result<std::string> pretty(std::string_view json);

struct Raw {  // any JSON value as text, kept as it came; empty means absent (null)
  std::string text;
  friend bool operator==(const Raw&, const Raw&) = default;
};

}  // namespace core::json
