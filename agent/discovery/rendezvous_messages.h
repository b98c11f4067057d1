// SPDX-License-Identifier: MPL-2.0
// What servers and a rendezvous say to each other: docs/protocols/rendezvous.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/fields.h"

namespace agent::discovery {

inline constexpr std::string_view kRendezvousPath = "/v1/rendezvous";
inline constexpr std::string_view kRendezvousTokenHeader = "X-Atlas-Token";
// One server's words about itself: four short texts.
inline constexpr std::size_t kRendezvousBodyBytesMax = 4096;
inline constexpr std::size_t kRendezvousNameBytesMax = 128;

struct RendezvousPeer {
  std::string name, region, address;  // where its gossip is reached: "host:port"
  friend bool operator==(const RendezvousPeer&, const RendezvousPeer&) = default;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Name", self.name);
    visit("Region", self.region);
    visit("Address", self.address);
  }
};

struct RendezvousVisit {
  std::string infrastructure;
  RendezvousPeer peer;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Infrastructure", self.infrastructure);
    visit("Peer", self.peer);
  }
};

struct RendezvousAnswer {
  core::Duration ttl{};               // of the entry, unless it is refreshed
  std::vector<RendezvousPeer> peers;  // the others
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("TTL", self.ttl);
    visit("Peers", self.peers);
  }
};

// Errc::invalid: what is wrong with it.
core::Status validate(const RendezvousVisit& visit);

}  // namespace agent::discovery
