// SPDX-License-Identifier: MPL-2.0
// Nodes as the API shows them: resources in the old form (Resources, Reserved) and in the new one
// (NodeResources, ReservedResources).
#include <algorithm>
#include <charconv>

#include "core/model/node.h"

namespace core::model {
namespace {

using core::encode;

class Members {  // key and value at a time
 public:
  explicit Members(json::Writer& w) : w_(w) { w_.begin_object(); }
  ~Members() { w_.end_object(); }
  Members(const Members&) = delete;

  template <class T>
  Members& add(const char* name, const T& value) {
    w_.key(name);
    encode(w_, value);
    return *this;
  }
  Members& null(const char* name) {
    w_.key(name);
    w_.null();
    return *this;
  }
  json::Writer& under(const char* name) {
    w_.key(name);
    return w_;
  }

 private:
  json::Writer& w_;
};

std::int64_t number_of(std::optional<std::string_view> text) {
  std::int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

void write_one(json::Writer& w, const char* name, std::int64_t value) { Members(w).add(name, value); }

void write_address(json::Writer& w, const std::string& ip) {
  w.begin_array();
  if (!ip.empty())
    Members(w)
        .add("Family", std::string(ip.find(':') == std::string::npos ? "ipv4" : "ipv6"))
        .add("Alias", std::string("default"))
        .add("Address", ip)
        .add("ReservedPorts", std::string())
        .add("Gateway", std::string());
  w.end_array();
}

void write_node_networks(json::Writer& w, const std::vector<NetworkResource>& networks) {
  if (networks.empty()) return w.null();
  w.begin_array();
  for (const auto& network : networks) {
    Members members(w);
    members.add("Mode", network.mode.empty() ? std::string("host") : network.mode)
        .add("Device", network.device)
        .add("MacAddress", std::string())
        .add("Speed", network.mbits);
    write_address(members.under("Addresses"), network.ip);
  }
  w.end_array();
}

void write_node_resources(json::Writer& w, const Node& node) {
  Members members(w);
  {
    const auto cores = number_of(node.attributes.find("cpu.numcores"));
    Members cpu(members.under("Cpu"));
    cpu.add("CpuShares", node.resources.cpu).add("TotalCpuCores", cores).null("ReservableCpuCores");
  }
  write_one(members.under("Memory"), "MemoryMB", node.resources.memory_mb);
  write_one(members.under("Disk"), "DiskMB", node.resources.disk_mb);
  members.add("Networks", node.resources.networks);
  write_node_networks(members.under("NodeNetworks"), node.resources.networks);
  members.add("Devices", node.resources.devices);
}

// "22,80,8500-8600"
std::string port_ranges(const std::vector<NetworkResource>& networks) {
  std::vector<std::int64_t> ports;
  for (const auto& network : networks)
    for (const auto& port : network.reserved_ports) ports.push_back(port.value);
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  std::string out;
  for (std::size_t i = 0; i < ports.size();) {
    std::size_t last = i;
    while (last + 1 < ports.size() && ports[last + 1] == ports[last] + 1) ++last;
    if (!out.empty()) out += ',';
    out += std::to_string(ports[i]);
    if (last > i) out += '-' + std::to_string(ports[last]);
    i = last + 1;
  }
  return out;
}

void write_reserved_resources(json::Writer& w, const Node& node) {
  Members members(w);
  {
    Members cpu(members.under("Cpu"));
    cpu.add("CpuShares", node.reserved.cpu).null("ReservedCpuCores");
  }
  write_one(members.under("Memory"), "MemoryMB", node.reserved.memory_mb);
  write_one(members.under("Disk"), "DiskMB", node.reserved.disk_mb);
  Members(members.under("Networks")).add("ReservedHostPorts", port_ranges(node.reserved.networks));
}

void write_identity(Members& members, const Node& node) {
  members.add("ID", node.id)
      .add("Datacenter", node.datacenter)
      .add("Name", node.name)
      .add("NodeClass", node.node_class)
      .add("Drain", node.drain.has_value())
      .add("SchedulingEligibility", node.eligibility)
      .add("Status", node.status)
      .add("StatusDescription", node.status_description)
      .add("Drivers", node.drivers)
      .null("HostVolumes")
      .null("LastDrain")
      .add("CreateIndex", node.create_index)
      .add("ModifyIndex", node.modify_index);
}

std::string host_of(const std::string& address) { return address.substr(0, address.rfind(':')); }

}  // namespace

std::string node_to_api(const Node& node, Shape shape) {
  json::Writer w;
  {
    Members members(w);
    write_identity(members, node);
    members.add("SecretID", std::string())
        .add("HTTPAddr", node.http_addr)
        .add("TLSEnabled", false)
        .add("Attributes", node.attributes)
        .add("Resources", node.resources)
        .add("Reserved", node.reserved)
        .add("Links", node.links)
        .add("Meta", node.meta)
        .add("ComputedClass", node.computed_class)
        .add("DrainStrategy", node.drain)
        .add("StatusUpdatedAt", node.status_updated_at.ns / 1'000'000'000)
        .add("Events", node.events)
        .null("CSIControllerPlugins")
        .null("CSINodePlugins");
    write_node_resources(members.under("NodeResources"), node);
    write_reserved_resources(members.under("ReservedResources"), node);
  }
  return shape == Shape::current ? w.take() : to_v0_1_2(w.view()).value();
}

std::string node_stub_to_api(const Node& node, bool with_resources) {
  json::Writer w;
  {
    Members members(w);
    write_identity(members, node);
    members.add("Address", host_of(node.http_addr));
    members.add("Version", std::string(node.attributes.find("nomad.version").value_or("")));
    if (with_resources) {
      write_node_resources(members.under("NodeResources"), node);
      write_reserved_resources(members.under("ReservedResources"), node);
    }
  }
  return w.take();
}

}  // namespace core::model
