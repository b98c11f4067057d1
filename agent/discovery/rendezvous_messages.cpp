// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/rendezvous_messages.h"

#include <algorithm>
#include <cctype>

#include "agent/config_atlas.h"
#include "agent/discovery/source.h"

namespace agent::discovery {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kRendezvousNameBytesMax &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

core::Status validate(const RendezvousVisit& visit) {
  const auto wrong = [](std::string what) { return core::Error{core::Errc::invalid, std::move(what)}; };
  if (!config::is_infrastructure(visit.infrastructure)) return wrong("Infrastructure: 1 to 128 letters, digits, '.', '_', '-' and '/'");
  if (!is_name(visit.peer.name)) return wrong("Peer.Name: 1 to 128 characters, no space");
  if (!is_name(visit.peer.region)) return wrong("Peer.Region: 1 to 128 characters, no space");
  if (!usable_address(visit.peer.address)) return wrong("Peer.Address: host:port");
  return core::ok_status();
}

}  // namespace agent::discovery
