// SPDX-License-Identifier: MPL-2.0
#include "core/base/limits.h"
#include "net/frame.h"

#include <catch2/catch.hpp>

#include <optional>
#include <vector>

#include "core/base/rng.h"

using core::Bytes;
using core::ByteView;
using core::Errc;
using net::FrameFlags;
using net::FrameReader;

namespace {

struct Run {
  std::vector<Bytes> frames;
  std::optional<Errc> refused;
  friend bool operator==(const Run&, const Run&) = default;
};

Run feed_all(const std::vector<ByteView>& pieces, FrameFlags expected = FrameFlags::plain) {
  FrameReader reader(expected);
  Run run;
  for (const auto piece : pieces) {
    const auto status = reader.feed(piece, [&](ByteView frame) -> core::Status {
      run.frames.emplace_back(frame);
      return core::ok_status();
    });
    if (!status.ok()) return run.refused = status.error().code, run;
  }
  return run;
}

Bytes stream_of(const std::vector<Bytes>& frames, FrameFlags flags = FrameFlags::plain) {
  Bytes out;
  append_preamble(out, flags);
  for (const auto& frame : frames) {
    net::append_frame_header(out, frame.size());
    out += frame;
  }
  return out;
}

}  // namespace

TEST_CASE("the first bytes of a connection are fixed", "[frame][golden]") {
  CHECK(stream_of({"abc"}) == Bytes("NOMD\x01\x00\x00\x00\x03\x00\x00\x00" "abc", 15));
  CHECK(stream_of({}, FrameFlags::sealed) == Bytes("NOMD\x01\x00\x01\x00", 8));
}

TEST_CASE("frames come out whole however the bytes are cut", "[frame]") {
  const std::vector<Bytes> frames{"one", "", Bytes(300, 'x'), "four", ""};
  const auto input = stream_of(frames);
  std::vector<ByteView> bytes;
  for (std::size_t cut = 0; cut <= input.size(); ++cut) {
    CAPTURE(cut);
    CHECK(feed_all({ByteView(input).substr(0, cut), ByteView(input).substr(cut)}) == Run{frames, {}});
    if (cut < input.size()) bytes.push_back(ByteView(input).substr(cut, 1));
  }
  CHECK(feed_all(bytes) == Run{frames, {}});
}

TEST_CASE("strangers, other versions and a key on one side only are told apart", "[frame]") {
  CHECK(feed_all({"GET / HTTP/1.1\r\n"}).refused == Errc::corrupt);
  CHECK(feed_all({Bytes("NOMD\x02\x00\x00\x00", 8)}).refused == Errc::unsupported);
  CHECK(feed_all({stream_of({}, FrameFlags::sealed)}).refused == Errc::denied);
  CHECK(feed_all({stream_of({})}, FrameFlags::sealed).refused == Errc::denied);
  const auto rpc = GENERATE(FrameFlags::plain, FrameFlags::sealed);
  CHECK(feed_all({stream_of({}, FrameFlags::gossip)}, rpc).refused == Errc::corrupt);
  CHECK(feed_all({stream_of({}, rpc)}, FrameFlags::gossip).refused == Errc::corrupt);
}

TEST_CASE("a length is refused over the limit and not believed below it", "[frame]") {
  CHECK(feed_all({stream_of({}), Bytes("\xff\xff\xff\xff", 4)}).refused == Errc::too_large);
  FrameReader reader(FrameFlags::plain);
  Bytes input = stream_of({});
  net::append_frame_header(input, core::limits::kFrameBytesMax);
  input += "ten bytes.";
  REQUIRE(reader.feed(input, [](ByteView) { return core::ok_status(); }).ok());
  CHECK(reader.pending_bytes() == 14);
}

TEST_CASE("the reader stops at the first error of its listener", "[frame]") {
  FrameReader reader(FrameFlags::plain);
  int seen = 0;
  const auto status = reader.feed(stream_of({"a", "b", "c"}), [&](ByteView frame) -> core::Status {
    ++seen;
    if (frame == "b") return core::Error{Errc::corrupt, "b"};
    return core::ok_status();
  });
  CHECK_FALSE(status.ok());
  CHECK(seen == 2);
}

TEST_CASE("random bytes never make a frame longer than they are", "[frame]") {
  core::Rng rng(7);
  for (int round = 0; round < 500; ++round) {
    Bytes input = stream_of({});
    for (auto n = rng.below(200); n-- > 0;) input.push_back(static_cast<char>(rng.chance(600) ? 0 : rng.below(256)));
    std::size_t total = 0;
    for (const auto& frame : feed_all({input}).frames) total += frame.size();
    CHECK(total <= input.size());
  }
}
