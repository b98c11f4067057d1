// SPDX-License-Identifier: MPL-2.0
// Requests on the HTTP port that no honest client would send. Each is answered as Nomad answers, or cut
// off; nothing is changed and others are served meanwhile.
#include <catch2/catch.hpp>

#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"
#include "tests/integration/sockets.h"

using namespace integration;

namespace {

constexpr const char* kServer = "server {\n  enabled = true\n  bootstrap_expect = 1\n}\n";

struct Target {
  explicit Target(const std::string& more = "") : agent({.arguments = {}, .config = kServer + more, .data_dir = data.path(), .ports = {}}) {
    agent.start();
    REQUIRE(await([&] { return agent.get("/v1/status/leader").body.size() > 2; }));
  }
  // It serves, and nothing was changed.
  ~Target() {
    CHECK(agent.running());
    CHECK(agent.get("/v1/jobs").body == "[]");
  }
  // Sends these bytes; the status line of the answer, once it is there.
  std::string status_of(const std::string& bytes) const {
    Socket socket(agent.ports().http);
    socket.send(bytes);
    const auto& answer = socket.read_until("\r\n\r\n");
    return answer.substr(0, answer.find("\r\n"));
  }
  Directory data;
  Agent agent;
};

}  // namespace

TEST_CASE("what is no HTTP request is refused and the connection closed", "[integration][input][http]") {
  Target target;
  struct Case {
    std::string bytes;
    const char* status;
  };
  const auto [bytes, status] = GENERATE(values<Case>({
      {"nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {std::string("NOMD\x01\x00\x00\x00", 8), "HTTP/1.1 400 Bad Request"},
      {"GET /v1/jobs HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET /v1/jobs HTTP/3.0\r\nHost: x\r\n\r\n", "HTTP/1.1 505 HTTP Version Not Supported"},
      {"GET /v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"PUT /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 400 Bad Request"},
      {"PUT /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"PUT /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", "HTTP/1.1 400 Bad Request"},
      {"PUT /v1/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400 Bad Request"},
      {"PUT /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 413 Request Entity Too Large"},
      {"GET /v1/jobs HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
      {"GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
  }));
  CAPTURE(bytes.substr(0, 60));
  Socket socket(target.agent.ports().http);
  socket.send(bytes);
  CHECK(socket.closes());
  CHECK(socket.received().substr(0, socket.received().find("\r\n")) == status);
}

TEST_CASE("a flood of headers is cut off as soon as it is over the limit", "[integration][input][http]") {
  Target target;
  Socket socket(target.agent.ports().http);
  socket.send("GET /v1/jobs HTTP/1.1\r\nHost: x\r\n");
  std::string lines;
  for (int i = 0; i < 10'000; ++i) lines += "A: b\r\n";
  socket.send(lines);
  CHECK(socket.closes());
  CHECK(socket.received().starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
}

TEST_CASE("bodies that are no request are 400, and say why", "[integration][input][http]") {
  Target target;
  struct Case {
    const char* target;
    std::string body;
    int status;
    const char* text;
  };
  const auto [path, body, status, text] = GENERATE(values<Case>({
      {"/v1/jobs", "", 400, "Request body is empty"},
      {"/v1/jobs", "null", 400, "expected an object"},
      {"/v1/jobs", "[]", 400, "expected an object"},
      {"/v1/jobs", "\xff\xfe", 400, "offset"},
      {"/v1/jobs", std::string(100'000, '['), 400, "deep"},
      {"/v1/jobs", std::string(1'000'000, '{'), 400, "deep"},
      {"/v1/jobs", R"({"Job":)" + std::string(1000, '[') + std::string(1000, ']') + "}", 400, "deep"},
      {"/v1/jobs", R"({"Job":null})", 400, "Job must be specified"},
      {"/v1/jobs", R"({"Job":{"ID":"x","Priority":1e999}})", 400, "offset"},
      {"/v1/jobs", R"({"Job":{"ID":"x","Priority":99999999999999999999}})", 400, "Priority"},
      {"/v1/jobs", R"({"Job":{"ID":"x","TaskGroups":[{"Name":"g","Count":-1}]}})", 500, "Task group count can't be negative"},
      {"/v1/jobs", R"({"Job":{"ID":"x\u0000y","TaskGroups":[]}})", 500, "Job ID contains a null character"},
      {"/v1/job/other", R"({"Job":{"ID":"x"}})", 400, "Job ID does not match"},
      {"/v1/jobs/parse", R"({"JobHCL":""})", 400, "Job spec is empty"},
      {"/v1/jobs/parse", R"({"JobHCL":"job \"x\" {"})", 400, "input.hcl:1,"},
      {"/v1/validate/job", "{", 400, "offset"},
      {"/v1/job/none/evaluate", "", 500, "job not found"},
      {"/v1/node/none/evaluate", "", 500, "node not found"},
      {"/v1/node/none/eligibility", R"({"Eligibility":"perhaps"})", 500, "invalid scheduling eligibility"},
  }));
  CAPTURE(path, body.substr(0, 60));
  const auto answer = target.agent.put(path, body);
  CHECK(answer.status == status);
  CAPTURE(answer.body);
  CHECK(answer.body.find(text) != std::string::npos);
}

TEST_CASE("a body over the limit is refused before it was sent", "[integration][input][http]") {
  Target target;
  Socket socket(target.agent.ports().http);
  socket.send("PUT /v1/jobs HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 50000000\r\n\r\n");
  CHECK(socket.read_until("\r\n\r\n").starts_with("HTTP/1.1 413 Request Entity Too Large\r\n"));
  CHECK(socket.closes());
}

TEST_CASE("wrong parameters are 400, wrong methods 405, unknown paths 404", "[integration][input][http]") {
  Target target;
  struct Case {
    const char* path;
    int status;
    const char* text;
  };
  const auto [path, status, text] = GENERATE(values<Case>({
      {"/v1/jobs?index=abc", 400, "Invalid index"},
      {"/v1/jobs?index=-1", 400, "Invalid index"},
      {"/v1/jobs?index=99999999999999999999", 400, "Invalid index"},
      {"/v1/nodes?wait=nonsense", 400, "Invalid wait time"},
      {"/v1/nodes?index=1&wait=5", 400, "Invalid wait time"},
      {"/v1/jobs?prefix=%00", 200, "[]"},
      {"/v1/jobs?prefix=none", 200, "[]"},
      {"/v1/allocations?prefix=zz", 500, "invalid byte"},
      {"/v1/jobs?prefix=" "%27%3B%20drop%20table%20job", 200, "[]"},
      {"/v1/job/%27%20or%201", 404, "job not found"},
      {"/v1/allocation/none", 404, "alloc not found"},
      {"/v1/evaluation/none", 404, "eval not found"},
      {"/v1/job/", 500, "missing job ID"},
      {"/v1/system/gc", 405, "Invalid method"},
      {"/v1/jobs/parse", 405, "Invalid method"},
      {"/v2/jobs", 404, ""},
      {"/v1/jobs/", 404, ""},
      {"/", 404, ""},
  }));
  CAPTURE(path);
  const auto answer = target.agent.get(path);
  CAPTURE(answer.body);
  CHECK(answer.status == status);
  CHECK(answer.body.find(text) != std::string::npos);
}

TEST_CASE("clients that send a request byte by byte are dropped in time and harm nobody", "[integration][input][http]") {
  Target target("limits {\n  http_request_timeout = \"1s\"\n  http_max_conns_per_client = 60\n}\n");
  std::vector<Socket> slow;
  for (int i = 0; i < 50; ++i) {
    slow.emplace_back(target.agent.ports().http);
    REQUIRE(slow.back().send("PUT /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Le"));
  }
  CHECK(target.agent.get("/v1/jobs").status == 200);
  // More of it now and then does not keep them.
  const bool dropped = await([&] {
    int open = 0;
    for (auto& socket : slow) open += socket.open() && socket.send("x");
    return open == 0;
  });
  CHECK(dropped);
  for (auto& socket : slow) CHECK(socket.received().empty());
}

TEST_CASE("an address has its share of connections and no more", "[integration][input][http]") {
  Target target("limits {\n  http_max_conns_per_client = 5\n}\n");
  {
    std::vector<Socket> held;
    for (int i = 0; i < 5; ++i) {
      held.emplace_back(target.agent.ports().http);
      held.back().send("GET /v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n");
      REQUIRE(held.back().read_until("[]").starts_with("HTTP/1.1 200 OK"));
    }
    CHECK(target.status_of("GET /v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n") == "HTTP/1.1 429 Too Many Requests");
  }
  CHECK(await([&] { return target.agent.get("/v1/jobs").status == 200; }));
}
