// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/hosted.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

#include "core/base/fields.h"
#include "tests/integration/gossip.h"

namespace integration {
namespace {

// A server that is paused or cut off must not hold a test up for long.
constexpr std::chrono::seconds kPatience{1};

struct Listed {
  std::string id, node, address;
  bool voter = false;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("ID", self.id);
    visit("Node", self.node);
    visit("Address", self.address);
    visit("Voter", self.voter);
  }
};
struct Configuration {
  std::vector<Listed> servers;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Servers", self.servers);
  }
};

}  // namespace

std::vector<Peer> raft_peers(const Agent& by) {
  const auto answer = by.get("/v1/operator/raft/configuration?stale");
  std::vector<Peer> out;
  if (answer.status != 200) return out;
  const auto read = core::from_json<Configuration>(answer.body);
  if (!read.ok()) return out;
  for (const auto& server : read->servers) out.push_back({server.id, server.node, server.address, server.voter});
  return out;
}

HostedServers::HostedServers(Network& network, Hosting hosting) : network_(network), hosting_(std::move(hosting)) {
  for (int i = 0; i < hosting_.servers + hosting_.spare; ++i) {
    directories_.push_back(std::make_unique<Directory>());
    const auto given = hosting_.data_dirs.find(i);
    data_dirs_.push_back(given != hosting_.data_dirs.end() ? given->second : directories_.back()->path());
    servers_.push_back(std::make_unique<Agent>(Agent::Options{
        .arguments = {}, .config = config(i), .data_dir = data_dirs_.back(), .ports = kUsualPorts, .host = network_.address(i), .patience = kPatience}));
  }
  for (int i = 0; i < hosting_.servers; ++i) start(i);
  REQUIRE(await([this] { return leader() >= 0; }, std::chrono::seconds(40)));
}

HostedServers::~HostedServers() {
  for (auto& server : servers_)
    if (server->pid() > 0) server->signal(SIGCONT);
}

std::string HostedServers::config(int i) const {
  const bool founder = i < hosting_.servers;
  std::string listed;
  std::vector<std::string> serfs;
  for (int other = 0; other < hosting_.servers; ++other) {
    listed += (listed.empty() ? "\"" : ", \"") + rpc(other) + "\"";
    serfs.push_back(serf(other));
  }
  const auto expect = founder ? "  bootstrap_expect = " + std::to_string(hosting_.servers) + "\n" : std::string();
  const auto others = hosting_.listed ? "  static_peers = [" + listed + "]\n" : retry(serfs);
  return alone("s" + std::to_string(i), expect + others + hosting_.in_server, network_.address(i)) + hosting_.beside;
}

void HostedServers::start(int i) {
  network_.on_host(i, [&] { (*this)[i].start(); });
  started_ = std::max(started_, i + 1);
}

void HostedServers::kill(int i) {
  (*this)[i].signal(SIGKILL);
  (*this)[i].wait();
}

void HostedServers::readdress(int i) {
  network_.readdress(i);
  (*this)[i].move(network_.address(i));
  (*this)[i].configure(config(i));
}

int HostedServers::leader_seen_by(int i) {
  const auto answer = (*this)[i].get("/v1/status/leader?stale").body;
  for (int named = 0; named < started_; ++named)
    if (answer == "\"" + rpc(named) + "\"") return named;
  return -1;
}

int HostedServers::leader() {
  std::vector<int> votes(servers_.size(), 0);
  for (int i = 0; i < started_; ++i)
    if ((*this)[i].pid() > 0)
      if (const int seen = leader_seen_by(i); seen >= 0 && ++votes[static_cast<std::size_t>(seen)] * 2 > started_) return seen;
  return -1;
}

int HostedServers::follower(const std::vector<int>& but) {
  int leads = -1;
  REQUIRE(await([&] { return (leads = leader()) >= 0; }));
  for (int i = 0; i < started_; ++i)
    if (i != leads && (*this)[i].pid() > 0 && std::find(but.begin(), but.end(), i) == but.end()) return i;
  FAIL("no such server");
  return -1;
}

std::optional<Peer> HostedServers::peer(int by, const std::string& address) {
  std::optional<Peer> found;
  await([&] {
    for (auto& peer : raft_peers((*this)[by]))
      if (peer.address == address) found = std::move(peer);
    return found.has_value();
  });
  return found;
}

bool HostedServers::voters_become(int count) {
  return await([&] {
    for (int i = 0; i < started_; ++i) {
      if ((*this)[i].pid() < 0) continue;
      const auto known = raft_peers((*this)[i]);
      if (std::count_if(known.begin(), known.end(), [](const auto& peer) { return peer.voter; }) != count) return false;
    }
    return true;
  }, std::chrono::seconds(40));
}

bool HostedServers::becomes_everywhere(int i, const std::string& status) {
  return await([&] {
    for (int by = 0; by < started_; ++by)
      if ((*this)[by].pid() > 0 && status_at((*this)[by], "s" + std::to_string(i) + ".global") != status) return false;
    return true;
  }, std::chrono::seconds(40));
}

}  // namespace integration
