// SPDX-License-Identifier: MPL-2.0
// The rendezvous that an agent offers: who shows the token may enter a server and learns of the others. Bytes in, JSON
// out; agent/http does the rest.
#pragma once

#include <string>
#include <string_view>

#include "agent/discovery/rendezvous_registry.h"
#include "core/base/bytes.h"

namespace agent::discovery {

class Rendezvous {
 public:
  // REQUIRES: a token.
  explicit Rendezvous(std::string token, RendezvousRegistry registry = {});

  // The answer to a visit. Errors: denied (another token), invalid, too_large, busy.
  core::Result<std::string> visit(std::string_view token, core::ByteView body, core::Instant now);
  // Errors: denied.
  core::Status leave(std::string_view token, const std::string& infrastructure, const std::string& address);

 private:
  bool knows(std::string_view token) const;

  std::string token_digest_;
  RendezvousRegistry registry_;
};

}  // namespace agent::discovery
