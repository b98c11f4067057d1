// SPDX-License-Identifier: MPL-2.0
#include "core/base/json.h"

#include "core/base/limits.h"

#define RAPIDJSON_HAS_STDSTRING 1
#ifdef __SSE2__
#define RAPIDJSON_SSE2
#endif
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/internal/dtoa.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

namespace core::json {
namespace {

using Node = rapidjson::Value;
const Node& node(const void* p) { return *static_cast<const Node*>(p); }

bool same_letters(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string place(std::string_view text, std::size_t offset) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
    ++column;
    if (text[i] == '\n') {
      ++line;
      column = 1;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column) + " (offset " +
         std::to_string(offset) + ")";
}

// RapidJSON bounds no depth. Counting brackets outside strings first costs a fraction of the parse
// and keeps the parser, which recurses, within the stack.
Status check_depth(std::string_view text, std::size_t limit) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      while (i < text.size() && text[i] != '"' && text[i] != '\\') ++i;
      if (i < text.size() && text[i] == '\\') ++i;
      else in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if ((c == '{' || c == '[') && ++depth > limit)
      return Error{Errc::invalid, place(text, i) + ": nested deeper than " + std::to_string(limit) + " levels"};
    if ((c == '}' || c == ']') && depth > 0) --depth;
  }
  return Unit{};
}

constexpr std::uint64_t repeat(std::uint64_t byte) { return byte * 0x0101010101010101; }

// Eight bytes, or what is left of them and then spaces.
std::uint64_t word_at(std::string_view text, std::size_t at) {
  auto word = repeat(' ');
  std::memcpy(&word, text.data() + at, std::min(sizeof word, text.size() - at));
  return word;
}

// What one look at every byte tells, eight of them at a time.
struct Glance {
  bool ascii = true;              // then the encoding is valid as it stands
  std::size_t openings = 0;       // '{' and '[', in strings too: no value is nested deeper
};

// Whether JSON writes the text as it stands between quotes.
bool is_plain(std::string_view text) {
  const auto has_zero = [](std::uint64_t word) { return (word - repeat(1)) & ~word & repeat(0x80); };
  std::uint64_t special = 0;
  for (std::size_t at = 0; at < text.size(); at += sizeof special) {
    const auto word = word_at(text, at);
    const auto control = (word - repeat(0x20)) & ~word & repeat(0x80);
    special |= control | has_zero(word ^ repeat('"')) | has_zero(word ^ repeat('\\'));
  }
  return special == 0;
}

Glance glance(std::string_view text) {
  std::uint64_t seen = 0;
  Glance out;
  for (std::size_t at = 0; at < text.size(); at += sizeof seen) {
    const auto word = word_at(text, at);
    seen |= word;
    // '[' and '{', which differ in one bit, become zero; then each byte 1 that was zero; then their sum.
    const auto other = (word | repeat(0x20)) ^ repeat('{');
    const auto zero = ~(((other & repeat(0x7f)) + repeat(0x7f)) | other) & repeat(0x80);
    out.openings += repeat(zero >> 7) >> 56;
  }
  out.ascii = (seen & repeat(0x80)) == 0;
  return out;
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::null: return "null";
    case Kind::boolean: return "a boolean";
    case Kind::number: return "a number";
    case Kind::string: return "a string";
    case Kind::array: return "an array";
    case Kind::object: return "an object";
  }
  UNREACHABLE();
}

Kind Value::kind() const {
  switch (node(node_).GetType()) {
    case rapidjson::kNullType: return Kind::null;
    case rapidjson::kFalseType:
    case rapidjson::kTrueType: return Kind::boolean;
    case rapidjson::kNumberType: return Kind::number;
    case rapidjson::kStringType: return Kind::string;
    case rapidjson::kArrayType: return Kind::array;
    case rapidjson::kObjectType: return Kind::object;
  }
  UNREACHABLE();
}

bool Value::boolean() const {
  ASSERT(kind() == Kind::boolean);
  return node(node_).GetBool();
}

std::string_view Value::string() const {
  ASSERT(kind() == Kind::string);
  return {node(node_).GetString(), node(node_).GetStringLength()};
}

Result<std::int64_t> Value::int64() const {
  ASSERT(kind() == Kind::number);
  if (node(node_).IsInt64()) return node(node_).GetInt64();
  return Error{Errc::invalid, "expected a whole number that fits 64 bits"};
}

