// SPDX-License-Identifier: MPL-2.0
// Servers that find each other by gossip: a real network, real processes.
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "tests/integration/gossip.h"
#include "tests/integration/servers.h"
#include "tests/integration/sockets.h"

using namespace integration;
using namespace std::chrono_literals;

namespace {

// Three servers that are given each other's gossip addresses.
class Trio {
 public:
  explicit Trio(const std::string& more = "") {  // beside the server block
    std::vector<std::string> serfs;
    for (int i = 0; i < 3; ++i) serfs.push_back(serf_of(ports_.emplace_back(free_ports())));
    for (int i = 0; i < 3; ++i)
      servers_.push_back(std::make_unique<Agent>(
          Agent::Options{.arguments = {},
                         .config = alone("s" + std::to_string(i), "  bootstrap_expect = 3\n" + retry(serfs)) + more,
                         .data_dir = directories_[i].path(),
                         .ports = ports_[static_cast<std::size_t>(i)]}));
    for (auto& server : servers_) server->start();
  }
  Agent& operator[](int i) { return *servers_[static_cast<std::size_t>(i)]; }
  const Ports& ports(int i) const { return ports_[static_cast<std::size_t>(i)]; }
  // All three know each other and the same leader.
  bool formed() {
    return await([this] {
      for (auto& server : servers_)
        if (!server->running() || server->get("/v1/status/leader").status != 200 ||
            server->get("/v1/status/peers").body.find(rpc_of(ports_[2])) == std::string::npos)
          return false;
      return true;
    });
  }

 private:
  Directory directories_[3];
  std::vector<Ports> ports_;
  std::vector<std::unique_ptr<Agent>> servers_;
};

int voters(const Agent& server) {
  const auto body = server.get("/v1/operator/raft/configuration").body;
  int count = 0;
  for (auto at = body.find("\"Voter\":true"); at != std::string::npos; at = body.find("\"Voter\":true", at + 1)) ++count;
  return count;
}

void send_datagram(int port, const std::string& bytes) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  ::sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
  ::close(fd);
}

}  // namespace

TEST_CASE("three servers find each other by gossip and begin a cluster", "[integration][gossip]") {
  Trio trio;
  REQUIRE(trio.formed());
  CHECK(writes(trio[0], "one"));
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) CHECK(becomes(trio[i], "s" + std::to_string(j) + ".global", "alive"));
  const auto listed = trio[1].cli({"server-members"});
  CHECK(listed.code == 0);
  for (const auto* word : {"Name", "s0.global", "s1.global", "s2.global", "alive", "dc1", "global"})
    CHECK_THAT(listed.out, Catch::Contains(word));
  const auto raft = trio[2].cli({"operator", "raft", "list-peers"});
  for (const auto* name : {"s0.global", "s1.global", "s2.global"}) CHECK_THAT(raft.out, Catch::Contains(name));
  CHECK(trio[0].get("/v1/regions").body == "[\"global\"]");
  CHECK_THAT(trio[0].cli({"agent-info"}).out, Catch::Contains("members = 3"));
}

TEST_CASE("a server that is told to join one server becomes part of the cluster", "[integration][gossip]") {
  Trio trio;
  REQUIRE(trio.formed());
  REQUIRE(writes(trio[0], "before"));
  Directory directory;
  const auto ports = free_ports();
  Agent fourth({.arguments = {}, .config = alone("s3", ""), .data_dir = directory.path(), .ports = ports});
  fourth.start();
  REQUIRE(await([&] { return fourth.get("/v1/agent/self").status == 200; }));
  const auto nowhere = fourth.cli({"server-join", "127.0.0.1:9"});
  CHECK(nowhere.code == 1);
  CHECK_THAT(nowhere.err, Catch::StartsWith("Error joining: failed joining: "));
  // Something else answers there.
  const auto told = [&](int port) { return fourth.cli({"server-join", "127.0.0.1:" + std::to_string(port)}).err; };
  CHECK_THAT(told(trio.ports(1).http), Catch::Contains("peer does not speak our protocol"));
  CHECK_THAT(told(trio.ports(1).rpc), Catch::Contains("peer speaks RPC there, not gossip"));
  const auto joined = fourth.cli({"server-join", serf_of(trio.ports(1)), "127.0.0.1:9"});
  CHECK(joined.out == "Joined 1 servers successfully\n");
  CHECK(becomes(trio[2], "s3.global", "alive"));
  CHECK(await([&] { return peers(trio[0]).find(rpc_of(ports)) != std::string::npos; }));
  CHECK(await([&] { return fourth.get("/v1/jobs?stale").body.find("before") != std::string::npos; }));
  CHECK(writes(fourth, "after"));
  CHECK(await([&] { return voters(trio[0]) == 4; }));
}

