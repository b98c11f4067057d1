// SPDX-License-Identifier: MPL-2.0
// Bytes on the RPC port that no agent of ours would send. Whoever sends them is answered or cut off, it
// is said once, and everybody else is served as before.
#include <catch2/catch.hpp>

#include "core/base/limits.h"
#include "net/frame.h"
#include "net/rpc/envelope.h"
#include "tests/integration/cluster.h"
#include "tests/integration/jobs.h"
#include "tests/integration/sockets.h"

using namespace integration;
using net::rpc::Envelope;
using net::rpc::Kind;

namespace {

constexpr const char* kServer = "server {\n  enabled = true\n  bootstrap_expect = 1\n}\n";

struct Target {
  explicit Target(const std::string& more = "") : agent({.arguments = {}, .config = kServer + more, .data_dir = data.path(), .ports = {}}) {
    agent.start();
    REQUIRE(await([&] { return agent.get("/v1/status/leader").body.size() > 2; }));
    REQUIRE(agent.put("/v1/jobs", api_job("kept", "exit 0")).status == 200);
  }
  // It serves, and nothing was changed.
  ~Target() {
    CHECK(agent.running());
    CHECK(agent.get("/v1/job/kept").status == 200);
    CHECK(agent.sql("select count(*) from jobs") == "1\n");
  }
  Socket connect() const { return Socket(agent.ports().rpc); }
  long resident_kib() const {
    const auto text = run({"sed", "-n", "s/^VmRSS:[^0-9]*//p", "/proc/" + std::to_string(agent.pid()) + "/status"}).out;
    return std::atol(text.c_str());
  }
  Directory data;
  Agent agent;
};

std::string preamble() {
  core::Bytes out;
  net::append_preamble(out, net::FrameFlags::plain);
  return out;
}

std::string frame(const std::string& payload) {
  core::Bytes out;
  net::append_frame_header(out, payload.size());
  return out + payload;
}

std::string enveloped(const Envelope& envelope) {
  core::Bytes payload;
  net::rpc::append(payload, envelope);
  return frame(payload);
}

std::string hello(const std::string& region = "global", net::rpc::Role role = net::rpc::Role::client) {
  const auto body = net::rpc::encode({.role = role, .cluster = region, .name = "tester", .version = "0"});
  return preamble() + enveloped({.kind = Kind::hello, .body = body});
}

std::string request(std::uint16_t method, const std::string& body) { return enveloped({.kind = Kind::request, .id = 1, .method = method, .body = body}); }

}  // namespace

TEST_CASE("what is not our protocol is cut off, and said once however often it comes", "[integration][input][rpc]") {
  Target target;
  struct Case {
    std::string bytes;
    const char* said;
  };
  const auto [bytes, said] = GENERATE(values<Case>({
      {"GET /v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n", "peer does not speak our protocol"},
      {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), "peer does not speak our protocol"},
      {std::string("NOMD\x63\x00\x00\x00", 8), "peer speaks frame version 99"},
      {std::string("NOMD\x01\x00\x01\x00", 8), "peer has a cluster key, we have none"},
  }));
  CAPTURE(said);
  for (int i = 0; i < 3; ++i) {
    auto socket = target.connect();
    REQUIRE(socket.connected());
    socket.send(bytes);
    CHECK(socket.closes());
  }
  CHECK(target.agent.says(std::string("connection refused: from=127.0.0.1 ")));
  CHECK(target.agent.says(said));
  CHECK(target.agent.said(said) == 1);
}

TEST_CASE("a frame whose length is over the limit is refused before a byte of it is believed", "[integration][input][rpc]") {
  Target target;
  const auto before = target.resident_kib();
  for (int i = 0; i < 20; ++i) {
    auto socket = target.connect();
    socket.send(hello() + std::string("\xff\xff\xff\x7f", 4) + std::string(1000, 'x'));
    CHECK(socket.closes());
  }
  CHECK(target.agent.says("connection broken off: from=127.0.0.1 "));
  CHECK(target.agent.said("frame of 2147483647 bytes") == 1);
  CHECK(target.resident_kib() < before + 4 * 1024);
}

