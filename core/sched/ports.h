// SPDX-License-Identifier: MPL-2.0
// Ports and bandwidth of one node: what is taken, and concrete networks for what a task asks for.
// Static ports are given as asked or not at all; dynamic ones are drawn from a range. Schedulers build
// an index for the nodes they are about to use; the leader builds one to check a plan against the
// newest state, so that both answer by the same code.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/rng.h"
#include "core/model/alloc.h"
#include "core/model/node.h"
#include "core/model/plan.h"

namespace core::sched {

// Dynamic ports, both ends included. It lies below the range that kernels give to outgoing connections.
struct PortRange {
  std::int64_t first = 20000;
  std::int64_t last = 32000;
};

// Networks by task name, "" for the group's: the form of Placement::networks.
using Networks = std::map<std::string, std::vector<model::NetworkResource>>;

class PortIndex {
 public:
  // Knows the node's addresses and what the node itself keeps: reserved ports (on all addresses when
  // the reservation names none) and reserved bandwidth.
  explicit PortIndex(const model::Node& node);

  void add(const model::Allocation& alloc);
  void add(const Networks& networks);
  void remove(const model::Allocation& alloc);

  // True when `networks` cannot join: a port of theirs is taken or named twice, is on an address the
  // node does not have, or a device would carry more than it can. Bandwidth that was overdrawn before
  // is no collision for networks that ask for none.
  bool collides(const Networks& networks) const;

  // Concrete networks for `ask`, one for each asked, or why not in Nomad's words: "no networks
  // available", "bandwidth exceeded", "reserved port collision LABEL=PORT", "dynamic port selection
  // failed". Nothing is taken: add() the answer to take it.
  Result<Networks> offer(const Networks& ask, PortRange dynamic, Rng& rng) const;

 private:
  struct Address {
    std::string ip;
    std::size_t device;
    std::vector<std::uint64_t> taken;  // a bit a port
  };
  struct Device {
    std::string name;
    std::int64_t mbits;
    std::int64_t used = 0;
  };

  std::size_t device(const std::string& name, std::int64_t mbits);
  void reserve(const model::NetworkResource& reserved);
  void set(const model::NetworkResource& network, bool taken);
  bool try_add(const model::NetworkResource& network);
  Result<model::NetworkResource> offer_one(const model::NetworkResource& ask, PortRange dynamic, Rng& rng) const;
  Result<model::NetworkResource> offer_at(const Address& address, const model::NetworkResource& ask,
                                          PortRange dynamic, Rng& rng) const;

  std::vector<Address> addresses_;
  std::vector<Device> devices_;
};

// What a group asks of the network, by task; empty when it asks for nothing.
Networks network_ask(const model::PlanGroup& group);

}  // namespace core::sched
