// SPDX-License-Identifier: MPL-2.0
#include "agent/server/raft_wire.h"

#include <utility>
#include <vector>

#include "agent/config_ports.h"
#include "core/base/binary.h"
#include "core/base/limits.h"
#include "core/server/methods.h"

namespace agent::server {
namespace {

// A server's id is a UUID; a host name has at most 253 characters.
constexpr std::size_t kIdBytesMax = 64, kAddressBytesMax = 300;

struct Letter {
  core::raft::Received received;
  std::string address;  // of the sender
};

core::Result<Letter> decode(core::ByteView body) {
  core::Reader reader(body);
  TRY(const auto from, reader.string(kIdBytesMax));
  TRY(const auto address, reader.string(kAddressBytesMax));
  TRY(const auto rest, reader.raw(reader.remaining()));
  TRY(auto message, core::raft::decode_message(rest));
  return Letter{{core::ServerId{std::string(from)}, std::move(message)}, std::string(address)};
}

}  // namespace

RaftWire::RaftWire(net::uv::Loop& loop, net::rpc::ClientPool& pool, core::ServerId self, std::string address, Hooks hooks,
                   core::Logger logger)
    : loop_(loop), pool_(pool), self_(std::move(self)), address_(std::move(address)), hooks_(std::move(hooks)), log_(logger) {
  // On a later turn: the connection is in the middle of reading.
  pool_.on_up(lifetime_.guard([this](const net::uv::Address& address, const net::rpc::Peer&) {
    loop_.defer(lifetime_.guard([this, address] { reached(address); }));
  }));
  pool_.on_down(lifetime_.guard([this](const net::uv::Address& address, const core::Error&) { lost(address); }));
}

void RaftWire::serve(net::rpc::Dispatcher& dispatcher) {
  dispatcher.on_notice(core::server::kRaftMessage, net::rpc::kServers,
                       lifetime_.guard([this](core::ByteView body, const net::rpc::Peer&) { receive(body); }));
}

void RaftWire::receive(core::ByteView body) {
  auto letter = decode(body);
  if (!letter.ok()) {
    LOG(log_, warn, "dropped a message that is none of Raft's", {"error", letter.error()});
    return;
  }
  const auto& from = letter->received.from;
  if (!places_.contains(from)) {
    if (strangers_.size() >= core::limits::kRaftPeersMax) strangers_.erase(strangers_.begin());
    auto& stranger = strangers_[from];
    if (stranger.text != letter->address) stranger = {.text = std::move(letter->address), .address = {}, .lookup = {}, .unsent = {}};
  }
  hooks_.on_received(std::move(letter->received));
}

RaftWire::Place* RaftWire::look_up(const core::ServerId& id) {
  if (const auto it = places_.find(id); it != places_.end()) return &it->second;
  const auto it = strangers_.find(id);
  return it == strangers_.end() ? nullptr : &it->second;
}

void RaftWire::use(const core::raft::Configuration& configuration) {
  std::map<core::ServerId, Place> places;
  for (const auto& peer : configuration.peers) {
    if (peer.id == self_) continue;
    const auto known = places_.find(peer.id);
    if (known != places_.end() && known->second.text == peer.address) places.emplace(peer.id, std::move(known->second));
    else places.emplace(peer.id, Place{.text = peer.address, .address = {}, .lookup = {}, .unsent = {}});
  }
  places_ = std::move(places);
  std::erase_if(strangers_, [this](const auto& stranger) { return places_.contains(stranger.first); });
}

std::optional<net::uv::Address> RaftWire::find(const core::ServerId& id) {
  auto* place = look_up(id);
  if (place == nullptr) return std::nullopt;
  if (!place->address && !place->lookup) resolve(id, *place);
  return place->address;
}

void RaftWire::resolve(const core::ServerId& id, Place& place) {
  if (auto numeric = net::uv::parse_address(place.text); numeric.ok()) {
    place.address = std::move(*numeric);
    return;
  }
  const auto name = net::uv::parse_host_port(place.text, config::kRpcPort);
  if (!name.ok()) return;
  place.lookup.emplace(loop_, *name, [this, id](core::Result<std::vector<net::uv::Address>> found) {
    auto* asked = look_up(id);
    if (found.ok()) asked->address = found->front();
    else LOG(log_, warn, "a server's name does not resolve", {"name", asked->text}, {"error", found.error()});
    loop_.defer(lifetime_.guard([this, id] {
      if (auto* place = look_up(id)) place->lookup.reset();
    }));
  });
}

void RaftWire::send(const core::raft::Envelope& envelope) {
  const auto address = find(envelope.to);
  if (!address) return;
  core::Writer writer;
  writer.string(self_.text);
  writer.string(address_);
  writer.raw(core::raft::encode(envelope.message));
  const auto sent = pool_.notify(*address, core::server::kRaftMessage, writer.bytes());
  look_up(envelope.to)->unsent = sent.ok() ? core::Bytes() : writer.bytes();
  if (!sent.ok()) LOG(log_, trace, "message not sent yet", {"to", envelope.to}, {"error", sent.error()});
}

void RaftWire::reached(const net::uv::Address& address) {
  for (auto* places : {&places_, &strangers_})
    for (auto& [id, place] : *places)
      if (place.address == address && !place.unsent.empty())
        static_cast<void>(pool_.notify(address, core::server::kRaftMessage, std::exchange(place.unsent, {})));
}

void RaftWire::lost(const net::uv::Address& address) {
  std::vector<core::ServerId> unreachable;
  for (auto& [id, place] : places_) {
    if (place.address != address) continue;
    if (!net::uv::parse_address(place.text).ok()) place.address.reset();
    unreachable.push_back(id);
  }
  for (const auto& id : unreachable) hooks_.on_unreachable(id);
}

}  // namespace agent::server
