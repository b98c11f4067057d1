// SPDX-License-Identifier: MPL-2.0
#include "net/frame_exchange.h"

#include <optional>

#include "net/frame.h"
#include "tests/support/test_loop.h"

using core::Bytes;
using core::ByteView;
using core::Errc;
using net::FrameAnswerer;
using net::FrameQuestion;
using support::TestLoop;
using namespace std::chrono_literals;

namespace {

// Answers what `reply` makes of the question; an empty one drops it.
struct Place {
  TestLoop t;
  net::uv::Address address;
  std::function<Bytes(ByteView)> reply = [](ByteView question) { return Bytes(question) + "!"; };
  std::vector<Errc> refused;
  std::unique_ptr<FrameAnswerer> answerer;

  explicit Place(FrameAnswerer::Options options = {.question_bytes_max = 1000}) {
    // A port that is free now and, nearly always, a moment later.
    auto probe = net::uv::TcpListener::listen(t.loop, support::kLoopback, [](net::uv::Stream) {});
    REQUIRE(probe.ok());
    address = probe->local();
    { auto closed = std::move(*probe); }
    auto made =
        FrameAnswerer::listen(t.loop, address, options,
                              {.on_question =
                                   [this](auto ticket, ByteView question, const net::uv::Address&) {
                                     const auto answer = reply(question);
                                     if (answer.empty())
                                       answerer->drop(ticket);
                                     else
                                       answerer->answer(ticket, answer);
                                   },
                               .on_refused = [this](const net::uv::Address&, const core::Error& why) { refused.push_back(why.code); }});
    REQUIRE(made.ok());
    answerer = std::move(*made);
  }
  core::Result<Bytes> ask(const Bytes& question, FrameQuestion::Options options = {.answer_bytes_max = 100'000}) {
    core::Result<Bytes> got = Bytes();
    std::optional<FrameQuestion> asked;
    asked.emplace(t.loop, address, question, options, [&](core::Result<Bytes> answer) {
      got = std::move(answer);
      t.stop();
    });
    t.run();
    return got;
  }
};

}  // namespace

TEST_CASE("a question is answered, and the connection is gone afterwards", "[net][exchange]") {
  Place place;
  CHECK(*place.ask("hello") == "hello!");
  CHECK(*place.ask("") == "!");
  CHECK(place.refused.empty());
}

TEST_CASE("a large answer arrives whole, one over the limit does not", "[net][exchange]") {
  Place place;
  place.reply = [](ByteView) { return Bytes(90'000, 'x'); };
  CHECK(place.ask("q")->size() == 90'000);
  CHECK(place.ask("q", {.answer_bytes_max = 80'000}).error().code == Errc::too_large);
}

TEST_CASE("a question over the limit is refused", "[net][exchange]") {
  Place place;
  CHECK_FALSE(place.ask(Bytes(1001, 'x')).ok());
  REQUIRE(place.refused.size() == 1);
  CHECK(place.refused[0] == Errc::too_large);
  CHECK(*place.ask("still there") == "still there!");
}

TEST_CASE("who is dropped, or reaches nobody, is told", "[net][exchange]") {
  Place place;
  place.reply = [](ByteView) { return Bytes(); };
  CHECK_FALSE(place.ask("q").ok());
  place.answerer.reset();
  CHECK_FALSE(place.ask("q").ok());
}

TEST_CASE("who gets no answer in time gives up", "[net][exchange]") {
  Place place;
  place.answerer.reset();
  auto silent = net::uv::TcpListener::listen(place.t.loop, place.address, [](net::uv::Stream) {});
  REQUIRE(silent.ok());
  CHECK_FALSE(place.ask("q", {.timeout = 50ms, .answer_bytes_max = 10}).ok());
}

TEST_CASE("only so many exchanges are served at once", "[net][exchange]") {
  Place place({.question_bytes_max = 1000, .connections_max = 3});
  std::vector<net::uv::TcpConnect> attempts;
  std::vector<net::uv::Stream> idle;
  for (int i = 0; i < 4; ++i)
    attempts.emplace_back(place.t.loop, place.address, 5s, [&](core::Result<net::uv::Stream> stream) {
      REQUIRE(stream.ok());
      idle.push_back(std::move(*stream));
    });
  std::optional<net::uv::Timer> look;
  look.emplace(place.t.loop, [&] {
    if (!place.refused.empty()) return place.t.stop();
    look->arm(place.t.loop.now() + 5ms);
  });
  look->arm(place.t.loop.now());
  place.t.run();
  CHECK(place.answerer->connections() == 3);
  CHECK(place.refused[0] == Errc::busy);
}
