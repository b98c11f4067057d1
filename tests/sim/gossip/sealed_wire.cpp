// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/gossip/sealed_wire.h"

#include <deque>
#include <optional>
#include <utility>

namespace sim::gossip {
namespace {

using core::gossip::Endpoint;

// Reads a gate's log: a warning names its source.
class RefusalLog : public core::Sink {
 public:
  explicit RefusalLog(test::World& world) : world_(world) {}

  bool enabled(core::Level level) const override { return level >= core::Level::warn; }
  void write(core::Level, std::string_view text) override {
    const auto begin = text.find("from=");
    if (begin == std::string_view::npos) return;
    const std::string source(text.substr(begin, text.find(" reason=") - begin));
    const auto [it, first] = told_.try_emplace(source, world_.now());
    if (!first && world_.now() - it->second < std::chrono::minutes(1)) world_.fail("refusals are logged more than once a minute " + source);
    it->second = world_.now();
  }

 private:
  test::World& world_;
  std::map<std::string, core::Instant> told_;
};

}  // namespace

struct SealedWire::Place {
  explicit Place(test::World& world) : log(world) {}
  RefusalLog log;
  std::optional<net::GossipGate> gate;
  std::uint64_t opened = 0;
  std::deque<core::Digest> order;
  std::set<core::Digest> seen;
};

net::secure::Key draw_key(core::Rng& rng) {
  std::array<unsigned char, net::secure::kKeyBytes> bytes{};
  for (auto& byte : bytes) byte = static_cast<unsigned char>(rng.below(256));
  return net::secure::Key(bytes);
}

SealedWire::SealedWire(test::World& world) : world_(world) {
  auto rng = world.rng().fork();
  keys_.push_back(draw_key(rng));
}
SealedWire::~SealedWire() = default;

SealedWire::Place& SealedWire::place(Member member) {
  while (places_.size() <= member) places_.push_back(std::make_unique<Place>(world_));
  return *places_[member];
}

void SealedWire::start(Member member, core::gossip::Identity identity) {
  (void)place(member);
  places_[member] = std::make_unique<Place>(world_);
  auto& at = *places_[member];
  net::secure::Keyring ring(keys_[used_]);
  for (const auto& key : keys_) ring.add(key);
  at.gate.emplace(std::move(ring), net::secure::Packets::Options{.cluster = kCluster, .sender = identity.value, .session = ++sessions_},
                  core::Logger(at.log, "gossip"));
}

core::Bytes SealedWire::seal(Member from, core::ByteView bytes) { return place(from).gate->seal(bytes); }

void SealedWire::note_opened(Place& at, core::ByteView sealed) {
  ++at.opened;
  if (remembered_ == 0) return;
  const auto digest = core::digest({sealed});
  if (!at.seen.insert(digest).second) world_.fail("a packet was let in twice");
  at.order.push_back(digest);
  if (at.order.size() <= remembered_) return;
  at.seen.erase(at.order.front());
  at.order.pop_front();
}

core::Result<std::vector<core::gossip::Message>> SealedWire::open_packet(Member to, const Endpoint& from, core::ByteView sealed) {
  auto& at = place(to);
  auto opened = at.gate->open_packet(sealed, from.ip, world_.now());
  if (opened.ok()) note_opened(at, sealed);
  return opened;
}

core::Result<core::gossip::Exchanged> SealedWire::open_exchange(Member to, const Endpoint& from, core::ByteView sealed) {
  auto& at = place(to);
  TRY(const auto opened, at.gate->open(sealed, from.ip, world_.now()));
  note_opened(at, sealed);
  return at.gate->read_exchange(opened, from.ip, world_.now());
}

std::uint64_t SealedWire::refused(Member member) const { return places_.at(member)->gate->refused(); }
std::uint64_t SealedWire::opened(Member member) const { return places_.at(member)->opened; }
bool SealedWire::was_opened(Member member, const core::Bytes& sealed) const { return places_.at(member)->seen.contains(core::digest({sealed})); }

void SealedWire::begin_rotation(core::Rng& rng) { keys_.push_back(draw_key(rng)); }

void SealedWire::install(Member member) { place(member).gate->keys().add(keys_.back()); }

void SealedWire::use(Member member) {
  if (!place(member).gate->keys().use(keys_.back()).ok()) world_.fail("a key that was installed cannot be used");
}

void SealedWire::remove(Member member) {
  const auto removed = place(member).gate->keys().remove(keys_.front());
  if (!removed.ok() && removed.error().code != core::Errc::not_found) world_.fail("a key that is used no more cannot be removed");
}

void SealedWire::end_rotation() {
  retired_.push_back(keys_.front());
  keys_.erase(keys_.begin());
  used_ = 0;
}

}  // namespace sim::gossip
