// SPDX-License-Identifier: MPL-2.0
// What agents put between gossip and the network (net/gossip_gate.h), for each member: packets sealed under its
// keyring, and what is refused counted and logged. Keeps an eye on the log: once a minute for each source.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "net/gossip_gate.h"
#include "tests/support/gossip_world.h"

namespace sim::gossip {

inline constexpr const char* kCluster = "simulated";

class SealedWire : public test::GossipWire {
 public:
  // Told of every packet (stream: of every question), whether it is lost or not.
  using Tap = std::function<void(Member from, Member to, bool stream, const core::Bytes& sealed)>;

  explicit SealedWire(test::World& world);
  ~SealedWire() override;
  void on_carried(Tap tap) { tap_ = std::move(tap); }

  void start(Member member, core::gossip::Identity identity) override;
  core::Bytes seal(Member from, core::ByteView bytes) override;
  core::Result<std::vector<core::gossip::Message>> open_packet(Member to, const core::gossip::Endpoint& from, core::ByteView sealed) override;
  core::Result<core::gossip::Exchanged> open_exchange(Member to, const core::gossip::Endpoint& from, core::ByteView sealed) override;
  void carried(Member from, Member to, bool stream, const core::Bytes& sealed) override {
    if (tap_) tap_(from, to, stream, sealed);
  }

  // How often this member's life refused something, or let it in.
  std::uint64_t refused(Member member) const;
  std::uint64_t opened(Member member) const;
  // Did this life of the member let it in?
  bool was_opened(Member member, const core::Bytes& sealed) const;
  // So many of the sealed packets last let in are known by their digest; zero: none is kept.
  void remember_opened(std::size_t count) { remembered_ = count; }

  // What operators do with `nomad operator keyring`: all members get a new key, then all seal with it, then all drop
  // the old one; one member after the other, those that start meanwhile as far as the others are.
  void begin_rotation(core::Rng& rng);
  void install(Member member);
  void begin_use() { used_ = 1; }
  void use(Member member);
  void remove(Member member);
  void end_rotation();
  // One that was thrown out of the ring; null if there is none yet.
  const net::secure::Key* retired_key() const { return retired_.empty() ? nullptr : &retired_.back(); }
  const net::secure::Key& key() const { return keys_.front(); }

 private:
  struct Place;
  Place& place(Member member);
  void note_opened(Place& place, core::ByteView sealed);

  test::World& world_;
  Tap tap_;
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<net::secure::Key> keys_;     // the old one and, while keys are changed, the new one
  std::size_t used_ = 0;                   // which of them who starts now seals with
  std::vector<net::secure::Key> retired_;
  std::uint64_t sessions_ = 0;
  std::size_t remembered_ = 0;
};

net::secure::Key draw_key(core::Rng& rng);

}  // namespace sim::gossip
