// SPDX-License-Identifier: MPL-2.0
// Times are RFC 3339 text that is given; there is no current time. Results are in UTC.
#include <chrono>
#include <cstdio>

#include "core/base/time.h"
#include "core/jobspec/functions.h"

namespace core::jobspec {
namespace {

struct Moment {
  std::chrono::year_month_day date;
  std::chrono::weekday weekday;
  std::chrono::hh_mm_ss<std::chrono::seconds> time;
};

Moment moment(WallTime t) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(t.ns));
  const auto days = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::sys_days day(days);
  return {std::chrono::year_month_day(day), std::chrono::weekday(day), std::chrono::hh_mm_ss(seconds - days)};
}

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};

std::string padded(long long n, std::size_t width) {
  auto text = std::to_string(n);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

// The words of formatdate(), such as "YYYY"; nothing for an unknown one.
std::optional<std::string> piece(std::string_view word, const Moment& m) {
  const auto month = static_cast<unsigned>(m.date.month());
  const auto day = static_cast<unsigned>(m.date.day());
  const auto hours = m.time.hours().count();
  const auto half = hours % 12 == 0 ? 12 : hours % 12;
  if (word == "YYYY") return padded(static_cast<int>(m.date.year()), 4);
  if (word == "YY") return padded(static_cast<int>(m.date.year()) % 100, 2);
  if (word == "MMMM") return std::string(kMonths[month - 1]);
  if (word == "MMM") return std::string(kMonths[month - 1].substr(0, 3));
  if (word == "MM" || word == "M") return padded(month, word.size());
  if (word == "DD" || word == "D") return padded(day, word.size());
  if (word == "EEEE") return std::string(kDays[m.weekday.c_encoding()]);
  if (word == "EEE") return std::string(kDays[m.weekday.c_encoding()].substr(0, 3));
  if (word == "hh" || word == "h") return padded(hours, word.size());
  if (word == "HH" || word == "H") return padded(half, word.size());
  if (word == "AA") return std::string(hours < 12 ? "AM" : "PM");
  if (word == "aa") return std::string(hours < 12 ? "am" : "pm");
  if (word == "mm" || word == "m") return padded(m.time.minutes().count(), word.size());
  if (word == "ss" || word == "s") return padded(m.time.seconds().count(), word.size());
  if (word == "ZZZZZ") return std::string("+00:00");
  if (word == "ZZZZ") return std::string("+0000");
  if (word == "ZZZ") return std::string("UTC");
  if (word == "Z") return std::string("Z");
  return std::nullopt;
}

Result<Value> format_date(Args args, const Outside&) {
  TRY(const auto pattern, text_at(args, 0));
  TRY(const auto text, text_at(args, 1));
  TRY(const auto time, parse_rfc3339(text));
  const auto m = moment(time);
  std::string out;
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c == '\'') {  // literal text, with '' for a quote
      for (++i;; ++i) {
        if (i >= pattern.size()) return bad_argument("a quote in the format is not closed");
        if (pattern[i] == '\'' && (i + 1 >= pattern.size() || pattern[i + 1] != '\'')) break;
        if (pattern[i] == '\'') ++i;
        out += pattern[i];
      }
      ++i;
    } else if (letter) {
      const auto end = std::min(pattern.find_first_not_of(c, i), pattern.size());
      const auto found = piece(std::string_view(pattern).substr(i, end - i), m);
      if (!found) return bad_argument("invalid format word \"" + pattern.substr(i, end - i) + "\"");
      out += *found;
      i = end;
    } else {
      out += c;
      ++i;
    }
  }
  return Value(std::move(out));
}

Result<Value> time_add(Args args, const Outside&) {
  TRY(const auto text, text_at(args, 0));
  TRY(const auto amount, text_at(args, 1));
  TRY(const auto time, parse_rfc3339(text));
  TRY(const auto duration, parse_duration(amount));
  std::int64_t sum = 0;
  if (__builtin_add_overflow(time.ns, duration.count(), &sum))
    return bad_argument("the time is out of range");
  return Value(format_rfc3339(WallTime{sum}));
}

constexpr Function kFunctions[] = {{"formatdate", 2, 2, format_date}, {"timeadd", 2, 2, time_add}};

}  // namespace

std::span<const Function> time_functions() { return kFunctions; }

}  // namespace core::jobspec
