// SPDX-License-Identifier: MPL-2.0
// News waiting to be passed on (SWIM §4.1): each piece rides on the packets of its time until it was
// told often enough, those told least first. One piece a subject: newer news about it replaces older.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace core::gossip {

class Broadcasts {
 public:
  // `message` is encoded as it goes into a packet.
  void put(std::string subject, Bytes message);
  void drop(const std::string& subject);
  // Appends what fits into `room` bytes to `out`, and counts it as told once more; forgets what was told
  // `limit` times. Returns how many bytes were added.
  std::size_t take(std::size_t room, std::uint32_t limit, Bytes& out);

  bool empty() const { return news_.empty(); }
  std::size_t size() const { return news_.size(); }

 private:
  struct News {
    Bytes message;
    std::uint32_t told = 0;
    std::uint64_t age = 0;  // counts down: the newest is the smallest
  };
  struct Turn {
    std::uint32_t told;
    std::uint64_t age;
    std::string subject;
    friend auto operator<=>(const Turn&, const Turn&) = default;
  };
  void shed();

  std::map<std::string, News> news_;
  std::set<Turn> turns_;
  std::uint64_t next_age_ = ~std::uint64_t{0};
};

}  // namespace core::gossip
