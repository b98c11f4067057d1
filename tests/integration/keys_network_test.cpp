// SPDX-License-Identifier: MPL-2.0
// Servers with keys on hosts of their own: the key is changed under load, and who has none, another one, or only
// the clients' is refused on every port.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "core/gossip/messages.h"
#include "net/secure/credentials.h"
#include "net/secure/packets.h"
#include "tests/integration/gossip.h"
#include "tests/integration/hosted.h"
#include "tests/integration/register_load.h"

using namespace integration;
namespace secure = net::secure;

namespace {

constexpr const char* kCluster = "nomad";  // as a server calls it that is not told otherwise
const std::string kFirst = "cg8StVXbQJ0gPvMd9o7yrg==", kSecond = "pUqJrVyVRj5jsiYEkM/tFQYfWyJIv4s3XkvDwy7Cu5s=";

std::string line(const std::string& name, const std::string& key) { return key.empty() ? "" : "  " + name + " = \"" + key + "\"\n"; }

Ran keyring(const Agent& agent, const std::string& option) { return agent.cli({"operator", "keyring", option}); }
std::string told(const Ran& ran) { return ran.out + "|" + ran.err + "|" + std::to_string(ran.code); }

// What a start would find.
std::string kept(const HostedServers& servers, int i) {
  std::ifstream file(servers.data_dir(i) + "/server/serf.keyring");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool all_alive(HostedServers& servers, int count) {
  for (int i = 0; i < count; ++i)
    if (!servers.becomes_everywhere(i, "alive")) return false;
  return true;
}

int refused(const Agent& agent) {
  const auto info = agent.cli({"agent-info"}).out;
  const auto at = info.find("refused = ");
  return at == std::string::npos ? -1 : std::stoi(info.substr(at + 10));
}

// A host that asks a server, in datagrams sealed under some key, to ask back whether it is there: gossip's
// "ask it for me", about itself. Who is heard is asked.
class Knocker {
 public:
  Knocker(const Network& network, int from, int to) : here_{network.address(from), 4649}, there_(at(network.address(to), kUsualPorts.serf)) {
    const auto own = at(here_.ip, here_.port);
    network.on_host(from, [&] { fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); });
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0);
  }
  ~Knocker() { ::close(fd_); }
  void knock(const secure::Key& key) {
    secure::Packets packets(secure::Keyring(key), {.cluster = kCluster, .sender = 4711, .session = ++session_});
    const core::gossip::Message request = core::gossip::PingRequest{.number = 1, .target = "knocker", .at = here_};
    const auto sealed = packets.seal(core::Bytes(core::gossip::packet_start()) + core::gossip::encode(request));
    ::sendto(fd_, sealed.data(), sealed.size(), 0, reinterpret_cast<const sockaddr*>(&there_), sizeof there_);
  }
  bool heard(int wait_ms) const {
    pollfd waiting{fd_, POLLIN, 0};
    return ::poll(&waiting, 1, wait_ms) > 0;
  }

 private:
  static sockaddr_in at(const std::string& ip, int port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, ip.c_str(), &out.sin_addr);
    return out;
  }

  int fd_ = -1;
  core::gossip::Endpoint here_;
  sockaddr_in there_;
  std::uint64_t session_ = 0;
};

struct Stranger {
  std::string what, cluster_key, client_key, told;  // told: to the server, of one that would be a server
};

// What a clients' key looks like that was made for a cluster with this one.
std::string clients_key(const std::string& cluster) { return secure::format_key(secure::client_key_of(*secure::parse_key(cluster))); }

}  // namespace