TEST_CASE("frames that are announced large and never come take no memory", "[integration][input][rpc]") {
  Target target;
  const auto before = target.resident_kib();
  std::vector<Socket> sockets;
  for (int i = 0; i < 50; ++i) {
    sockets.push_back(target.connect());
    std::string length;
    for (std::size_t shift = 0; shift < 32; shift += 8) length += static_cast<char>(core::limits::kFrameBytesMax >> shift);
    REQUIRE(sockets.back().send(hello() + length + "only this much"));
    sockets.back().read_until("global");
  }
  CHECK(target.agent.get("/v1/jobs").status == 200);
  CHECK(target.resident_kib() < before + 8 * 1024);
  SECTION("and end in the middle") {
    for (auto& socket : sockets) socket.finish();
    for (auto& socket : sockets) CHECK(socket.closes());
  }
}

TEST_CASE("requests that make no sense are answered, and the connection goes on", "[integration][input][rpc]") {
  Target target;
  auto socket = target.connect();
  REQUIRE(socket.send(hello()));
  SECTION("a method that does not exist") {
    socket.send(request(999, "{}"));
    CHECK(socket.read_until("unknown method 999").find("unsupported") != std::string::npos);
  }
  SECTION("a body that is no JSON") {
    socket.send(request(1, "\x01\x02{{{"));
    CHECK(socket.read_until("invalid").find("offset") != std::string::npos);
  }
  SECTION("a body of another shape") {
    socket.send(request(1, R"({"Job":[1,2,3]})"));
    CHECK(socket.read_until("expected").find("Job") != std::string::npos);
  }
  SECTION("a body that is nested without end") {
    socket.send(request(1, std::string(1'000'000, '[')));
    CHECK(socket.read_until("invalid").find("deep") != std::string::npos);
  }
  SECTION("a report with the secret of nobody") {
    socket.send(request(10, R"({"NodeID":"11111111-2222-3333-4444-555555555555","SecretID":"guess","Allocs":[]})"));
    CHECK(socket.read_until("node not found").find("node not found") != std::string::npos);
  }
  // The same connection still works.
  socket.send(enveloped({.kind = Kind::request, .id = 2, .method = 23, .body = R"({"Stale":true})"}));
  socket.read_until("127.0.0.1:" + std::to_string(target.agent.ports().rpc));
  CHECK(socket.received().find("127.0.0.1:" + std::to_string(target.agent.ports().rpc)) != std::string::npos);
}

TEST_CASE("envelopes that break the protocol end the connection", "[integration][input][rpc]") {
  Target target;
  auto socket = target.connect();
  SECTION("garbage in a frame") { socket.send(hello() + frame("\x7f garbage")); }
  SECTION("a request before the introduction") { socket.send(preamble() + request(23, "{}")); }
  SECTION("introduced twice") {
    socket.send(hello());
    const auto body = net::rpc::encode({.role = net::rpc::Role::client, .cluster = "global", .name = "again", .version = "0"});
    socket.send(enveloped({.kind = Kind::hello, .body = body}));
  }
  SECTION("a role that does not exist") { socket.send(preamble() + enveloped({.kind = Kind::hello, .body = "\x09"})); }
  SECTION("an envelope longer than its frame") {
    auto cut = enveloped({.kind = Kind::request, .id = 1, .method = 23, .body = "0123456789"});
    cut.resize(cut.size() - 5);
    cut[0] = static_cast<char>(cut[0] - 5);
    socket.send(hello() + cut);
  }
  SECTION("another cluster") {
    socket.send(hello("moon"));
    socket.read_until("do not talk to each other");
    CHECK(socket.received().find("do not talk to each other") != std::string::npos);
  }
  CHECK(socket.closes());
  CHECK(target.agent.says("[WARN]  rpc: connection"));
}

TEST_CASE("a thousand idle connections are bounded by address and by time, and harm nobody", "[integration][input][rpc]") {
  Target target("limits {\n  rpc_handshake_timeout = \"1s\"\n}\n");
  const auto before = target.resident_kib();
  std::vector<Socket> sockets;
  for (int i = 0; i < 1000; ++i) sockets.emplace_back(target.agent.ports().rpc);
  CHECK(target.agent.says("too many connections from this address"));
  CHECK(target.agent.put("/v1/jobs", api_job("kept", "exit 0")).status == 200);
  CHECK(target.resident_kib() < before + 8 * 1024);
  for (auto& socket : sockets) CHECK(socket.closes());
  CHECK(target.agent.said("too many connections from this address") == 1);
  CHECK(target.agent.said("peer did not introduce itself in time") == 1);
  // There is room again.
  auto socket = target.connect();
  socket.send(hello());
  CHECK(socket.read_until("global").find("global") != std::string::npos);
}
