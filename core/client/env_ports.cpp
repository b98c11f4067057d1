// SPDX-License-Identifier: MPL-2.0
#include "core/client/env_ports.h"

namespace core::client {
namespace {

using Env = std::map<std::string, std::string>;

std::string address(const std::string& ip, std::int64_t port) {
  const bool v6 = ip.find(':') != std::string::npos;
  return (v6 ? "[" + ip + "]" : ip) + ":" + std::to_string(port);
}

template <class Visit>
void each_port(const model::NetworkResource& network, Visit visit) {
  for (const auto& port : network.reserved_ports) visit(port);
  for (const auto& port : network.dynamic_ports) visit(port);
}

void add_own(const model::NetworkResource& network, Env& env) {
  each_port(network, [&](const model::Port& port) {
    const auto label = clean_name(port.label);
    const auto host = std::to_string(port.value);
    const auto inside = port.to > 0 ? std::to_string(port.to) : host;
    env["NOMAD_IP_" + label] = network.ip;
    env["NOMAD_PORT_" + label] = inside;
    env["NOMAD_ADDR_" + label] = address(network.ip, port.value);
    env["NOMAD_HOST_PORT_" + label] = host;
    // The first release wrote the label as the job file does.
    env["NOMAD_PORT_" + port.label] = inside;
  });
}

void add_group(const model::NetworkResource& network, Env& env) {
  add_own(network, env);
  each_port(network, [&](const model::Port& port) {
    const auto label = clean_name(port.label);
    env["NOMAD_HOST_IP_" + label] = network.ip;
    env["NOMAD_HOST_ADDR_" + label] = address(network.ip, port.value);
    env["NOMAD_ALLOC_PORT_" + label] = std::to_string(port.to > 0 ? port.to : port.value);
  });
}

void add_sibling(const std::string& task, const model::NetworkResource& network, Env& env) {
  each_port(network, [&](const model::Port& port) {
    const auto name = clean_name(task) + "_" + clean_name(port.label);
    env["NOMAD_IP_" + name] = network.ip;
    env["NOMAD_PORT_" + name] = std::to_string(port.value);
    env["NOMAD_ADDR_" + name] = address(network.ip, port.value);
  });
}

}  // namespace

std::string clean_name(std::string_view name) {
  std::string out(name);
  for (auto& c : out) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (!fine) c = '_';
  }
  if (!out.empty() && out[0] >= '0' && out[0] <= '9') out[0] = '_';
  return out;
}

void add_ports(const model::Allocation& alloc, const model::Task& task, Env& env) {
  for (const auto& [name, resources] : alloc.task_resources)
    for (const auto& network : resources.networks) add_sibling(name, network, env);
  for (const auto& network : alloc.shared.networks) add_group(network, env);
  const auto own = alloc.task_resources.find(task.name);
  if (own == alloc.task_resources.end()) return;
  for (const auto& network : own->second.networks) add_own(network, env);
  if (!own->second.networks.empty()) env["NOMAD_IP"] = own->second.networks.front().ip;
}

}  // namespace core::client