TEST_CASE("three servers change their key under load: no write is refused and nobody is lost", "[integration][gossip][keyring][network]") {
  Network network(5);
  if (skipped(network.missing())) return;
  HostedServers servers(network, {.in_server = line("encrypt", kFirst)});
  REQUIRE(servers.voters_become(3));
  REQUIRE(all_alive(servers, 3));
  CHECK(told(keyring(servers[0], "-list")) == "Gathering installed encryption keys...\nKey\n" + kFirst + "\n||0");
  CHECK(servers[1].get("/v1/agent/keyring/list").body == R"({"Messages":{},"Keys":{")" + kFirst + R"(":3},"NumNodes":3})");
  RegisterLoad load(servers);
  REQUIRE(load.goes_on());
  CHECK(told(keyring(servers[0], "-install=" + kSecond)) == "Installing new gossip encryption key...\n||0");
  CHECK(load.goes_on());
  CHECK(servers[2].get("/v1/agent/keyring/list").body == R"({"Messages":{},"Keys":{")" + kFirst + R"(":3,")" + kSecond + R"(":3},"NumNodes":3})");
  CHECK(told(keyring(servers[1], "-use=" + kSecond)) == "Changing primary gossip encryption key...\n||0");
  CHECK(load.goes_on());
  CHECK(told(keyring(servers[1], "-remove=" + kSecond)) ==
        "Removing gossip encryption key...\n|error: Unexpected response code: 500 (3/3 nodes reported failure)\n|1");
  CHECK(told(keyring(servers[2], "-remove=" + kFirst)) == "Removing gossip encryption key...\n||0");
  CHECK(load.goes_on());
  CHECK(load.contradiction() == std::nullopt);
  CHECK(load.not_acknowledged() == 0);
  CHECK(all_alive(servers, 3));
  for (int i = 0; i < 3; ++i) {
    CAPTURE(i);
    CHECK(kept(servers, i) == "[\"" + kSecond + "\"]\n");
    CHECK(servers[i].said("member failed") == 0);
    CHECK_THAT(servers[i].cli({"agent-info"}).out, Catch::Contains("encrypted = true") && Catch::Contains("refused = 0"));
    CHECK(servers[i].said(kFirst) == 0);
    CHECK(servers[i].said(kSecond) == 0);
  }

  SECTION("and one that is started again comes back with its keyring, whatever is configured") {
    servers.kill(2);
    CHECK(servers.becomes_everywhere(2, "failed"));
    servers.start(2);
    CHECK(all_alive(servers, 3));
    CHECK(servers[2].said("keyring exists but encrypt given, using keyring") == 1);
    CHECK(await([&] { return writes(servers[2], "after"); }));
  }
  SECTION("and a new server gets in with the new key, and not with the old one") {
    Directory directories[2];
    const auto newcomer = [&](int host, const std::string& name, const std::string& key) {
      return Agent::Options{.arguments = {},
                            .config = alone(name, line("encrypt", key), network.address(host)),
                            .data_dir = directories[host - 3].path(),
                            .ports = kUsualPorts,
                            .host = network.address(host)};
    };
    Agent late(newcomer(3, "late", kFirst)), fresh(newcomer(4, "fresh", kSecond));
    network.on_host(3, [&] { late.start(); });
    network.on_host(4, [&] { fresh.start(); });
    for (auto* agent : {&late, &fresh}) REQUIRE(await([&] { return agent->get("/v1/agent/self").status == 200; }));
    CHECK(late.cli({"server-join", servers.serf(0)}).code == 1);
    CHECK(fresh.cli({"server-join", servers.serf(0)}).code == 0);
    CHECK(becomes(servers[1], "fresh.global", "alive"));
    CHECK(status_at(servers[0], "late.global").empty());
  }
}

TEST_CASE("who has no key, another one, or only the clients' is no server on any port", "[integration][gossip][keys][network]") {
  const auto key = secure::generate_key(), other = secure::generate_key();
  const auto number = GENERATE(0U, 1U, 2U);
  const Stranger stranger = std::array{Stranger{"no key", "", "", "peer has no cluster key, we have one"},
                                       Stranger{"another key", other, clients_key(other), "peer does not know our cluster key"},
                                       Stranger{"the clients' key", clients_key(key), clients_key(key), "a server must hold the cluster's key, not the clients'"}}[number];
  CAPTURE(stranger.what);
  const bool is_client = stranger.client_key == clients_key(key);
  Network network(4);
  if (skipped(network.missing())) return;
  HostedServers servers(network, {.servers = 1, .spare = 1, .in_server = line("encrypt", key)});
  auto& server = servers[0];

  // Datagrams: the same words are heard under the cluster's key.
  Knocker knocker(network, 2, 0);
  knocker.knock(stranger.cluster_key.empty() ? secure::public_key_of(kCluster) : *secure::parse_key(stranger.cluster_key));
  CHECK(await([&] { return refused(server) == 1; }));
  CHECK_FALSE(knocker.heard(0));
  knocker.knock(*secure::parse_key(key));
  CHECK(knocker.heard(20'000));

  // A server that asks for RPC, and asks to join by gossip's stream.
  Directory directories[2];
  Agent impostor({.arguments = {},
                  .config = alone("impostor", line("encrypt", stranger.cluster_key) + "  static_peers = [\"" + servers.rpc(0) + "\"]\n", network.address(2)),
                  .data_dir = directories[0].path(),
                  .ports = kUsualPorts,
                  .host = network.address(2)});
  network.on_host(2, [&] { impostor.start(); });
  CHECK(server.says(stranger.told));
  CHECK(impostor.cli({"server-join", servers.serf(0)}).code == 1);
  CHECK(refused(server) == 2);
  CHECK(status_at(server, "impostor.global").empty());
  CHECK(status_at(impostor, "s0.global").empty());

  // A client, whom the clients' key makes one.
  Agent client({.arguments = {},
                .config = "name = \"c0\"\nbind_addr = \"" + network.address(3) + "\"\nclient {\n  enabled = true\n  network_interface = \"eth0\"\n  servers = [\"" +
                          servers.rpc(0) + "\"]\n" + line("rpc_key", stranger.client_key) + "}\n",
                .data_dir = directories[1].path(),
                .ports = kUsualPorts,
                .host = network.address(3)});
  network.on_host(3, [&] { client.start(); });
  if (is_client) {
    CHECK(ready(server, 1));
  } else {
    CHECK(client.says(stranger.client_key.empty() ? "peer has a cluster key, we have none" : "does it have another key?"));
    CHECK(server.get("/v1/nodes").body == "[]");
  }

  // Who has the key is taken in from a host like theirs.
  servers.start(1);
  CHECK(servers.voters_become(2));
  CHECK(servers.becomes_everywhere(1, "alive"));
  CHECK_THAT(peers(server), !Catch::Contains(network.address(2)));
}
