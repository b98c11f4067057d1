// SPDX-License-Identifier: MPL-2.0
#include "cli/alloc_files.h"

#include <catch2/catch.hpp>

namespace {

class Recorder final : public cli::Ui {
 public:
  void out(std::string_view line) override { text += std::string(line) + "\n"; }
  void err(std::string_view line) override { errors += std::string(line) + "\n"; }
  bool raw(std::string_view bytes) override { return text += bytes, read; }
  std::optional<std::string> ask(std::string_view) override { return std::nullopt; }
  std::string text, errors;
  bool read = true;  // somebody reads it
};

constexpr std::string_view kOne = R"({"Offset":4,"Data":"b25lCg==","File":"alloc/logs/web.stdout.0"})";
constexpr std::string_view kTwo = R"({"Offset":4,"Data":"dHdvCg==","File":"a}\"{.1"})";

}  // namespace

TEST_CASE("frames are read wherever their bytes are cut", "[cli]") {
  const std::string bytes = std::string(kOne) + "{}" + std::string(kTwo);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    cli::Frames frames;
    std::string data;
    int heartbeats = 0;
    const auto take = [&](const cli::Frames::Frame& frame) {
      data += frame.data;
      heartbeats += frame.heartbeat;
    };
    REQUIRE(frames.feed(std::string_view(bytes).substr(0, cut), take));
    REQUIRE(frames.feed(std::string_view(bytes).substr(cut), take));
    CHECK(data == "one\ntwo\n");
    CHECK(heartbeats == 1);
  }
}

TEST_CASE("what is no frame ends the stream", "[cli]") {
  const auto bytes = GENERATE("hello", "{}[]", R"({"Data":"!!!!"})", R"({"Data":5})");
  cli::Frames frames;
  CHECK(!frames.feed(bytes, [](const auto&) {}));
}

TEST_CASE("the stream ends when nobody reads its text any more", "[cli]") {
  Recorder ui;
  cli::FramePrinter printer(ui, {});
  CHECK(printer.take(kOne));
  ui.read = false;
  CHECK(!printer.take(kTwo));
  CHECK(printer.finish().ok());
}

TEST_CASE("the last lines of a text", "[cli]") {
  CHECK(cli::last_lines("a\nb\nc\n", 2) == "b\nc\n");
  CHECK(cli::last_lines("a\nb\nc", 2) == "b\nc");
  CHECK(cli::last_lines("a\nb\n", 9) == "a\nb\n");
  CHECK(cli::last_lines("a\n", 0) == "");
  CHECK(cli::last_lines("", 3) == "");
}

TEST_CASE("the tail is cut to lines once all that was there has come", "[cli]") {
  Recorder ui;
  cli::Tail tail{.tail = true, .lines = 1};
  REQUIRE(tail.complete().ok());
  cli::FramePrinter printer(ui, tail);
  CHECK(printer.take(kOne));
  CHECK(printer.take(kTwo));
  CHECK(ui.text == "");
  CHECK(printer.take("{}"));
  CHECK(ui.text == "two\n");
  CHECK(printer.take(kOne));
  CHECK(ui.text == "two\none\n");
}

TEST_CASE("a stream that ends early shows its last lines all the same", "[cli]") {
  Recorder ui;
  cli::Tail tail{.tail = true};
  REQUIRE(tail.complete().ok());
  CHECK(tail.lines == 10);
  cli::FramePrinter printer(ui, tail);
  CHECK(printer.take(kOne));
  CHECK(printer.finish().ok());
  CHECK(ui.text == "one\n");
}

TEST_CASE("-n and -c exclude each other", "[cli]") {
  cli::Tail both{.tail = true, .lines = 1, .bytes = 1};
  CHECK(both.complete().error().detail == "Both -n and -c set");
  cli::Tail bytes{.tail = true, .bytes = 7};
  REQUIRE(bytes.complete().ok());
  CHECK(bytes.offset() == 7);
  CHECK(!bytes.by_lines());
}
