// SPDX-License-Identifier: MPL-2.0
#include <catch2/catch.hpp>

#include "net/relay/message.h"

using namespace net;

TEST_CASE("a request travels with all that belongs to it, and nothing of its connection", "[relay]") {
  http::Request request;
  request.method = http::Method::put;
  request.keep_alive = false;
  request.target = "/v1/job/a%2Fb?region=us&stale";
  request.headers.add("X-Nomad-Token", "secret");
  request.headers.add("connection", "close");
  request.headers.add("Content-Length", "3");
  request.headers.add("Transfer-Encoding", "chunked");
  request.body = std::string("\0{}", 3);
  const auto read = relay::decode_request(relay::encode(request));
  REQUIRE(read.ok());
  CHECK(read->method == http::Method::put);
  CHECK_FALSE(read->keep_alive);
  CHECK(read->target == request.target);
  CHECK(read->path == "/v1/job/a/b");
  CHECK(read->query.get("region") == "us");
  CHECK(read->query.has("stale"));
  CHECK(read->headers.wire() == "X-Nomad-Token: secret\r\n");
  CHECK(read->body == request.body);
}

TEST_CASE("the head of an answer travels with or without the size of its body", "[relay]") {
  relay::Head head{.status = 404, .headers = {}, .body_bytes = {}};
  head.headers.add("X-Nomad-Index", "7");
  if (GENERATE(false, true)) head.body_bytes = 13;
  const auto read = relay::decode_head(relay::encode(head));
  REQUIRE(read.ok());
  CHECK(read->status == 404);
  CHECK(read->headers.find("X-Nomad-Index") == "7");
  CHECK(read->body_bytes == head.body_bytes);
}

TEST_CASE("the wire form of relayed messages stays", "[relay]") {
  http::Request request;
  request.target = "/a";
  request.headers.add("B", "c");
  request.body = "d";
  CHECK(relay::encode(request) == std::string("\0\1\2\0\0\0/a\1\0\1\0\0\0B\1\0\0\0c\1\0\0\0d", 25));
  CHECK(relay::encode(relay::Head{.status = 200, .headers = {}, .body_bytes = 3}) == std::string("\xc8\0\3\0\0\0\0\0\0\0\0\0", 12));
}

TEST_CASE("relayed messages that are cut short, or are nonsense, are refused", "[relay]") {
  http::Request request;
  request.target = "/v1/jobs";
  request.headers.add("Accept", "*/*");
  request.body = "{}";
  const auto whole = relay::encode(request);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(relay::decode_request(core::ByteView(whole).substr(0, size)).ok());
  }
  CHECK_FALSE(relay::decode_request(whole + "x").ok());
  CHECK_FALSE(relay::decode_request("\x7f" + whole.substr(1)).ok());
  request.target = "nowhere";
  CHECK_FALSE(relay::decode_request(relay::encode(request)).ok());

  relay::Head head;
  head.headers.add("A", "b");
  const auto good = relay::encode(head);
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(relay::decode_head(core::ByteView(good).substr(0, size)).ok());
  auto nameless = good;
  nameless[nameless.find('A')] = ':';
  CHECK_FALSE(relay::decode_head(nameless).ok());
  head.status = 99;
  CHECK_FALSE(relay::decode_head(relay::encode(head)).ok());
}
