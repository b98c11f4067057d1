// SPDX-License-Identifier: MPL-2.0
#include "core/gossip/messages.h"

#include <catch2/catch.hpp>

#include "core/base/digest.h"
#include "core/base/limits.h"
#include "core/base/rng.h"

using namespace core::gossip;
using core::Bytes;
using core::Errc;

namespace {

const Tags kTags{{"role", "nomad"}, {"region", "global"}};
const Alive kAlive{"web-1.global", {7}, {3}, {"10.1.2.3", 4648}, kTags};

std::vector<Message> one_of_each() {
  return {Ping{9, "b", {2}},
          PingRequest{10, "c", {3}, {"::1", 1}},
          Ack{11},
          Nack{12},
          kAlive,
          Suspect{"b", {8}, {4}, "c"},
          Dead{"b", {8}, {5}, "b"},
          JoinIntent{{6}, "d"},
          LeaveIntent{{7}, "d", true}};
}
Bytes packet_of(const std::vector<Message>& messages) {
  Bytes out(packet_start());
  for (const auto& m : messages) out += encode(m);
  return out;
}
SyncReply table() {
  return {
      {40}, 5, {{kAlive, Condition::alive, false, {1}, 0}, {{"b", {2}, {1}, {"10.0.0.2", 4648}, {}}, Condition::failed, true, {9}, 77}}};
}

}  // namespace

TEST_CASE("every message comes out of a packet as it went in", "[gossip][messages]") {
  const auto packet = packet_of(one_of_each());
  const auto decoded = decode_packet(packet);
  REQUIRE(decoded.ok());
  REQUIRE(decoded->size() == one_of_each().size());
  CHECK(packet_of(*decoded) == packet);
  const auto& a = std::get<Alive>((*decoded)[4]);
  CHECK(a.name == kAlive.name);
  CHECK(a.identity == kAlive.identity);
  CHECK(a.incarnation == kAlive.incarnation);
  CHECK(a.endpoint == kAlive.endpoint);
  CHECK(a.tags == kTags);
  CHECK(std::get<LeaveIntent>((*decoded)[8]).prune);
}

TEST_CASE("the bytes of a packet stay what they are", "[gossip][messages][golden]") {
  CHECK(core::hex(packet_of(one_of_each())) ==
        "01"
        "00130009000000000000000100620200000000000000"
        "011a000a00000000000000010063030000000000000003003a3a310100"
        "0208000b00000000000000"
        "0308000c00000000000000"
        "0448000c007765622d312e676c6f62616c07000000000000000300000000000000080031302e312e322e332812"
        "020600726567696f6e0600676c6f62616c0400726f6c6505006e6f6d6164"
        "05160001006208000000000000000400000000000000010063"
        "06160001006208000000000000000500000000000000010062"
        "070b000600000000000000010064"
        "080c00070000000000000001006401");
}

TEST_CASE("a packet that was cut anywhere is refused or shorter by whole messages", "[gossip][messages]") {
  const auto packet = packet_of(one_of_each());
  std::size_t whole = 0;
  for (std::size_t size = 0; size < packet.size(); ++size) {
    const auto decoded = decode_packet(core::ByteView(packet).substr(0, size));
    if (decoded.ok())
      ++whole;
    else
      CHECK(decoded.error().code == Errc::corrupt);
  }
  CHECK(whole == one_of_each().size());
}

TEST_CASE("changed bytes never crash a decoder, and what decodes is within limits", "[gossip][messages]") {
  const auto seed = GENERATE(range(1u, 30u));
  core::Rng rng(seed);
  const auto packet = packet_of(one_of_each()), reply = encode(Exchanged(table()));
  for (int round = 0; round < 300; ++round) {
    auto changed = round % 2 == 0 ? packet : reply;
    for (auto changes = 1 + rng.below(4); changes > 0; --changes) changed[rng.below(changed.size())] = static_cast<char>(rng.below(256));
    if (const auto decoded = decode_packet(changed); decoded.ok())
      for (const auto& m : *decoded)
        if (const auto* a = std::get_if<Alive>(&m)) CHECK(a->tags.size() <= core::limits::kGossipTagsMax);
    (void)decode_exchange(changed);
  }
}

TEST_CASE("kinds of a later version are skipped, another version is refused", "[gossip][messages]") {
  auto packet = packet_of({Ack{1}});
  packet += Bytes("\xc8\x03\x00xyz", 6);
  packet += encode(Message(Nack{2}));
  const auto decoded = decode_packet(packet);
  REQUIRE(decoded.ok());
  CHECK(decoded->size() == 2);
  packet[0] = 2;
  CHECK(decode_packet(packet).error().code == Errc::unsupported);
  CHECK(decode_exchange(Bytes("\x02\x00", 2)).error().code == Errc::unsupported);
  CHECK(decode_exchange(Bytes("\x01\x63", 2)).error().code == Errc::corrupt);
}

TEST_CASE("what is too large is refused before it is looked at", "[gossip][messages]") {
  CHECK(decode_packet(Bytes(core::limits::kGossipPacketBytesMax + 1, '\x01')).error().code == Errc::too_large);
  CHECK(decode_exchange(Bytes(core::limits::kGossipExchangeBytesMax + 1, '\x01')).error().code == Errc::too_large);
  auto named = encode(Message(Ping{1, std::string(core::limits::kGossipNameBytesMax + 1, 'x')}));
  CHECK(decode_packet(Bytes(packet_start()) + named).error().code == Errc::too_large);
  CHECK(decode_packet(Bytes(packet_start()) + encode(Message(Ping{1, ""}))).error().code == Errc::corrupt);
}

TEST_CASE("a table that claims more members than it has bytes for is refused", "[gossip][messages]") {
  auto bytes = encode(Exchanged(table()));
  REQUIRE(decode_exchange(bytes).ok());
  const std::size_t count_at = 2 + 8 + 8;
  for (const char claimed : {'\x00', '\x03', '\x7f'}) {
    bytes[count_at] = claimed;
    CHECK_FALSE(decode_exchange(bytes).ok());
  }
  bytes[count_at] = 2;
  bytes[count_at + 3] = '\x7f';  // two thousand million
  CHECK(decode_exchange(bytes).error().code == Errc::corrupt);
}

TEST_CASE("every exchange comes out as it went in", "[gossip][messages]") {
  SyncRequest request{{3}, {}, {{kAlive, Condition::alive, false, {1}, 0}}};
  request.digest[63] = 17;
  for (const auto& exchanged : {Exchanged(Ping{1, "b"}), Exchanged(Ack{2}), Exchanged(request), Exchanged(table())}) {
    const auto bytes = encode(exchanged);
    const auto decoded = decode_exchange(bytes);
    REQUIRE(decoded.ok());
    CHECK(encode(*decoded) == bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_exchange(core::ByteView(bytes).substr(0, size)).ok());
  }
}

TEST_CASE("the largest announcement fits one packet", "[gossip][messages]") {
  Alive largest{std::string(core::limits::kGossipNameBytesMax, 'n'), {1}, {1}, {std::string(core::limits::kGossipIpBytesMax, '1'), 1}, {}};
  for (std::size_t i = 0; i < core::limits::kGossipTagsMax; ++i) largest.tags.emplace("k" + std::to_string(100 + i), std::string(8, 'v'));
  CHECK(check(largest).ok());
  CHECK(packet_of({largest}).size() <= core::limits::kGossipPacketBytesMax);
  largest.tags.begin()->second += "v";
  CHECK_FALSE(check(largest).ok());
}
