// SPDX-License-Identifier: MPL-2.0
#include "net/http/router.h"

#include <utility>

#include "core/base/assert.h"

namespace net::http {
namespace {

std::string with_query(std::string_view path, const Request& request) {
  auto location = percent_encode(path, true);
  if (const auto question = request.target.find('?'); question != std::string::npos) location += request.target.substr(question);
  return location;
}

}  // namespace

void Router::add(Routes& routes, std::string_view path, Methods methods, Handler handler) {
  ASSERT(path.starts_with('/'));
  auto& entries = routes[std::string(path)];
  for (const auto& entry : entries) ASSERT((entry.methods & methods) == 0);
  entries.push_back({methods, std::move(handler)});
}

void Router::exact(std::string_view path, Methods methods, Handler handler) { add(exact_, path, methods, std::move(handler)); }

void Router::subtree(std::string_view prefix, Methods methods, Handler handler) {
  ASSERT(prefix.ends_with('/'));
  add(subtrees_, prefix, methods, std::move(handler));
}

void Router::call(const std::vector<Entry>& entries, Request request, Responder responder) {
  for (const auto& entry : entries)
    if ((entry.methods & bit(request.method)) != 0) return entry.handler(std::move(request), std::move(responder));
  responder.send(Response::text(405, "Invalid method"));
}

void Router::dispatch(Request request, Responder responder) const {
  if (!request.path.starts_with('/')) return responder.send(Response::empty(404));
  if (auto clean = clean_path(request.path); clean != request.path) return responder.send(Response::redirect(301, with_query(clean, request)));
  if (const auto route = exact_.find(request.path); route != exact_.end()) return call(route->second, std::move(request), std::move(responder));
  for (std::size_t end = request.path.rfind('/'); end != std::string::npos; end = end == 0 ? std::string::npos : request.path.rfind('/', end - 1)) {
    const auto route = subtrees_.find(std::string_view(request.path).substr(0, end + 1));
    if (route == subtrees_.end()) continue;
    request.rest_at = end + 1;
    return call(route->second, std::move(request), std::move(responder));
  }
  if (subtrees_.contains(request.path + "/")) return responder.send(Response::redirect(301, with_query(request.path + "/", request)));
  responder.send(Response::empty(404));
}

}  // namespace net::http
