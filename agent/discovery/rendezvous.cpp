// SPDX-License-Identifier: MPL-2.0
#include "agent/discovery/rendezvous.h"

#include <utility>

#include "net/secure/keys.h"

namespace agent::discovery {
namespace {

const core::Error kDenied{core::Errc::denied, "Permission denied"};

}  // namespace

Rendezvous::Rendezvous(std::string token, RendezvousRegistry registry) : token_digest_(net::secure::secret_digest(token)), registry_(std::move(registry)) {
  ASSERT(!token.empty());
}

// Digests are of one length, so that the time of the comparison tells not even that of the token.
bool Rendezvous::knows(std::string_view token) const { return net::secure::same_secret(net::secure::secret_digest(token), token_digest_); }

core::Result<std::string> Rendezvous::visit(std::string_view token, core::ByteView body, core::Instant now) {
  if (!knows(token)) return kDenied;
  if (body.size() > kRendezvousBodyBytesMax) return core::Error{core::Errc::too_large, "a visit is at most " + std::to_string(kRendezvousBodyBytesMax) + " bytes"};
  TRY(const auto visit, core::from_json<RendezvousVisit>(body));
  TRY(validate(visit));
  TRY(auto others, registry_.visit(visit, now));
  return core::to_json(RendezvousAnswer{.ttl = registry_.ttl(), .peers = std::move(others)});
}

core::Status Rendezvous::leave(std::string_view token, const std::string& infrastructure, const std::string& address) {
  if (!knows(token)) return kDenied;
  registry_.leave(infrastructure, address);
  return core::ok_status();
}

}  // namespace agent::discovery
