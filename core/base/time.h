// SPDX-License-Identifier: MPL-2.0
// Time without a clock. Core cannot read one because these clocks have no now(): an Instant comes
// in as an argument and orders events on one machine; a WallTime is only ever data.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace core {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;

struct MonotonicTag {  // deliberately no now(): time arrives as an argument
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicTag>;
  static constexpr bool is_steady = true;
};
using Instant = MonotonicTag::time_point;

struct WallTime {  // nanoseconds since 1970-01-01T00:00:00Z; 0 means "not set". JSON: an integer
  std::int64_t ns = 0;

  bool set() const { return ns != 0; }
  friend auto operator<=>(const WallTime&, const WallTime&) = default;
  friend WallTime operator+(WallTime t, Duration d) { return {t.ns + d.count()}; }
  friend Duration operator-(WallTime a, WallTime b) { return Duration(a.ns - b.ns); }
};

struct Timestamp {  // the same moment where the API spells it as RFC 3339 text, or null when not set
  WallTime at;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// Go's spelling: "1h30m", "-1.5s", "300ms", "0"; units ns us µs ms s m h. Overflow is an error.
Result<Duration> parse_duration(std::string_view text);
// As Go prints it: "1h30m0s", "1.5s", "250ms", "0s".
std::string format_duration(Duration d);

// "2026-11-22T10:57:29.754Z": RFC 3339 in UTC with as many fractional digits as needed, at most 9.
std::string format_rfc3339(WallTime t);
Result<WallTime> parse_rfc3339(std::string_view text);

}  // namespace core