Result<std::uint64_t> Value::uint64() const {
  ASSERT(kind() == Kind::number);
  if (node(node_).IsUint64()) return node(node_).GetUint64();
  return Error{Errc::invalid, "expected a whole number of at least 0 that fits 64 bits"};
}

double Value::number() const {
  ASSERT(kind() == Kind::number);
  return node(node_).GetDouble();
}

std::size_t Value::size() const {
  const auto& n = node(node_);
  ASSERT(n.IsArray() || n.IsObject());
  return n.IsArray() ? n.Size() : n.MemberCount();
}

Value Value::element(std::size_t i) const {
  ASSERT(i < size());
  return Value(&node(node_)[static_cast<rapidjson::SizeType>(i)]);
}

std::string_view Value::name(std::size_t i) const {
  ASSERT(i < size());
  const auto& member_name = (node(node_).MemberBegin() + static_cast<std::ptrdiff_t>(i))->name;
  return {member_name.GetString(), member_name.GetStringLength()};
}

Value Value::member(std::size_t i) const {
  ASSERT(i < size());
  return Value(&(node(node_).MemberBegin() + static_cast<std::ptrdiff_t>(i))->value);
}

// Compact text leaves most members out, so a name that is not there must be cheap to miss: lengths first.
Value::Found Value::find(std::string_view wanted, std::size_t hint) const {
  const auto& object = node(node_);
  ASSERT(object.IsObject());
  const std::size_t count = object.MemberCount();
  const auto members = object.MemberBegin();
  const auto found = [&](std::size_t i) {
    return Found{true, Value(static_cast<const Node*>(&(members + static_cast<std::ptrdiff_t>(i))->value)), i + 1};
  };
  std::size_t similar = count;
  for (std::size_t step = 0, i = hint < count ? hint : 0; step < count; ++step, i = i + 1 < count ? i + 1 : 0) {
    const auto& text = (members + static_cast<std::ptrdiff_t>(i))->name;
    if (text.GetStringLength() != wanted.size()) continue;
    const std::string_view here(text.GetString(), wanted.size());
    if (here == wanted) return found(i);
    if (i < similar && same_letters(here, wanted)) similar = i;
  }
  return similar < count ? found(similar) : Found{false, Value(nullptr), hint};
}

