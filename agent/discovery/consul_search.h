// SPDX-License-Identifier: MPL-2.0
// One search for servers in Consul's catalog, without I/O: which datacenters there are, then who is in each, the
// nearest first and the others in random order. A datacenter that cannot be asked keeps nothing from the others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/discovery/source.h"
#include "core/base/bytes.h"
#include "core/base/rng.h"

namespace agent::discovery {

class ConsulSearch {
 public:
  struct Rules {
    std::string service, tag;
    std::size_t datacenters_max = 0;
    bool first_is_enough = false;  // stop at the first datacenter that has any
  };
  // `rng` outlives it.
  ConsulSearch(Rules rules, core::Rng& rng) : rules_(std::move(rules)), rng_(rng) {}

  // What to GET next; nothing: the search is over. The answer goes to answered().
  std::optional<std::string> next() const;
  void answered(const core::Result<core::Bytes>& body);
  // All that were found; the first error if that is nobody and there was one. REQUIRES: it is over.
  core::Result<Addresses> outcome() const;

 private:
  void heard_datacenters(const core::Result<core::Bytes>& body);
  void heard_servers(const core::Result<core::Bytes>& body);

  Rules rules_;
  core::Rng& rng_;
  bool knows_datacenters_ = false;
  std::vector<std::string> datacenters_;  // still to be asked, the last first
  Addresses found_;
  std::optional<core::Error> first_error_;
};

}  // namespace agent::discovery
