// SPDX-License-Identifier: MPL-2.0
#include <optional>
#include <utility>

#include "net/http/client.h"

namespace net::http {
namespace {

Outgoing under(const Url& url, Outgoing request) {
  request.target = url.base_path + request.target;
  request.headers.set("Connection", "close");
  return request;
}

}  // namespace

core::Result<Url> parse_url(std::string_view text, std::uint16_t default_port) {
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    if (text.substr(0, scheme) != "http") return core::Error{core::Errc::unsupported, "unsupported scheme in \"" + std::string(text) + "\""};
    text.remove_prefix(scheme + 3);
  }
  const auto slash = text.find('/');
  auto base_path = slash == std::string_view::npos ? std::string() : std::string(text.substr(slash));
  while (base_path.ends_with('/')) base_path.pop_back();
  TRY(auto server, uv::parse_host_port(text.substr(0, slash), default_port));
  return Url{std::move(server), std::move(base_path)};
}

core::Result<Response> fetch(const Url& url, Outgoing request) {
  uv::Loop loop;
  std::optional<core::Result<Response>> outcome;
  Client client(loop);
  client.send(url.server, under(url, std::move(request)), [&](core::Result<Response> result) {
    outcome.emplace(std::move(result));
    loop.stop();
  });
  loop.run();
  ASSERT(outcome.has_value());
  return std::move(*outcome);
}

core::Result<Response> fetch_stream(const Url& url, Outgoing request, const std::function<bool(core::ByteView)>& on_body) {
  uv::Loop loop;
  std::optional<core::Result<Response>> outcome;
  Response head;
  Client client(loop);
  client.stream(
      url.server, under(url, std::move(request)), [&](const Response& h) { head = h; },
      [&](core::ByteView piece) {
        if (outcome || on_body(piece)) return;
        outcome.emplace(std::move(head));
        loop.stop();
      },
      [&](core::Result<Response> result) {
        if (!outcome) outcome.emplace(std::move(result));
        loop.stop();
      });
  loop.run();
  ASSERT(outcome.has_value());
  return std::move(*outcome);
}

}  // namespace net::http
