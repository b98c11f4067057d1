// SPDX-License-Identifier: MPL-2.0
#include "net/http/parser_response.h"

#include <catch2/catch.hpp>

using core::Bytes;
using core::ByteView;
using net::http::ResponseParser;

namespace {

struct Run {
  int status = 0;
  Bytes body;
  bool complete = false;
  bool keep = false;
  bool failed = false;
  friend bool operator==(const Run&, const Run&) = default;
};

Run feed_all(const std::vector<ByteView>& pieces, bool ends, bool to_head = false) {
  Run run;
  ResponseParser parser({.to_head = to_head}, [&](ByteView piece) { run.body += piece; });
  for (const auto piece : pieces) {
    if (piece.empty()) continue;
    if (!parser.feed(piece).ok()) return run.failed = true, run;
  }
  if (ends && !parser.finish().ok()) run.failed = true;
  run.complete = parser.complete();
  if (run.complete) {
    run.keep = parser.keep_alive();
    run.status = parser.take_head().status;
  }
  return run;
}

void check_every_split(const Bytes& input, bool ends, const Run& expected) {
  CAPTURE(input);
  for (std::size_t cut = 0; cut <= input.size(); ++cut) {
    CAPTURE(cut);
    CHECK(feed_all({ByteView(input).substr(0, cut), ByteView(input).substr(cut)}, ends) == expected);
  }
}

}  // namespace

TEST_CASE("responses parse the same however the bytes are cut", "[http][parser]") {
  check_every_split("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, {200, "hello", true, true, false});
  check_every_split("HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", false, {500, "abc", true, true, false});
  check_every_split("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", false, {204, "", true, false, false});
  check_every_split("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, {200, "", true, true, false});
  check_every_split("HTTP/1.0 200 OK\r\n\r\nuntil the end", true, {200, "until the end", true, false, false});
}

TEST_CASE("a response to HEAD has no body whatever its headers say", "[http][parser]") {
  const auto run = feed_all({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}, false, true);
  CHECK(run.complete);
  CHECK(run.body.empty());
}

TEST_CASE("a response cut off by the end of the connection is an error", "[http][parser]") {
  CHECK(feed_all({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"}, true).failed);
  CHECK(feed_all({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"}, true).failed);
  CHECK(feed_all({"HTTP/1.1 200"}, true).failed);
  CHECK(feed_all({}, true).failed);
  CHECK(feed_all({"SSH-2.0-OpenSSH\r\n"}, false).failed);
}
