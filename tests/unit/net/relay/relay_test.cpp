// SPDX-License-Identifier: MPL-2.0
#include "core/base/limits.h"
#include "tests/unit/net/relay/rig.h"

using namespace test;
using net::http::Method;
using net::http::Request;
using net::http::Responder;
using net::http::Response;

namespace {

Response sized(std::size_t bytes) {
  auto response = Response::json(core::Bytes(bytes, 'x'));
  response.headers.add("X-Nomad-Index", "12");
  return response;
}

// Takes requests and never answers.
class Hangs {
 public:
  explicit Hangs(net::uv::Loop& loop) : behind(loop, [this](Request, Responder responder) { kept.push_back(std::move(responder)); }) {}
  std::vector<Responder> kept;
  Behind behind;
};

}  // namespace

TEST_CASE("an answer comes back with status, headers and body as it was given", "[relay]") {
  const std::size_t bytes = GENERATE(0u, 5u, 300'000u, 3'000'000u);
  RelayRig rig([&](Request request, Responder responder) {
    CHECK(request.method == Method::put);
    CHECK(request.query.get("region") == "there");
    CHECK(request.body == "body");
    CHECK(request.passed == net::http::Passed::last);
    auto response = sized(bytes);
    response.status = 404;
    responder.send(std::move(response));
  });
  const auto answer = rig.http.call(Method::put, "/v1/jobs?region=there", "body");
  CHECK(answer.status == 404);
  CHECK(answer.headers.find("X-Nomad-Index") == "12");
  CHECK(answer.headers.find("X-Here") == "yes");
  CHECK(answer.body.text() == core::Bytes(bytes, 'x'));
}

TEST_CASE("an answer that is given later comes later, and many are under way at once", "[relay]") {
  std::vector<Responder> kept;
  RelayRig rig([&](Request, Responder responder) {
    kept.push_back(std::move(responder));
    if (kept.size() < 3) return;
    for (const auto& each : kept) each.send(Response::json(std::string("now")));
  });
  int answers = 0;
  for (int i = 0; i < 3; ++i)
    rig.http.client.send(rig.http.address, {.target = "/"}, [&](core::Result<Response> response) {
      REQUIRE(response.ok());
      CHECK(response->body.text() == "now");
      if (++answers == 3) rig.http.t.stop();
    });
  rig.http.t.run();
  CHECK(rig.first.server->connections() == 1);
}

TEST_CASE("a stream comes piece by piece, as fast as it is read", "[relay]") {
  std::size_t left = 4 * core::limits::kMiB;
  int stops = 0;
  std::function<void()> pour;
  RelayRig rig([&](Request, Responder responder) {
    responder.start(sized(0));
    pour = [&, responder] {
      while (left > 0) {
        left -= 32 * core::limits::kKiB;
        if (!responder.write(core::Bytes(32 * core::limits::kKiB, 'p')) && left > 0) {
          ++stops;
          return responder.on_drained(pour);
        }
      }
      responder.finish();
    };
    pour();
  });
  std::size_t got = 0;
  rig.http.client.stream(rig.http.address, {.target = "/"}, [](const Response& head) { CHECK(head.headers.find("X-Nomad-Index") == "12"); },
                         [&](core::ByteView piece) { got += piece.size(); },
                         [&](core::Result<Response> end) {
                           CHECK(end.ok());
                           rig.http.t.stop();
                         });
  rig.http.t.run();
  CHECK(got == 4 * core::limits::kMiB);
  CHECK(stops > 0);
  pour = nullptr;
}

TEST_CASE("a client that leaves in the middle of a stream ends it where it is made", "[relay]") {
  std::optional<Responder> streaming;
  RelayRig rig([&](Request, Responder responder) {
    responder.on_gone([&] { rig.http.t.stop(); });
    responder.start(sized(0));
    responder.write("first");
    streaming = responder;
  });
  net::http::Client::CallId call = 0;
  call = rig.http.client.stream(rig.http.address, {.target = "/"}, [](const Response&) {}, [&](core::ByteView) { rig.http.client.cancel(call); },
                                [](core::Result<Response>) { FAIL("the call was cancelled"); });
  rig.http.t.run();
  CHECK(streaming->gone());
}

TEST_CASE("a stream that is broken off there is cut off here", "[relay]") {
  std::optional<Responder> streaming;
  RelayRig rig([&](Request, Responder responder) {
    responder.start(sized(0));
    responder.write("first");
    streaming = std::move(responder);
  });
  const bool by_its_maker = GENERATE(true, false);
  std::optional<core::Result<Response>> outcome;
  rig.http.client.stream(rig.http.address, {.target = "/"}, [](const Response&) {}, [&](core::ByteView) {
                           if (by_its_maker) streaming.reset();
                           else rig.pool.drop(rig.first.address, {core::Errc::unavailable, "it failed"});
                         },
                         [&](core::Result<Response> end) {
                           outcome.emplace(std::move(end));
                           rig.http.t.stop();
                         });
  rig.http.t.run();
  CHECK_FALSE(outcome->ok());
}

TEST_CASE("a request that its handler forgets is answered", "[relay]") {
  RelayRig rig([](Request, Responder) {});
  CHECK(rig.http.call(Method::get, "/").status == 500);
}

TEST_CASE("an agent that cannot be reached is passed over, whatever is asked", "[relay]") {
  RelayRig rig([](Request, Responder responder) { responder.send(Response::json(std::string("here"))); });
  auto gone = std::make_unique<Behind>(rig.http.t.loop, [](Request, Responder) {});
  rig.agents.insert(rig.agents.begin(), gone->address);
  gone.reset();
  CHECK(rig.http.call(GENERATE(Method::get, Method::put), "/").body.text() == "here");
  rig.agents.pop_back();
  const auto none = rig.http.call(Method::get, "/");
  CHECK(none.status == 500);
  CHECK_THAT(none.body.text(), Catch::StartsWith("unavailable: "));
}

TEST_CASE("what was asked of an agent that is lost is asked of another only if it is to read", "[relay]") {
  int asked_again = 0;
  RelayRig rig([&](Request, Responder responder) {
    ++asked_again;
    responder.send(Response::json(std::string("here")));
  });
  Hangs lost(rig.http.t.loop);
  rig.agents.insert(rig.agents.begin(), lost.behind.address);
  const auto method = GENERATE(Method::get, Method::delete_);
  net::uv::Timer look(rig.http.t.loop, [&] {
    if (lost.kept.empty()) return look.arm(rig.http.t.loop.now() + std::chrono::milliseconds(1));
    rig.pool.drop(lost.behind.address, {core::Errc::unavailable, "it failed"});
  });
  look.arm(rig.http.t.loop.now());
  const auto answer = rig.http.call(method, "/");
  if (method == Method::get) {
    CHECK(answer.body.text() == "here");
  } else {
    CHECK(answer.status == 500);
    CHECK(answer.body.text() == "unknown_fate: it failed");
    CHECK(asked_again == 0);
  }
  CHECK(lost.kept.front().gone());
}

TEST_CASE("requests that are open when their handlers end see their client go", "[relay]") {
  bool told = false;
  std::optional<Responder> kept;
  RelayRig rig([&](Request, Responder responder) {
    responder.on_gone([&] { told = true; });
    kept = std::move(responder);
    rig.http.t.loop.defer([&] {
      rig.first.answerer.reset();
      CHECK(told);
      CHECK(kept->gone());
      kept.reset();
    });
  });
  CHECK(rig.http.call(Method::put, "/").status == 500);
}

TEST_CASE("a request too large for one frame is refused in words", "[relay]") {
  net::http::ServerOptions options;
  options.limits.body_bytes_max = 2 * core::limits::kFrameBytesMax;
  RelayRig rig([](Request, Responder) { FAIL("it cannot have come"); }, options);
  const auto answer = rig.http.call(Method::put, "/", core::Bytes(core::limits::kFrameBytesMax, 'x'));
  CHECK(answer.status == 500);
  CHECK_THAT(answer.body.text(), Catch::StartsWith("too_large: "));
}

TEST_CASE("an answer that is not to be understood is an error", "[relay]") {
  RelayRig rig([](Request, Responder) {});
  rig.first.dispatcher.on_request(kRelay + 1, net::rpc::kNeighbours, [](net::rpc::Inbound in) {
    in.reply.item("nonsense");
    in.reply.end();
  });
  rig.method = kRelay + 1;
  CHECK(rig.http.call(Method::get, "/").status == 500);
}
