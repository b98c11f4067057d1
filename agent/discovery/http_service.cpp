// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/http_service.h"

#include <chrono>
#include <utility>

namespace agent::discovery {
namespace {

constexpr core::Duration kWarnAgain = std::chrono::minutes(10);

core::Error refused(const std::string& what, int status) {
  const auto detail = what + " is answered with " + std::to_string(status);
  if (status == 401 || status == 403) return {core::Errc::denied, detail + ": the token is not accepted"};
  return {status == 404 ? core::Errc::not_found : core::Errc::unavailable, detail};
}

}  // namespace

HttpService::HttpService(net::uv::Loop& loop, Options options, core::Logger logger)
    : loop_(loop), options_(std::move(options)), log_(std::move(logger)), http_(loop) {}

void HttpService::send(net::http::Method method, std::string target, core::Bytes body, net::uv::Done<core::Bytes> done) {
  // Without its query: that is long, and says nothing more.
  auto what = std::string(to_string(method)) + " " + target.substr(0, target.find('?'));
  net::http::Outgoing request{.method = method,
                              .target = options_.where.base_path + target,
                              .headers = options_.headers,
                              .body = std::move(body),
                              .timeout = options_.timeout,
                              .body_bytes_max = options_.answer_bytes_max};
  http_.send(options_.where.server, std::move(request), [this, what = std::move(what), done = std::move(done)](core::Result<net::http::Response> answer) {
    done(judge(what, std::move(answer)));
  });
}

core::Result<core::Bytes> HttpService::judge(const std::string& what, core::Result<net::http::Response> answer) {
  if (answer.ok() && answer->status / 100 != 2) answer = refused(what, answer->status);
  if (!answer.ok()) {
    failed(answer.error());
    return answer.error();
  }
  if (!std::exchange(reached_, true))
    LOG(log_, info, options_.name + (found_ ? " answers again" : " answers"), {"address", net::uv::join_host_port(options_.where.server.host, options_.where.server.port)});
  found_ = true;
  return answer->body.text();
}

void HttpService::failed(const core::Error& error) {
  reached_ = false;
  const auto address = net::uv::join_host_port(options_.where.server.host, options_.where.server.port);
  if (!options_.expected && !found_) {
    if (!std::exchange(told_, true)) LOG(log_, debug, "no " + options_.name + " on this host", {"address", address}, {"error", error});
    return;
  }
  if (warned_at_ && loop_.now() < *warned_at_ + kWarnAgain) return;
  warned_at_ = loop_.now();
  LOG(log_, warn, options_.name + " does not do as it is asked; tried again and again", {"address", address}, {"error", error});
}

}  // namespace agent::discovery
