// SPDX-License-Identifier: MPL-2.0
// What tasks ask for and nodes offer: cpu in MHz, memory and disk in MiB, networks and ports.
// JSON is the API's form. Ports and bandwidth are accounted by sched/ports.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/fields.h"

namespace core::model {

struct Port {
  std::string label;
  std::int64_t value = 0;  // host port; 0 until a dynamic one is allocated
  std::int64_t to = 0;     // port inside the task's namespace; 0 means the same
  std::string host_network = "default";
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Label", self.label);
    visit("Value", self.value);
    visit("To", self.to);
    visit("HostNetwork", self.host_network);
  }
  friend bool operator==(const Port& a, const Port& b) { return same_fields(a, b); }
};
// Reads an object, a string (a label, v0.1.2 dynamic port) or a number (a static port).
Status decode(json::Value v, Port& out);

struct NetworkResource {
  std::string mode;
  std::string device;
  std::string cidr;
  std::string ip;
  std::int64_t mbits = 0;
  json::Raw dns;
  std::vector<Port> reserved_ports;
  std::vector<Port> dynamic_ports;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Mode", self.mode);
    visit("Device", self.device);
    visit("CIDR", self.cidr);
    visit("IP", self.ip);
    visit("MBits", self.mbits);
    visit("DNS", self.dns);
    visit("ReservedPorts", self.reserved_ports);
    visit("DynamicPorts", self.dynamic_ports);
  }
  friend bool operator==(const NetworkResource& a, const NetworkResource& b) { return same_fields(a, b); }
};

struct Resources {
  std::int64_t cpu = 0;
  std::int64_t cores = 0;
  std::int64_t memory_mb = 0;
  std::int64_t memory_max_mb = 0;
  std::int64_t disk_mb = 0;
  std::int64_t iops = 0;
  std::vector<NetworkResource> networks;
  json::Raw devices;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("CPU", self.cpu);
    visit("Cores", self.cores);
    visit("MemoryMB", self.memory_mb);
    visit("MemoryMaxMB", self.memory_max_mb);
    visit("DiskMB", self.disk_mb);
    visit("IOPS", self.iops);
    visit("Networks", self.networks);
    visit("Devices", self.devices);
  }
  friend bool operator==(const Resources& a, const Resources& b) { return same_fields(a, b); }
};

// The additive part of resources: what bin packing counts.
struct Amount {
  std::int64_t cpu = 0;
  std::int64_t memory_mb = 0;
  std::int64_t disk_mb = 0;
  friend bool operator==(const Amount&, const Amount&) = default;
  Amount& operator+=(const Amount& other);
  Amount& operator-=(const Amount& other);
};
Amount amount(const Resources& resources);
// The first dimension ("cpu", "memory", "disk") in which `used` is over `capacity`; empty if it fits.
std::string_view over(const Amount& used, const Amount& capacity);

}  // namespace core::model
