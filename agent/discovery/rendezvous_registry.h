// SPDX-License-Identifier: MPL-2.0
// Who visited a rendezvous lately, by infrastructure. In memory only: an entry lives as long as its server comes back
// in time, and a rendezvous that starts anew is told again by all of them. No I/O, time is passed in.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/discovery/rendezvous_messages.h"
#include "agent/discovery/source.h"
#include "core/base/deadlines.h"

namespace agent::discovery {

class RendezvousRegistry {
 public:
  struct Limits {
    std::size_t entries = 16384;            // of all infrastructures: some MB
    std::size_t of_one = kAddressesMax;     // of an infrastructure
    core::Duration ttl = std::chrono::seconds(30);
  };
  RendezvousRegistry() = default;
  explicit RendezvousRegistry(Limits limits) : limits_(limits) {}

  // Enters the server, or refreshes its entry; two at one address are one. The others of its infrastructure, in order
  // of address. Errc::busy: it is new and there is no room. REQUIRES: validate(visit), `now` never falls.
  core::Result<std::vector<RendezvousPeer>> visit(const RendezvousVisit& visit, core::Instant now);
  // Whoever is not there stays so.
  void leave(const std::string& infrastructure, const std::string& address);

  core::Duration ttl() const { return limits_.ttl; }
  // Entries, those that nobody refreshed in time included until the next visit.
  std::size_t size() const { return entries_.size(); }

 private:
  using Key = std::pair<std::string, std::string>;  // infrastructure, address
  std::vector<RendezvousPeer> of(const std::string& infrastructure) const;

  Limits limits_;
  std::map<Key, RendezvousPeer> entries_;
  core::Deadlines<Key> deadlines_;
};

}  // namespace agent::discovery
