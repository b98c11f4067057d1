// SPDX-License-Identifier: MPL-2.0
#include "net/http/parser.h"

#include <catch2/catch.hpp>

#include "core/base/rng.h"

using core::Bytes;
using core::ByteView;
using net::http::Method;
using net::http::Request;
using net::http::RequestParser;

namespace {

// What a run over the input ended with: one line a request, and the refusal if there was one.
struct Run {
  std::vector<std::string> requests;
  int refusal = 0;
  friend bool operator==(const Run&, const Run&) = default;
};

std::string summary(const Request& r) {
  std::string s(to_string(r.method));
  s += " " + r.path + (r.keep_alive ? " keep" : " close");
  for (const auto& [name, value] : r.query.parameters()) s += " ?" + name + "=" + value;
  r.headers.for_each([&](std::string_view name, std::string_view value) { s += " " + std::string(name) + "=" + std::string(value); });
  return s + " [" + r.body + "]";
}

Run feed_all(const std::vector<ByteView>& pieces, const RequestParser::Limits& limits = {}) {
  RequestParser parser(limits);
  Run run;
  for (auto piece : pieces) {
    while (!piece.empty()) {
      const auto used = parser.feed(piece);
      if (!used.ok()) {
        run.refusal = parser.refusal_status();
        return run;
      }
      piece.remove_prefix(*used);
      if (parser.complete()) run.requests.push_back(summary(parser.take()));
    }
  }
  return run;
}

// The same result for the whole input, for every cut into two, and byte by byte.
void check_every_split(const Bytes& input, const Run& expected) {
  CAPTURE(input);
  CHECK(feed_all({input}) == expected);
  std::vector<ByteView> bytes;
  for (std::size_t cut = 0; cut < input.size(); ++cut) {
    CAPTURE(cut);
    CHECK(feed_all({ByteView(input).substr(0, cut), ByteView(input).substr(cut)}) == expected);
    bytes.push_back(ByteView(input).substr(cut, 1));
  }
  CHECK(feed_all(bytes) == expected);
}

}  // namespace

TEST_CASE("requests parse the same however the bytes are cut", "[http][parser]") {
  check_every_split("GET /v1/jobs?stale&index=5 HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Nomad-Token:  abc \r\n\r\n",
                    {{"GET /v1/jobs keep ?stale= ?index=5 Host=a X-Empty= X-Nomad-Token=abc []"}});
  check_every_split("PUT /v1/job/a%2Fb HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", {{"PUT /v1/job/a/b keep Host=a Content-Length=5 [hello]"}});
  check_every_split("POST /x HTTP/1.1\r\nhost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n",
                    {{"POST /x keep host=a Transfer-Encoding=chunked [abcdefg]"}});
  check_every_split("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nDELETE /2 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                    {{"GET /1 keep Host=a []", "DELETE /2 keep Host=a []", "GET /3 close Host=a Connection=close []"}});
  check_every_split("GET / HTTP/1.0\r\n\r\n", {{"GET / close []"}});
  check_every_split("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {{"GET / keep Connection=keep-alive []"}});
}

TEST_CASE("an upgrade nobody asked us to take is an ordinary request", "[http][parser]") {
  check_every_split("GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
                    {{"GET /a keep Host=a Connection=Upgrade Upgrade=h2c []", "GET /b keep Host=a []"}});
}

TEST_CASE("malformed requests are refused with the right status, however cut", "[http][parser]") {
  check_every_split("GET / HTTP/1.1\r\n\r\n", {{}, 400});
  check_every_split("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", {{}, 400});
  check_every_split("GET / HTTP/2.0\r\nHost: a\r\n\r\n", {{}, 505});
  check_every_split("nonsense\r\n\r\n", {{}, 400});
  check_every_split("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", {{}, 400});
  check_every_split("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", {{}, 400});
  check_every_split("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", {{}, 400});
  check_every_split("GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n", {{}, 400});
  check_every_split("GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc", {{}, 400});
  check_every_split("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", {{}, 400});
}

TEST_CASE("oversize is refused as soon as it shows, and a length is not believed", "[http][parser]") {
  RequestParser::Limits limits{.header_bytes_max = 100, .body_bytes_max = 10};
  CHECK(feed_all({"GET / HTTP/1.1\r\nHost: a\r\nX: " + Bytes(100, 'x')}, limits).refusal == 431);
  CHECK(feed_all({"GET /" + Bytes(200, 'x')}, limits).refusal == 431);
  CHECK(feed_all({"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"}, limits).refusal == 413);
  CHECK(feed_all({"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n"}, limits).refusal == 413);
  CHECK(feed_all({"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello"}, limits).refusal == 0);
  CHECK(feed_all({"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world"}, limits).refusal == 413);
  CHECK(feed_all({"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789"}, limits).requests.size() == 1);
  Bytes many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i) many += "a:\r\n";
  CHECK(feed_all({many}, limits).refusal == 431);
}

TEST_CASE("the body limit may depend on the route", "[http][parser]") {
  RequestParser::Limits limits;
  limits.body_bytes_for = [](Method method, std::string_view path) -> std::size_t { return method == Method::put && path == "/big" ? 100 : 1; };
  CHECK(feed_all({"PUT /big HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"}, limits).requests.size() == 1);
  CHECK(feed_all({"PUT /small HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"}, limits).refusal == 413);
}

TEST_CASE("a client that waits for 100 Continue is noticed once", "[http][parser]") {
  const RequestParser::Limits limits;
  RequestParser parser(limits);
  REQUIRE(parser.feed("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").ok());
  CHECK(parser.mid_request());
  CHECK(parser.take_expects_continue());
  CHECK_FALSE(parser.take_expects_continue());
  REQUIRE(parser.feed("x").ok());
  CHECK(parser.complete());
  CHECK(parser.take().body == "x");
  CHECK_FALSE(parser.mid_request());
}

TEST_CASE("garbage is refused or swallowed, never worse", "[http][parser]") {
  core::Rng rng(GENERATE(1, 2, 3));
  const Bytes valid = "PUT /v1/job/x?a=b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (int round = 0; round < 2000; ++round) {
    Bytes input = valid + valid;
    for (auto flips = rng.below(6); flips-- > 0;) input[rng.below(input.size())] = static_cast<char>(rng.below(256));
    const auto cut = rng.below(input.size());
    const auto whole = feed_all({input});
    CHECK(feed_all({ByteView(input).substr(0, cut), ByteView(input).substr(cut)}).requests.size() <= 2);
    CHECK(whole.requests.size() <= 2);
  }
}
