// SPDX-License-Identifier: MPL-2.0
// format() and formatlist(): the verbs of Go's fmt that HCL knows.
#include <algorithm>
#include <cstdio>

#include "core/base/json.h"
#include "core/jobspec/functions.h"

namespace core::jobspec {
namespace {

constexpr std::size_t kWidthMax = 1024;

struct Verb {
  bool minus = false, plus = false, space = false, zero = false, sharp = false;
  std::size_t width = 0;
  int precision = -1;
  char letter = 'v';
};

std::string in_base(std::int64_t n, unsigned base, bool upper) {
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  auto rest = n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
  std::string out;
  do {
    out += digits[rest % base];
    rest /= base;
  } while (rest != 0);
  if (n < 0) out += '-';
  std::reverse(out.begin(), out.end());
  return out;
}

Result<std::string> real(const Verb& verb, Number n) {
  const char pattern[] = {'%', '.', '*', 'L', verb.letter, '\0'};
  char buffer[8192];  // the largest long double has 4933 digits in front of the point
  const auto precision = std::clamp(verb.precision < 0 ? 6 : verb.precision, 0, 100);
  const auto size = std::snprintf(buffer, sizeof buffer, pattern, precision, n);
  return std::string(buffer, static_cast<std::size_t>(std::max(size, 0)));
}

Result<std::string> number(const Verb& verb, const Value& value) {
  const auto n = to_number(value);
  if (!n) return bad_argument("a number is required for %" + std::string(1, verb.letter));
  std::string text;
  if (verb.letter == 'e' || verb.letter == 'f' || verb.letter == 'g' || verb.letter == 'E' ||
      verb.letter == 'G') {
    if (verb.letter == 'g' && verb.precision < 0)
      text = format_number(*n);
    else {
      TRY(text, real(verb, *n));
    }
  } else {
    const auto whole = to_int64(*n);
    if (!whole) return bad_argument("a whole number is required for %" + std::string(1, verb.letter));
    const unsigned base = verb.letter == 'b' ? 2 : verb.letter == 'o' ? 8 : verb.letter == 'd' ? 10 : 16;
    text = in_base(*whole, base, verb.letter == 'X');
  }
  if (!text.starts_with('-') && (verb.plus || verb.space)) text.insert(0, verb.plus ? "+" : " ");
  if (verb.zero && !verb.minus && text.size() < verb.width) {
    const auto sign = text.find_first_of("+- ") == 0 ? 1U : 0U;
    text.insert(sign, verb.width - text.size(), '0');
  }
  return text;
}

Result<std::string> one(const Verb& verb, const Value& value) {
  switch (verb.letter) {
    case 'v': {
      const auto text = verb.sharp ? std::nullopt : to_text(value);
      return text ? *text : to_json(value);
    }
    case 's': {
      auto text = to_text(value);
      if (!text) return bad_argument("a string is required for %s");
      if (verb.precision >= 0) text->resize(std::min(text->size(), static_cast<std::size_t>(verb.precision)));
      return std::move(*text);
    }
    case 'q': {
      auto text = to_text(value);
      if (!text) return bad_argument("a string is required for %q");
      return to_json(Value(std::move(*text)));
    }
    case 't': {
      const auto boolean = to_bool(value);
      if (!boolean) return bad_argument("a bool is required for %t");
      return std::string(*boolean ? "true" : "false");
    }
    default:
      return number(verb, value);
  }
}

class Formatter {
 public:
  Formatter(std::string_view pattern, std::span<const Value> values) : pattern_(pattern), values_(values) {}

  Result<std::string> run() {
    while (at_ < pattern_.size()) {
      if (pattern_[at_] != '%') {
        out_ += pattern_[at_++];
      } else if (pattern_.substr(at_ + 1).starts_with('%')) {
        out_ += '%';
        at_ += 2;
      } else {
        TRY(append_verb());
        TRY(within_growth(out_.size()));
      }
    }
    if (used_ < values_.size() && !indexed_)
      return bad_argument("too many arguments: " + std::to_string(used_) + " are used by the format");
    return std::move(out_);
  }

 private:
  char at(std::size_t i) const { return i < pattern_.size() ? pattern_[i] : '\0'; }

  std::size_t digits() {
    std::size_t n = 0;
    for (; at(at_) >= '0' && at(at_) <= '9'; ++at_)
      n = std::min<std::size_t>(n * 10 + static_cast<std::size_t>(at(at_) - '0'), 1 << 20);
    return n;
  }

  Result<Verb> verb() {
    Verb verb;
    for (++at_;; ++at_) {
      const char c = at(at_);
      if (c == '-')
        verb.minus = true;
      else if (c == '+')
        verb.plus = true;
      else if (c == ' ')
        verb.space = true;
      else if (c == '0')
        verb.zero = true;
      else if (c == '#')
        verb.sharp = true;
      else
        break;
    }
    verb.width = digits();
    if (at(at_) == '.') {
      ++at_;
      verb.precision = static_cast<int>(digits());
    }
    if (at(at_) == '[') {
      ++at_;
      used_ = digits();
      indexed_ = true;
      if (used_ == 0 || at(at_) != ']') return bad_argument("an argument index is a number in brackets");
      --used_;
      ++at_;
    }
    verb.letter = at(at_++);
    if (verb.width > kWidthMax) return bad_argument("a width is at most " + std::to_string(kWidthMax));
    if (verb.letter == '\0' || std::string_view("vsqtdboxXeEfgG").find(verb.letter) == std::string_view::npos)
      return bad_argument("unsupported format verb \"%" + std::string(1, verb.letter) + "\"");
    return verb;
  }

  Status append_verb() {
    TRY(const auto parsed, verb());
    if (used_ >= values_.size()) return bad_argument("not enough arguments for the format");
    TRY(auto text, one(parsed, values_[used_++]));
    const auto missing = parsed.width > text.size() ? parsed.width - text.size() : 0;
    text.insert(parsed.minus ? text.size() : 0, missing, ' ');
    out_ += text;
    return Unit{};
  }

  std::string_view pattern_;
  std::span<const Value> values_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t used_ = 0;
  bool indexed_ = false;
};

Result<Value> format(Args args, const Outside&) {
  TRY(const auto pattern, text_at(args, 0));
  TRY(auto text, Formatter(pattern, args.subspan(1)).run());
  return Value(std::move(text));
}

// One text for each position of the list arguments, which are of one length; scalars repeat.
Result<Value> format_list(Args args, const Outside&) {
  TRY(const auto pattern, text_at(args, 0));
  std::optional<std::size_t> length;
  std::size_t scalar_weight = pattern.size();
  for (const auto& arg : args.subspan(1)) {
    if (arg.list() == nullptr)
      scalar_weight += arg.weight();
    else if (length && *length != arg.list()->size())
      return bad_argument("the lists must be of one length");
    else
      length = arg.list()->size();
  }
  TRY(within_growth(length.value_or(1) * scalar_weight));
  Value::List out;
  for (std::size_t i = 0; i < length.value_or(1); ++i) {
    Value::List row;
    for (const auto& arg : args.subspan(1)) row.push_back(arg.list() != nullptr ? (*arg.list())[i] : arg);
    TRY(auto text, Formatter(pattern, row).run());
    out.emplace_back(std::move(text));
  }
  return Value(std::move(out));
}

constexpr Function kFunctions[] = {{"format", 1, kAnyNumber, format},
                                   {"formatlist", 1, kAnyNumber, format_list}};

}  // namespace

std::span<const Function> format_functions() { return kFunctions; }

}  // namespace core::jobspec
