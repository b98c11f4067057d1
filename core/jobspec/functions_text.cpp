// SPDX-License-Identifier: MPL-2.0
// Text: case, trimming, parts. Characters are Unicode code points; upper() and lower() change ASCII
// letters only.
#include <algorithm>

#include "core/jobspec/functions.h"

namespace core::jobspec {
namespace {

char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Start of each code point, and the end.
std::vector<std::size_t> starts(std::string_view text) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!continues(text[i])) out.push_back(i);
  out.push_back(text.size());
  return out;
}

template <class Change>
Result<Value> changed(Args args, Change change) {
  TRY(auto text, text_at(args, 0));
  std::transform(text.begin(), text.end(), text.begin(), change);
  return Value(std::move(text));
}

std::string trimmed(std::string_view text, std::string_view set) {
  const auto from = text.find_first_not_of(set);
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(set) - from + 1));
}

Result<Value> title(Args args, const Outside&) {
  TRY(auto text, text_at(args, 0));
  bool word_start = true;
  for (auto& c : text) {
    if (word_start) c = to_upper(c);
    word_start = c == ' ' || c == '\t' || c == '\n' || c == '-';
  }
  return Value(std::move(text));
}

Result<Value> indent(Args args, const Outside&) {
  TRY(const auto spaces, whole_at(args, 0));
  TRY(const auto text, text_at(args, 1));
  if (spaces < 0) return bad_argument("the number of spaces must not be negative");
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  TRY(within_growth(static_cast<std::size_t>(std::min<std::int64_t>(spaces, 1 << 20)) * lines + text.size()));
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(static_cast<std::size_t>(spaces), ' ');
  }
  return Value(std::move(out));
}

Result<Value> join(Args args, const Outside&) {
  TRY(const auto separator, text_at(args, 0));
  std::string out;
  bool first = true;
  for (std::size_t i = 1; i < args.size(); ++i) {
    TRY(const auto* list, list_at(args, i));
    for (const auto& item : *list) {
      const auto text = to_text(item);
      if (!text) return bad_argument("the list must hold strings only");
      TRY(within_growth(out.size() + separator.size() + text->size()));
      if (!first) out += separator;
      out += *text;
      first = false;
    }
  }
  return Value(std::move(out));
}

Result<Value> split(Args args, const Outside&) {
  TRY(const auto separator, text_at(args, 0));
  TRY(const auto text, text_at(args, 1));
  Value::List out;
  if (separator.empty()) {
    const auto at = starts(text);
    for (std::size_t i = 0; i + 1 < at.size(); ++i) out.emplace_back(text.substr(at[i], at[i + 1] - at[i]));
    return Value(std::move(out));
  }
  std::size_t begin = 0;
  for (auto end = text.find(separator); end != text.npos; end = text.find(separator, begin)) {
    out.emplace_back(text.substr(begin, end - begin));
    begin = end + separator.size();
  }
  out.emplace_back(text.substr(begin));
  return Value(std::move(out));
}

Result<Value> replace(Args args, const Outside&) {
  TRY(const auto text, text_at(args, 0));
  TRY(const auto from, text_at(args, 1));
  TRY(const auto to, text_at(args, 2));
  if (from.empty()) return Value(text);
  std::string out;
  std::size_t begin = 0;
  for (auto end = text.find(from); end != text.npos; end = text.find(from, begin)) {
    TRY(within_growth(out.size() + (end - begin) + to.size()));
    out.append(text, begin, end - begin);
    out += to;
    begin = end + from.size();
  }
  return Value(out + text.substr(begin));
}

Result<Value> reversed(Args args, const Outside&) {
  TRY(const auto text, text_at(args, 0));
  const auto at = starts(text);
  std::string out;
  for (auto i = at.size() - 1; i > 0; --i) out.append(text, at[i - 1], at[i] - at[i - 1]);
  return Value(std::move(out));
}

Result<Value> substr(Args args, const Outside&) {
  TRY(const auto text, text_at(args, 0));
  TRY(auto offset, whole_at(args, 1));
  TRY(auto length, whole_at(args, 2));
  const auto at = starts(text);
  const auto size = static_cast<std::int64_t>(at.size()) - 1;
  if (offset < 0) offset = std::max<std::int64_t>(0, size + std::max(offset, -size));
  offset = std::min(offset, size);
  if (length < 0 || length > size - offset) length = size - offset;
  const auto begin = at[static_cast<std::size_t>(offset)];
  return Value(text.substr(begin, at[static_cast<std::size_t>(offset + length)] - begin));
}

constexpr std::string_view kSpace = " \t\n\v\f\r";

constexpr Function kFunctions[] = {
    {"chomp", 1, 1,
     [](Args args, const Outside&) -> Result<Value> {
       TRY(auto text, text_at(args, 0));
       while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
       return Value(std::move(text));
     }},
    {"indent", 2, 2, indent},
    {"join", 2, kAnyNumber, join},
    {"lower", 1, 1, [](Args args, const Outside&) { return changed(args, to_lower); }},
    {"replace", 3, 3, replace},
    {"split", 2, 2, split},
    {"strrev", 1, 1, reversed},
    {"substr", 3, 3, substr},
    {"title", 1, 1, title},
    {"trim", 2, 2,
     [](Args args, const Outside&) -> Result<Value> {
       TRY(const auto text, text_at(args, 0));
       TRY(const auto set, text_at(args, 1));
       return Value(trimmed(text, set));
     }},
    {"trimprefix", 2, 2,
     [](Args args, const Outside&) -> Result<Value> {
       TRY(const auto text, text_at(args, 0));
       TRY(const auto prefix, text_at(args, 1));
       return Value(text.starts_with(prefix) ? text.substr(prefix.size()) : text);
     }},
    {"trimspace", 1, 1,
     [](Args args, const Outside&) -> Result<Value> {
       TRY(const auto text, text_at(args, 0));
       return Value(trimmed(text, kSpace));
     }},
    {"trimsuffix", 2, 2,
     [](Args args, const Outside&) -> Result<Value> {
       TRY(const auto text, text_at(args, 0));
       TRY(const auto suffix, text_at(args, 1));
       return Value(text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text);
     }},
    {"upper", 1, 1, [](Args args, const Outside&) { return changed(args, to_upper); }},
};

}  // namespace

std::span<const Function> text_functions() { return kFunctions; }

}  // namespace core::jobspec
