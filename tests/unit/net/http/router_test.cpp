// SPDX-License-Identifier: MPL-2.0
#include "net/http/router.h"

#include "tests/support/http_loopback.h"

using net::http::Method;
using net::http::Request;
using net::http::Responder;
using net::http::Response;
using net::http::Router;

namespace {

// Which handler got the request, and what of the path it saw.
Router sample() {
  const auto named = [](std::string name) {
    return [name](Request request, Responder responder) { responder.send(Response::text(200, name + ":" + std::string(request.rest_at > 0 ? request.rest() : "-"))); };
  };
  Router router;
  router.exact("/v1/jobs", net::http::kGet, named("list"));
  router.exact("/v1/jobs", net::http::kWrite, named("register"));
  router.exact("/v1/jobs/parse", net::http::kWrite, named("parse"));
  router.subtree("/v1/job/", net::http::kAny, named("job"));
  router.subtree("/v1/", net::http::kGet, named("v1"));
  router.exact("/", net::http::kAny, named("root"));
  return router;
}

struct Case {
  Method method;
  const char* target;
  int status;
  const char* body_or_location;
};

}  // namespace

TEST_CASE("paths find their handler as the API expects", "[http][router]") {
  const auto router = sample();
  support::HttpLoopback web([&](Request request, Responder responder) { router.dispatch(std::move(request), std::move(responder)); });
  for (const auto& [method, target, status, expected] : std::vector<Case>{
           {Method::get, "/v1/jobs", 200, "list:-"},
           {Method::get, "/v1/jobs?stale", 200, "list:-"},
           {Method::post, "/v1/jobs", 200, "register:-"},
           {Method::put, "/v1/jobs", 200, "register:-"},
           {Method::delete_, "/v1/jobs", 405, "Invalid method"},
           {Method::post, "/v1/jobs/parse", 200, "parse:-"},
           {Method::get, "/v1/job/web", 200, "job:web"},
           {Method::get, "/v1/job/a%2Fb/allocations", 200, "job:a/b/allocations"},
           {Method::get, "/v1/job/", 200, "job:"},
           {Method::get, "/v1/other", 200, "v1:other"},
           {Method::post, "/v1/other", 405, "Invalid method"},
           {Method::get, "/", 200, "root:-"},
           {Method::get, "/nope", 404, ""},
           {Method::get, "/v1/job", 200, "v1:job"},
           {Method::get, "//v1/jobs?a=b", 301, "/v1/jobs?a=b"},
           {Method::get, "/v1/x/../jobs", 301, "/v1/jobs"},
       }) {
    CAPTURE(target);
    const auto response = web.call(method, target);
    CHECK(response.status == status);
    if (status == 301) {
      CHECK(response.headers.find("Location") == expected);
    } else {
      CHECK(response.body.text() == expected);
    }
    if (status == 404) CHECK_FALSE(response.headers.find("Content-Type").has_value());
  }
}

TEST_CASE("a subtree without its slash is redirected to it", "[http][router]") {
  Router router;
  router.subtree("/v1/job/", net::http::kAny, [](Request, Responder responder) { responder.send(Response::empty(200)); });
  support::HttpLoopback web([&](Request request, Responder responder) { router.dispatch(std::move(request), std::move(responder)); });
  const auto response = web.call(Method::get, "/v1/job?region=a%20b");
  CHECK(response.status == 301);
  CHECK(response.headers.find("Location") == "/v1/job/?region=a%20b");
  CHECK(web.call(Method::get, "/v1").status == 404);
}