TEST_CASE("a server that is killed has failed, and when told off has left and votes no more", "[integration][gossip]") {
  Trio trio;
  REQUIRE(trio.formed());
  const auto address = rpc_of(trio.ports(2));
  trio[2].signal(SIGKILL);
  trio[2].wait();
  CHECK(becomes(trio[0], "s2.global", "failed"));
  CHECK(becomes(trio[1], "s2.global", "failed"));
  CHECK(await([&] { return peers(trio[0]).find(address) != std::string::npos; }));
  const auto unknown = trio[0].cli({"server-force-leave", "nobody.global"});
  CHECK(unknown.code == 0);
  CHECK(unknown.err == "Warning: no server is named \"nobody.global\"; nomad server-members lists their names\n");
  CHECK(trio[0].says("asked to force out a member that is not known: name=nobody.global"));
  const auto told = trio[0].cli({"server-force-leave", "s2.global"});
  CHECK(told.code == 0);
  CHECK(told.out.empty());
  CHECK(told.err.empty());
  CHECK(becomes(trio[1], "s2.global", "left"));
  CHECK(await([&] { return peers(trio[0]).find(address) == std::string::npos; }));
  CHECK(writes(trio[1], "still"));

  SECTION("and one that lives objects") {
    CHECK(trio[0].cli({"server-force-leave", "s1.global"}).code == 0);
    CHECK(becomes(trio[0], "s1.global", "alive"));
  }
  SECTION("and when it is started again it finds the others by itself and votes again") {
    trio[2].configure(alone("s2", "  bootstrap_expect = 3\n"));
    trio[2].start();
    CHECK(becomes(trio[0], "s2.global", "alive"));
    CHECK(await([&] { return peers(trio[0]).find(address) != std::string::npos; }));
    CHECK(await([&] { return trio[2].get("/v1/jobs?stale").body.find("still") != std::string::npos; }));
  }
}

TEST_CASE("a server that failed for good is taken out by whoever leads, and in again when it returns", "[integration][gossip]") {
  Trio trio("autopilot {\n  server_stabilization_time = \"1s\"\n}\n");
  REQUIRE(trio.formed());
  const int who = 0;  // membership_test.cpp tells leaders from followers
  const int other = (who + 1) % 3;
  const auto name = "s" + std::to_string(who) + ".global";
  trio[who].signal(SIGKILL);
  trio[who].wait();
  CHECK(becomes(trio[other], name, "left"));
  CHECK(await([&] { return peers(trio[other]).find(rpc_of(trio.ports(who))) == std::string::npos; }));
  CHECK(voters(trio[other]) == 2);
  CHECK(await([&] { return writes(trio[other], "without"); }));
  trio[who].start();
  CHECK(becomes(trio[other], name, "alive"));
  CHECK(await([&] { return voters(trio[other]) == 3; }));
  CHECK(await([&] { return trio[who].get("/v1/jobs?stale").body.find("without") != std::string::npos; }));
}

