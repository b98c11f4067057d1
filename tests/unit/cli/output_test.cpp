// SPDX-License-Identifier: MPL-2.0
#include "cli/output.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

TEST_CASE("columns are as wide as their widest cell, the last is not padded", "[cli]") {
  CHECK(cli::table({{"ID", "Status"}, {"web-frontend", "ready"}, {"db", "down"}}) ==
        "ID            Status\nweb-frontend  ready\ndb            down");
}

TEST_CASE("an empty cell shows as <none>, or as nothing where that is Nomad's way", "[cli]") {
  CHECK(cli::table({{"A", "B"}, {"", "x"}}) == "A       B\n<none>  x");
  CHECK(cli::table({{"A", "B"}, {"", "x"}}, "") == "A  B\n   x");
}

TEST_CASE("width counts code points, not bytes", "[cli]") {
  CHECK(cli::table({{"\xc3\xa4\xc3\xb6", "x"}, {"abc", "y"}}) == "\xc3\xa4\xc3\xb6   x\nabc  y");
}

TEST_CASE("keys are padded so that all '=' line up", "[cli]") {
  CHECK(cli::key_values({{"ID", "1"}, {"Datacenter", ""}}) == "ID         = 1\nDatacenter = <none>");
}

TEST_CASE("relative times show the two largest units", "[cli]") {
  const core::WallTime now{1'000'000'000'000'000'000};
  CHECK(cli::relative_time(now, now) == "0s ago");
  CHECK(cli::relative_time(now + -69s, now) == "1m9s ago");
  CHECK(cli::relative_time(now + -3600s, now) == "1h ago");
  CHECK(cli::relative_time(now + -(26h + 5min), now) == "1d2h ago");
  CHECK(cli::relative_time(now + 90s, now) == "1m30s from now");
  CHECK(cli::relative_time({}, now) == "");
}

TEST_CASE("sizes are IEC with one decimal below ten", "[cli]") {
  CHECK(cli::size_text(0) == "0 B");
  CHECK(cli::size_text(4096) == "4.0 KiB");
  CHECK(cli::size_text(300ULL << 20) == "300 MiB");
  CHECK(cli::size_text(24ULL << 30) == "24 GiB");
}
