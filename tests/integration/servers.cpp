// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/servers.h"

#include <csignal>

namespace integration {

std::string rpc_of(const Ports& ports) { return "127.0.0.1:" + std::to_string(ports.rpc); }

std::string server_config(const std::vector<Ports>& listed, int expect, const std::string& more) {
  std::string peers;
  for (const auto& ports : listed) peers += (peers.empty() ? "\"" : ", \"") + rpc_of(ports) + "\"";
  return "bind_addr = \"127.0.0.1\"\nserver {\n  enabled = true\n  bootstrap_expect = " + std::to_string(expect) +
         "\n  static_peers = [" + peers + "]\n" + more + "}\n";
}

Servers::Servers(const std::string& more) {
  for (int i = 0; i < 3; ++i) ports_.push_back(free_ports());
  for (int i = 0; i < 3; ++i)
    servers_.push_back(std::make_unique<Agent>(Agent::Options{
        .arguments = {}, .config = server_config(ports_, 3, more), .data_dir = directories_[i].path(), .ports = ports_[static_cast<std::size_t>(i)]}));
  for (auto& server : servers_) server->start();
  await([this] { return leader() >= 0; });
}

int Servers::leader() {
  for (auto& server : servers_) {
    if (!server->running()) continue;
    const auto answer = server->get("/v1/status/leader?stale").body;
    for (int i = 0; i < 3; ++i)
      if ((*this)[i].running() && answer == "\"" + rpc_of(ports_[static_cast<std::size_t>(i)]) + "\"") return i;
  }
  return -1;
}

void Servers::kill(int i) {
  (*this)[i].signal(SIGKILL);
  (*this)[i].wait();
}

}  // namespace integration
