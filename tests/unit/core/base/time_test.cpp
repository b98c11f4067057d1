// SPDX-License-Identifier: MPL-2.0
#include "core/base/time.h"

#include <catch2/catch.hpp>

using core::Duration;
using namespace std::chrono_literals;

TEST_CASE("durations read as Go spells them", "[time]") {
  const auto [text, wanted] = GENERATE(table<std::string, Duration>({
      {"0", 0ns}, {"5s", 5s}, {"1h30m", 90min}, {"-1.5h", -90min}, {"300ms", 300ms}, {"1.000000001s", 1000000001ns}, {".5s", 500ms},
  }));
  CAPTURE(text);
  const auto parsed = core::parse_duration(text);
  REQUIRE(parsed.ok());
  CHECK(*parsed == wanted);
}

TEST_CASE("a bad duration is refused with its text", "[time]") {
  const auto text = GENERATE(as<std::string>{}, "", "5", "s", "1x", ".", "1.s.", "9223372036854775807h", "-", "1h 2m");
  CAPTURE(text);
  const auto parsed = core::parse_duration(text);
  REQUIRE(!parsed.ok());
  CHECK(parsed.error().detail.find('"' + text + '"') != std::string::npos);
}

TEST_CASE("durations print as Go prints them", "[time]") {
  CHECK(core::format_duration(0ns) == "0s");
  CHECK(core::format_duration(90min) == "1h30m0s");
  CHECK(core::format_duration(1500ms) == "1.5s");
  CHECK(core::format_duration(250ms) == "250ms");
  CHECK(core::format_duration(-61s) == "-1m1s");
}

TEST_CASE("RFC 3339 text survives a round trip", "[time]") {
  const auto text = GENERATE(as<std::string>{}, "2026-11-22T10:57:29.754Z", "1970-01-01T00:00:00Z", "2024-02-29T23:59:59.000000001Z", "1969-12-31T23:59:59Z");
  const auto parsed = core::parse_rfc3339(text);
  REQUIRE(parsed.ok());
  CHECK(core::format_rfc3339(*parsed) == text);
}

TEST_CASE("an offset is taken off and nonsense refused", "[time]") {
  CHECK(core::format_rfc3339(*core::parse_rfc3339("2026-11-22T12:00:00+01:30")) == "2026-11-22T10:30:00Z");
  CHECK(!core::parse_rfc3339("2026-13-22T12:00:00Z").ok());
  CHECK(!core::parse_rfc3339("2026-11-22 12:00:00").ok());
}