std::string Value::text() const {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  node(node_).Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

// Most documents fit the room beside them; the rest comes in blocks of their own size.
struct Document::State {
  static constexpr std::size_t kRoomBytes = 6 * core::limits::kKiB;
  static constexpr std::size_t kBlockBytes = 16 * core::limits::kKiB;
  alignas(std::max_align_t) char room[kRoomBytes];
  rapidjson::MemoryPoolAllocator<> pool{room, sizeof room, kBlockBytes};
  rapidjson::Document document{&pool};
  std::size_t end = 0;

  // Ended by zero bytes: RapidJSON looks at all of the 16 that the last one of the text stands among.
  char* copy(std::string_view text) {
    constexpr std::size_t kBehind = 16;
    auto* const bytes = static_cast<char*>(pool.Malloc(text.size() + kBehind));
    std::memcpy(bytes, text.data(), text.size());
    std::memset(bytes + text.size(), 0, kBehind);
    return bytes;
  }
};

struct ParseAccess {
  static Document make(std::unique_ptr<Document::State> state) { return Document(std::move(state)); }
  static std::unique_ptr<Document::State> state() { return std::make_unique_for_overwrite<Document::State>(); }
};

Document::Document(std::unique_ptr<State> state) : state_(std::move(state)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;
Value Document::root() const { return Value(static_cast<const Node*>(&state_->document)); }
std::size_t Document::end_offset() const { return state_->end; }

Result<Document> parse(std::string_view text, ParseLimits limits) {
  const std::size_t bytes_max = limits.bytes.value_or(core::limits::kHttpBodyBytesMax);
  if (text.size() > bytes_max)
    return Error{Errc::too_large, std::to_string(text.size()) + " bytes are over the limit of " + std::to_string(bytes_max)};
  const auto depth_max = limits.depth.value_or(core::limits::kJsonDepthMax);
  const auto seen = glance(text);
  if (seen.openings > depth_max) TRY(check_depth(text, depth_max));
  auto state = ParseAccess::state();
  // Parsed where it is copied to: strings stay there, and RapidJSON then reads them 16 bytes at a time.
  rapidjson::InsituStringStream stream(state->copy(text));
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseStopWhenDoneFlag | rapidjson::kParseFullPrecisionFlag;
  if (seen.ascii) state->document.ParseStream<kFlags, rapidjson::UTF8<>>(stream);
  else state->document.ParseStream<kFlags | rapidjson::kParseValidateEncodingFlag, rapidjson::UTF8<>>(stream);
  if (state->document.HasParseError()) {
    const auto offset = state->document.GetErrorOffset();
    return Error{Errc::invalid, place(text, offset) + ": " + rapidjson::GetParseError_En(state->document.GetParseError())};
  }
  state->end = stream.Tell();
  if (!limits.allow_trailing) {
    const auto rest = text.find_first_not_of(" \t\r\n", state->end);
    if (rest != std::string_view::npos)
      return Error{Errc::invalid, place(text, rest) + ": unexpected text after the value"};
  }
  return ParseAccess::make(std::move(state));
}

// The grammar is the caller's, so that there is nothing to remember but whether a comma is due: RapidJSON's writer
// keeps a stack of levels and took twice as long. Escapes and fractions are still its work.
struct Writer::State {
  explicit State(bool is_compact) : compact(is_compact) {}

  const bool compact;
  bool follows = false;  // a value on this level: a comma comes before the next
  std::size_t size = 0, room = sizeof first;
  std::unique_ptr<char[]> grown;  // once it is too much for `first`
  char first[1000];

  char* begin() { return grown ? grown.get() : first; }

  // `count` more bytes, to be written by the caller.
  char* push(std::size_t count) {
    if (room - size < count) grow(count);
    auto* const out = begin() + size;
    size += count;
    return out;
  }
  void put(char c) { *push(1) = c; }
  void put(std::string_view text) { text.copy(push(text.size()), text.size()); }

  void before_value() {
    if (follows) put(',');
    follows = true;
  }
  void open(char bracket) {
    before_value();
    put(bracket);
    follows = false;
  }
  void close(char bracket) {
    put(bracket);
    follows = true;
  }

  void quoted(std::string_view text) {
    if (!is_plain(text)) return escaped(text);
    char* const out = push(text.size() + 2);
    out[0] = '"';
    text.copy(out + 1, text.size());
    out[text.size() + 1] = '"';
  }

  template <class T>
  void digits(T v) {
    char text[std::numeric_limits<T>::digits10 + 3];
    const auto end = std::to_chars(text, text + sizeof text, v).ptr;
    put({text, static_cast<std::size_t>(end - text)});
  }

 private:
  void grow(std::size_t count) {
    room = std::max(room * 2, size + count);
    auto more = std::make_unique_for_overwrite<char[]>(room);
    std::memcpy(more.get(), begin(), size);
    grown = std::move(more);
  }

  void escaped(std::string_view text) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    put({buffer.GetString(), buffer.GetSize()});
  }
};

Writer::Writer(bool compact) : state_(std::make_unique<State>(compact)) {}
Writer::~Writer() = default;
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;

void Writer::begin_object() { state_->open('{'); }
void Writer::end_object() { state_->close('}'); }
void Writer::begin_array() { state_->open('['); }
void Writer::end_array() { state_->close(']'); }
void Writer::key(std::string_view name) {
  state_->before_value();
  state_->quoted(name);
  state_->put(':');
  state_->follows = false;
}
void Writer::null() { raw("null"); }
void Writer::boolean(bool v) { raw(v ? "true" : "false"); }
void Writer::int64(std::int64_t v) {
  state_->before_value();
  state_->digits(v);
}
void Writer::uint64(std::uint64_t v) {
  state_->before_value();
  state_->digits(v);
}
void Writer::number(double v) {
  char text[32];
  const auto* const end = rapidjson::internal::dtoa(std::isfinite(v) ? v : 0.0, text);
  raw({text, static_cast<std::size_t>(end - text)});
}
void Writer::string(std::string_view v) {
  state_->before_value();
  state_->quoted(v);
}
void Writer::raw(std::string_view json) {
  state_->before_value();
  state_->put(json);
}

bool Writer::compact() const { return state_->compact; }
std::string_view Writer::view() const { return {state_->begin(), state_->size}; }

std::string Writer::take() {
  std::string out(view());
  state_->size = 0;
  state_->follows = false;
  return out;
}

Result<std::string> pretty(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag>(json.data(), json.size());
  if (document.HasParseError()) return Error{Errc::invalid, "not a JSON value"};
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 4);
  document.Accept(writer);
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace core::json
