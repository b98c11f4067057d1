// SPDX-License-Identifier: MPL-2.0
// Method and path to handler. A path is matched decoded: exactly, or by the longest subtree it lies
// in, whose handler finds what follows in Request::rest() (ids there may hold slashes).
//
// Answers by itself: 404 without a body for an unknown path, 405 "Invalid method", and 301 to the
// cleaned path for "//" and "..", or to the subtree for its name without the slash.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "net/http/server.h"

namespace net::http {

// A set of methods: one bit each.
using Methods = unsigned;
constexpr Methods bit(Method method) { return 1u << static_cast<unsigned>(method); }
inline constexpr Methods kGet = bit(Method::get);
inline constexpr Methods kWrite = bit(Method::put) | bit(Method::post);
inline constexpr Methods kDelete = bit(Method::delete_);
inline constexpr Methods kAny = ~0u;

class Router {
 public:
  // REQUIRES: a path that starts with '/', and no earlier route for the same path and method.
  void exact(std::string_view path, Methods methods, Handler handler);
  // REQUIRES: also that it ends with '/'.
  void subtree(std::string_view prefix, Methods methods, Handler handler);

  void dispatch(Request request, Responder responder) const;

 private:
  struct Entry {
    Methods methods;
    Handler handler;
  };
  using Routes = std::map<std::string, std::vector<Entry>, std::less<>>;

  static void add(Routes& routes, std::string_view path, Methods methods, Handler handler);
  static void call(const std::vector<Entry>& entries, Request request, Responder responder);

  Routes exact_;
  Routes subtrees_;
};

}  // namespace net::http
