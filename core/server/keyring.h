// SPDX-License-Identifier: MPL-2.0
// The keys of gossip: what operators do with them on all servers, and what servers say of it to each other,
// whatever their region. Bodies are JSON of the field lists; keys are base64.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/fields.h"

namespace core::server {

enum class KeyringOp : std::uint8_t { list, install, use, remove };
constexpr std::array<std::string_view, 4> words(KeyringOp) { return {"list", "install", "use", "remove"}; }

// To one server, by its name, so that nobody hands it on to another one.
struct KeyringQuestion {
  KeyringOp op = KeyringOp::list;
  std::string key;
  std::string to;
  std::uint64_t life = 0;  // of the one asked, as it told it with its list; what changes nothing needs none
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Op", self.op);
    visit("Key", self.key);
    visit("To", self.to);
    visit("Life", self.life);
  }
};

struct KeyringAnswer {
  std::string refused;            // why; empty: done
  std::vector<std::string> keys;  // to a question for the list: primary first
  std::uint64_t life = 0;         // another one after each start
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Refused", self.refused);
    visit("Keys", self.keys);
    visit("Life", self.life);
  }
};

// What came of it on all servers that live.
struct KeyringReport {
  std::map<std::string, std::uint64_t> keys;  // when the list was asked for: on how many servers each is
  std::uint64_t servers = 0;
};

}  // namespace core::server
