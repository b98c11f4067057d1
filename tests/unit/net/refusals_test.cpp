// SPDX-License-Identifier: MPL-2.0
#include "net/refusals.h"

#include <catch2/catch.hpp>

#include <vector>

using core::Errc;
using core::Error;
using namespace std::chrono_literals;

namespace {

struct Lines final : core::Sink {
  std::vector<std::string> lines;
  bool enabled(core::Level level) const override { return level >= core::Level::info; }
  void write(core::Level, std::string_view text) override { lines.emplace_back(text); }
};

constexpr core::Instant kStart{1000s};
const Error kForged{Errc::denied, "forged"};

}  // namespace

TEST_CASE("all that is refused is counted, and each source is told of once a minute", "[net][refusals]") {
  Lines sink;
  net::Refusals refusals(core::Logger(sink, "gossip"), "refused");
  for (int i = 0; i < 100; ++i) refusals.note("10.0.0.1", kForged, kStart + i * 500ms);
  refusals.note("10.0.0.2", kForged, kStart);
  REQUIRE(sink.lines.size() == 2);
  CHECK(sink.lines[0] == "gossip: refused: from=10.0.0.1 reason=forged count=1");
  CHECK(sink.lines[1] == "gossip: refused: from=10.0.0.2 reason=forged count=1");
  refusals.note("10.0.0.1", kForged, kStart + 61s);
  REQUIRE(sink.lines.size() == 3);
  CHECK(sink.lines[2] == "gossip: refused: from=10.0.0.1 reason=forged count=100");
  CHECK(refusals.count() == 102);
}

TEST_CASE("sources beyond what is remembered share one line a minute", "[net][refusals]") {
  Lines sink;
  net::Refusals refusals(core::Logger(sink, "gossip"), "refused");
  const auto many = net::Refusals::kSourcesMax + 500;
  for (std::size_t i = 0; i < many; ++i) refusals.note(std::to_string(i), kForged, kStart);
  CHECK(sink.lines.size() == net::Refusals::kSourcesMax + 1);
  CHECK(refusals.count() == many);
  // A minute later they are forgotten, and new ones are told.
  refusals.note("fresh", kForged, kStart + 2min);
  CHECK(sink.lines.back() == "gossip: refused: from=fresh reason=forged count=1");
}
