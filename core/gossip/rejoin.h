// SPDX-License-Identifier: MPL-2.0
// What a member keeps for its next life: whom it knew, so that it can join again by itself, and numbers
// that must not fall. Text, a line a fact; docs/formats/gossip.md.
#pragma once

#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/gossip/member_table.h"

namespace core::gossip {

struct Remembered {
  std::uint64_t session = 0;  // of its packets
  LamportTime clock;
  struct Other {
    std::string name;
    Endpoint endpoint;
    friend bool operator==(const Other&, const Other&) = default;
  };
  std::vector<Other> others;  // who lived or had failed; who left is not looked for
};

Remembered remember(const MemberTable& members, const std::string& self, std::uint64_t session, LamportTime clock);
Bytes encode(const Remembered& remembered);
// Errc::corrupt names the line. Lines of a later version are skipped.
Result<Remembered> decode_remembered(ByteView text);

}  // namespace core::gossip