TEST_CASE("a server that leaves gives up its vote, and returns when it is started again", "[integration][gossip]") {
  Trio trio("leave_on_interrupt = true\n");
  REQUIRE(trio.formed());
  const int who = 0;
  const int other = (who + 1) % 3;
  const auto address = rpc_of(trio.ports(who)), name = "s" + std::to_string(who) + ".global";
  trio[who].signal(SIGINT);
  CHECK(trio[who].wait() == 0);
  CHECK(becomes(trio[other], name, "left"));
  CHECK(await([&] { return peers(trio[other]).find(address) == std::string::npos; }));
  CHECK(await([&] { return writes(trio[other], "without"); }));
  trio[who].start();
  CHECK(becomes(trio[other], name, "alive"));
  CHECK(await([&] { return peers(trio[other]).find(address) != std::string::npos; }));
  CHECK(await([&] { return trio[who].get("/v1/jobs?stale").body.find("without") != std::string::npos; }));
}

TEST_CASE("servers of another key or another cluster are not heard", "[integration][gossip]") {
  const std::string key = "  encrypt = \"cg8StVXbQJ0gPvMd9o7yrg==\"\n";
  Directory directories[3];
  Agent keyed(
      {.arguments = {}, .config = alone("keyed", "  bootstrap_expect = 1\n" + key), .data_dir = directories[0].path(), .ports = {}});
  const auto others = GENERATE(std::string(""), std::string("  encrypt = \"AAAAAAAAAAAAAAAAAAAAAA==\"\n"),
                               std::string("  encrypt = \"cg8StVXbQJ0gPvMd9o7yrg==\"\n  cluster_name = \"staging\"\n"));
  Agent stranger({.arguments = {}, .config = alone("stranger", others), .data_dir = directories[1].path(), .ports = {}});
  Agent friendly({.arguments = {}, .config = alone("friendly", key), .data_dir = directories[2].path(), .ports = {}});
  for (auto* agent : {&keyed, &stranger, &friendly}) agent->start();
  for (auto* agent : {&keyed, &stranger, &friendly}) REQUIRE(await([&] { return agent->get("/v1/agent/self").status == 200; }));
  CHECK(stranger.cli({"server-join", serf_of(keyed.ports())}).code == 1);
  CHECK(stranger.cli({"server-join", serf_of(keyed.ports())}).code == 1);
  CHECK(friendly.cli({"server-join", serf_of(keyed.ports())}).code == 0);
  CHECK(becomes(keyed, "friendly.global", "alive"));
  CHECK(status_at(keyed, "stranger.global").empty());
  CHECK(keyed.said("refused what came to the gossip port") == 1);
  CHECK_THAT(keyed.cli({"agent-info"}).out, Catch::Contains("encrypted = true") && Catch::Contains("refused = 2"));
}

TEST_CASE("nonsense on the gossip port is refused, counted, and told once", "[integration][gossip]") {
  Directory directory;
  Agent server({.arguments = {}, .config = alone("s0", "  bootstrap_expect = 1\n"), .data_dir = directory.path(), .ports = {}});
  server.start();
  REQUIRE(await([&] { return writes(server, "one"); }));
  for (int i = 0; i < 50; ++i) send_datagram(server.ports().serf, std::string(static_cast<std::size_t>(i * 37), static_cast<char>(i)));
  for (const auto& bytes : {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("NOMD\x01\x00\x01\x00\xff\xff\xff\x7f", 12),
                            std::string("NOMD\x01\x00\x01\x00\x04\x00\x00\x00junk", 16)}) {
    Socket socket(server.ports().serf);
    REQUIRE(socket.connected());
    socket.send(bytes);
    CHECK(socket.closes());
  }
  CHECK(await([&] { return server.cli({"agent-info"}).out.find("refused = 53") != std::string::npos; }));
  CHECK(server.said("refused what came to the gossip port") == 1);
  CHECK(writes(server, "two"));
}

TEST_CASE("a server that is to join at its start and finds nobody ends", "[integration][gossip]") {
  Directory directory;
  Agent server({.arguments = {"-join", "127.0.0.1:9"}, .config = alone("s0", ""), .data_dir = directory.path(), .ports = {}});
  server.start();
  CHECK(server.wait() == 1);
  CHECK_THAT(server.log(), Catch::Contains("start_join"));
}
