// SPDX-License-Identifier: MPL-2.0
// An HTTP API that discovery asks: one request at a time or several, each with a time limit, none waited for. Says in
// the log when it is there first and again, and at most every ten minutes that it is not; nothing of that while
// nobody said that there is one and none was found.
#pragma once

#include <optional>
#include <string>

#include "core/base/limits.h"
#include "core/base/log.h"
#include "net/http/client.h"
#include "net/uv/done.h"
#include "net/uv/loop.h"

namespace agent::discovery {

class HttpService {
 public:
  struct Options {
    std::string name;  // for the log: "Consul"
    net::http::Url where;
    net::http::Headers headers;  // of every request
    core::Duration timeout{};
    std::size_t answer_bytes_max = core::limits::kHttpBodyBytesMax;
    bool expected = false;  // somebody said that it is there
  };
  HttpService(net::uv::Loop& loop, Options options, core::Logger logger);

  // `target`: path and query. Errors: as net::http::Client::send; denied, not_found and unavailable for statuses that
  // are no success.
  void send(net::http::Method method, std::string target, core::Bytes body, net::uv::Done<core::Bytes> done);
  void get(std::string target, net::uv::Done<core::Bytes> done) { send(net::http::Method::get, std::move(target), {}, std::move(done)); }
  void put(std::string target, core::Bytes body, net::uv::Done<core::Bytes> done) { send(net::http::Method::put, std::move(target), std::move(body), std::move(done)); }

 private:
  core::Result<core::Bytes> judge(const std::string& what, core::Result<net::http::Response> answer);
  void failed(const core::Error& error);

  net::uv::Loop& loop_;
  Options options_;
  core::Logger log_;
  bool reached_ = false;  // the last time
  bool found_ = false;    // at some time
  bool told_ = false;     // that there is none
  std::optional<core::Instant> warned_at_;
  net::http::Client http_;
};

}  // namespace agent::discovery
