// SPDX-License-Identifier: MPL-2.0
// A request as a handler sees it, and a response as it gives it: plain values, no connection in them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "net/http/headers.h"
#include "net/http/target.h"
#include "net/uv/address.h"
#include "net/uv/buffer.h"

namespace net::http {

enum class Method : unsigned char { get, head, post, put, delete_, options, patch, other };
std::string_view to_string(Method method);

// By other agents, before a request came here (net/relay): whether it may be passed on again.
enum class Passed : unsigned char { no, once, last };

struct Request {
  Method method = Method::get;
  bool keep_alive = true;        // what the client asked for
  bool http_1_0 = false;         // no chunked answers
  std::string target;            // as it came
  std::string path;              // decoded: "/v1/job/a/b" for "/v1/job/a%2Fb"
  Query query;
  Headers headers;
  core::Bytes body;
  uv::Address peer;
  Passed passed = Passed::no;
  std::size_t rest_at = 0;       // set by the router

  // What of the path follows a subtree's prefix: "a/b/allocations" under "/v1/job/".
  std::string_view rest() const { return std::string_view(path).substr(rest_at); }
};

// One or several pieces, each owned or shared: a cached body is never copied into a response.
class Body {
 public:
  Body() = default;
  Body(core::Bytes owned) { append(std::move(owned)); }
  Body(uv::SharedBytes shared) { append(std::move(shared)); }

  void append(uv::Buffer piece);
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const std::vector<uv::Buffer>& pieces() const { return pieces_; }
  std::vector<uv::Buffer> take_pieces() && { return std::move(pieces_); }
  // All pieces in one string.
  core::Bytes text() const;

 private:
  std::vector<uv::Buffer> pieces_;
  std::size_t size_ = 0;
};

struct Response {
  int status = 200;
  Headers headers;
  Body body;

  // 200 with Content-Type: application/json.
  static Response json(Body body);
  // Any status with Content-Type: text/plain; charset=utf-8.
  static Response text(int status, std::string_view words);
  // A status with nothing else.
  static Response empty(int status);
  static Response redirect(int status, std::string_view location);
};

// "Not Found"; "Unknown" for a code without a name.
std::string_view reason_phrase(int status);

}  // namespace net::http
