// SPDX-License-Identifier: MPL-2.0
// What is read from and written to a Consul agent's HTTP API, without I/O. An answer that is not what Consul would
// say is Errc::corrupt; one address that cannot be used among others is left out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/discovery/source.h"
#include "core/base/bytes.h"
#include "core/base/fields.h"

namespace agent::discovery {

// Of GET /v1/agent/self, what describes a node; empty where it does not say.
struct ConsulSelf {
  std::string version, revision, datacenter, name, segment;
  bool server = false;
  friend bool operator==(const ConsulSelf&, const ConsulSelf&) = default;
};
core::Result<ConsulSelf> decode_consul_self(core::ByteView body);

// GET /v1/catalog/datacenters: at least one, the nearest first.
core::Result<std::vector<std::string>> decode_consul_datacenters(core::ByteView body);

// GET /v1/catalog/service/<name>: where its instances are, in order, each once, at most kAddressesMax.
core::Result<Addresses> decode_consul_addresses(core::ByteView body);

// An instance of a service as it is advertised, with the one check Consul is to make of it.
struct ConsulService {
  std::string id, name, address;
  std::uint16_t port = 0;
  std::vector<std::string> tags;
  struct Check {
    std::string id, name;
    std::string http;  // a URL, or
    std::string tcp;   // host:port
    std::string interval = "10s", timeout = "3s";
  } check;
};
// The body of PUT /v1/agent/service/register.
std::string encode_registration(const ConsulService& service);

// GET /v1/agent/services: id -> how it is registered. `check` is not told.
core::Result<std::map<std::string, ConsulService>> decode_registered(core::ByteView body);

}  // namespace agent::discovery
