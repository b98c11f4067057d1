// SPDX-License-Identifier: MPL-2.0
#include "core/base/time.h"

#include <array>
#include <cstdio>
#include <limits>

namespace core {
namespace {

struct UnitName {
  std::string_view name;
  std::int64_t ns;
};
constexpr std::array<UnitName, 8> kUnits{{{"ns", 1},
                                          {"us", 1'000},
                                          {"\xc2\xb5s", 1'000},  // U+00B5 micro sign
                                          {"\xce\xbcs", 1'000},  // U+03BC greek mu
                                          {"ms", 1'000'000},
                                          {"s", 1'000'000'000},
                                          {"m", 60'000'000'000},
                                          {"h", 3'600'000'000'000}}};
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

Error bad_duration(std::string_view text, std::string_view why) {
  return Error{Errc::invalid, "invalid duration \"" + std::string(text) + "\": " + std::string(why)};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits at `at`, which moves behind them. Values past int64 saturate and set `overflow`.
std::int64_t take_digits(std::string_view text, std::size_t& at, std::int64_t& scale, bool& overflow) {
  std::int64_t value = 0;
  scale = 1;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    const auto digit = text[at] - '0';
    if (value > (kMax - digit) / 10) {
      overflow = true;
      continue;
    }
    value = value * 10 + digit;
    if (scale <= kMax / 10) scale *= 10;
  }
  return value;
}

const UnitName* unit_at(std::string_view text, std::size_t& at) {
  const auto start = at;
  while (at < text.size() && !is_digit(text[at]) && text[at] != '.') ++at;
  const auto word = text.substr(start, at - start);
  for (const auto& unit : kUnits)
    if (unit.name == word) return &unit;
  return nullptr;
}

// Days since 1970-01-01 of a proleptic Gregorian date.
std::int64_t days_from_civil(std::int64_t y, unsigned m, unsigned d) {
  const std::chrono::sys_days days =
      std::chrono::year{static_cast<int>(y)} / std::chrono::month{m} / std::chrono::day{d};
  return days.time_since_epoch().count();
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::size_t at = 0;
  bool negative = false;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) negative = text[at++] == '-';
  if (text.substr(at) == "0") return Duration::zero();
  if (at == text.size()) return bad_duration(text, "empty");
  std::int64_t total = 0;
  while (at < text.size()) {
    const auto number_start = at;
    std::int64_t scale = 1;
    bool overflow = false;
    const auto whole = take_digits(text, at, scale, overflow);
    bool any_digit = at > number_start;
    std::int64_t fraction = 0;
    std::int64_t fraction_scale = 1;
    if (at < text.size() && text[at] == '.') {
      const auto fraction_start = ++at;
      bool truncated = false;  // digits past int64 are below a nanosecond
      fraction = take_digits(text, at, fraction_scale, truncated);
      any_digit |= at > fraction_start;
    }
    if (!any_digit) return bad_duration(text, "a number is missing");
    const auto* unit = unit_at(text, at);
    if (unit == nullptr) return bad_duration(text, "missing or unknown unit (ns, us, ms, s, m, h)");
    if (overflow || whole > (kMax - total) / unit->ns) return bad_duration(text, "out of range");
    total += whole * unit->ns;
    const auto part = static_cast<std::int64_t>(static_cast<__int128>(fraction) * unit->ns / fraction_scale);
    if (part > kMax - total) return bad_duration(text, "out of range");
    total += part;
  }
  return Duration(negative ? -total : total);
}

std::string format_duration(Duration d) {
  const auto ns = d.count();
  if (ns == 0) return "0s";
  const bool negative = ns < 0;
  const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  const auto fractional = [](std::uint64_t value, std::uint64_t unit_ns, std::string_view unit) {
    std::string out = std::to_string(value / unit_ns);
    if (auto rest = value % unit_ns; rest != 0) {
      auto digits = std::to_string(rest + unit_ns).substr(1);
      digits.erase(digits.find_last_not_of('0') + 1);
      out += "." + digits;
    }
    return out + std::string(unit);
  };
  std::string out;
  if (magnitude < 1'000) {
    out = std::to_string(magnitude) + "ns";
  } else if (magnitude < 1'000'000) {
    out = fractional(magnitude, 1'000, "\xc2\xb5s");
  } else if (magnitude < 1'000'000'000) {
    out = fractional(magnitude, 1'000'000, "ms");
  } else {
    const auto hours = magnitude / 3'600'000'000'000;
    const auto minutes = magnitude / 60'000'000'000 % 60;
    if (hours > 0) out += std::to_string(hours) + "h";
    if (hours > 0 || minutes > 0) out += std::to_string(minutes) + "m";
    out += fractional(magnitude % 60'000'000'000, 1'000'000'000, "s");
  }
  return negative ? "-" + out : out;
}

std::string format_rfc3339(WallTime t) {
  const auto seconds = floor_div(t.ns, 1'000'000'000);
  const auto nanos = t.ns - seconds * 1'000'000'000;
  const auto days = floor_div(seconds, 86'400);
  const auto in_day = seconds - days * 86'400;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(in_day / 3600), static_cast<int>(in_day / 60 % 60), static_cast<int>(in_day % 60));
  std::string out = text;
  if (nanos != 0) {
    auto digits = std::to_string(nanos + 1'000'000'000).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += "." + digits;
  }
  return out + "Z";
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  const Error bad{Errc::invalid, "not an RFC 3339 time: \"" + std::string(text) + "\""};
  const auto number = [&](std::size_t at, std::size_t length) -> int {
    if (at + length > text.size()) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + length; ++i) {
      if (!is_digit(text[i])) return -1;
      value = value * 10 + (text[i] - '0');
    }
    return value;
  };
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
      text[13] != ':' || text[16] != ':')
    return bad;
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return bad;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return bad;
  std::size_t at = 19;
  std::int64_t nanos = 0;
  if (text[at] == '.') {
    std::int64_t unit = 100'000'000;
    const auto start = ++at;
    for (; at < text.size() && is_digit(text[at]); ++at, unit /= 10) nanos += (text[at] - '0') * unit;
    if (at == start) return bad;
  }
  std::int64_t offset = 0;
  const auto zone = text.substr(at);
  if (zone != "Z" && zone != "z") {
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return bad;
    const int offset_hours = number(at + 1, 2), offset_minutes = number(at + 4, 2);
    if (offset_hours < 0 || offset_minutes < 0) return bad;
    offset = (offset_hours * 60 + offset_minutes) * 60 * (zone[0] == '-' ? -1 : 1);
  }
  const auto days = days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  const auto seconds = days * 86'400 + hour * 3600 + minute * 60 + second - offset;
  if (seconds > kMax / 1'000'000'000 - 1 || seconds < -(kMax / 1'000'000'000)) return bad;
  return WallTime{seconds * 1'000'000'000 + nanos};
}

}  // namespace core
