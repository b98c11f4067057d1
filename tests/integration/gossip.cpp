// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/gossip.h"

#include <algorithm>
#include <csignal>

namespace integration {

std::string serf_of(const Ports& ports, const std::string& host) { return host + ":" + std::to_string(ports.serf); }

std::string alone(const std::string& name, const std::string& more, const std::string& host) {
  return "name = \"" + name + "\"\nbind_addr = \"" + host + "\"\nserver {\n  enabled = true\n" + more + "}\n";
}

std::string retry(const std::vector<std::string>& serfs) {
  std::string list;
  for (const auto& serf : serfs) list += (list.empty() ? "\"" : ", \"") + serf + "\"";
  return "  server_join {\n    retry_join = [" + list + "]\n    retry_interval = \"1s\"\n  }\n";
}

std::string status_at(const Agent& by, const std::string& name) {
  const auto body = by.get("/v1/agent/members").body;
  const auto at = body.find("\"Name\":\"" + name + "\"");
  if (at == std::string::npos) return "";
  const auto status = body.find("\"Status\":\"", at) + 10;
  return body.substr(status, body.find('"', status) - status);
}

bool becomes(const Agent& by, const std::string& name, const std::string& status) {
  return await([&] { return status_at(by, name) == status; });
}

bool writes(const Agent& server, const std::string& id, const std::string& query) {
  return server.put("/v1/jobs" + query, api_job(id, "sleep 600")).status == 200;
}

std::string peers(const Agent& server) { return server.get("/v1/status/peers").body; }

Region::Region(const std::string& name, int servers, const std::string& other, const std::string& more) : name_(name) {
  std::vector<Ports> ports;
  std::vector<std::string> join;
  for (int i = 0; i < servers; ++i) join.push_back(serf_of(ports.emplace_back(free_ports())));
  if (!other.empty()) join.push_back(other);
  for (int i = 0; i < servers; ++i) {
    directories_.push_back(std::make_unique<Directory>());
    servers_.push_back(std::make_unique<Agent>(
        Agent::Options{.arguments = {},
                       .config = "region = \"" + name + "\"\n" +
                                 alone(name + std::to_string(i), "  bootstrap_expect = " + std::to_string(servers) + "\n" + retry(join)) + more,
                       .data_dir = directories_.back()->path(),
                       .ports = ports[static_cast<std::size_t>(i)]}));
    servers_.back()->start();
  }
}

bool Region::formed() {
  return await([this] {
    for (auto& server : servers_) {
      const auto body = peers(*server);
      if (!server->running() || server->get("/v1/status/leader").status != 200 || std::count(body.begin(), body.end(), ':') != size()) return false;
    }
    return true;
  });
}

void Region::kill(int i) {
  (*this)[i].signal(SIGKILL);
  (*this)[i].wait();
}

}  // namespace integration
