// SPDX-License-Identifier: MPL-2.0
#include "net/gossip_socket.h"

#include <utility>

#include "core/base/limits.h"

namespace net {
namespace {

using core::ByteView;
using core::Error;
using core::Result;
using core::gossip::Exchanged;

constexpr std::size_t kExchangeBytesMax = core::limits::kGossipExchangeBytesMax + secure::kPacketOverheadBytes;
constexpr std::size_t kPacketBytesMax = core::limits::kGossipPacketBytesMax + secure::kPacketOverheadBytes;
constexpr std::size_t kStreamsMax = 64;

// What begins with it is between hosts; exchanges of gossip begin with their version.
constexpr char kHostMark = 'H';

core::Bytes marked(ByteView message) { return kHostMark + core::Bytes(message); }

uv::Address address_of(const core::gossip::Endpoint& endpoint) { return {endpoint.ip, endpoint.port}; }

}  // namespace

GossipSocket::GossipSocket(uv::Loop& loop, Options options, Handlers handlers, core::Logger logger)
    : loop_(loop),
      handlers_(std::move(handlers)),
      packets_(std::move(options.keys), std::move(options.packets)),
      refusals_(std::move(logger), "refused what came to the gossip port") {}

Result<std::unique_ptr<GossipSocket>> GossipSocket::open(uv::Loop& loop, Options options, Handlers handlers, core::Logger logger) {
  auto address = options.address;
  std::unique_ptr<GossipSocket> socket(new GossipSocket(loop, std::move(options), std::move(handlers), std::move(logger)));
  auto* self = socket.get();
  TRY(auto udp,
      uv::UdpSocket::bind(loop, address, [self](ByteView datagram, const uv::Address& from) { self->on_datagram(datagram, from); }));
  socket->udp_ = std::make_unique<uv::UdpSocket>(std::move(udp));
  address.port = socket->udp_->local().port;
  TRY(socket->streams_,
      FrameAnswerer::listen(
          loop, address, {.question_bytes_max = kExchangeBytesMax, .connections_max = kStreamsMax},
          {.on_question = [self](auto ticket, ByteView question, const uv::Address& from) { self->on_question(ticket, question, from); },
           .on_refused = [self](const uv::Address& from, const Error& why) { self->refusals_.note(from.ip, why, self->loop_.now()); }}));
  return socket;
}

void GossipSocket::send(const core::gossip::Packet& packet) { (void)udp_->send(address_of(packet.to), packets_.seal(packet.bytes)); }

void GossipSocket::on_datagram(ByteView datagram, const uv::Address& from) {
  const auto decoded = [&]() -> Result<std::vector<core::gossip::Message>> {
    if (datagram.size() > kPacketBytesMax) return Error{core::Errc::too_large, "packet of " + std::to_string(datagram.size()) + " bytes"};
    TRY(const auto packet, packets_.open(datagram));
    return core::gossip::decode_packet(packet);
  }();
  if (!decoded.ok()) return refusals_.note(from.ip, decoded.error(), loop_.now());
  handlers_.on_packet({{from.ip, from.port}, *decoded});
}

void GossipSocket::question(const core::gossip::Endpoint& endpoint, ByteView bytes, core::Duration timeout, uv::Done<core::Bytes> done) {
  const auto number = next_question_++;
  const auto to = address_of(endpoint);
  const FrameQuestion::Options options{.timeout = timeout, .answer_bytes_max = kExchangeBytesMax};
  questions_.try_emplace(number, loop_, to, packets_.seal(bytes), options, [this, number, to, done = std::move(done)](Result<core::Bytes> sealed) {
    const auto question = questions_.extract(number);
    if (!sealed.ok()) return done(std::move(sealed));
    auto answer = packets_.open(*sealed);
    if (!answer.ok()) refusals_.note(to.ip, answer.error(), loop_.now());
    done(std::move(answer));
  });
}

void GossipSocket::ask(const core::gossip::Exchange& exchange, uv::Done<Exchanged> done) {
  question(exchange.to, encode(exchange.question), exchange.timeout, [this, ip = exchange.to.ip, done = std::move(done)](const Result<core::Bytes>& bytes) {
    if (!bytes.ok()) return done(bytes.error());
    auto answer = core::gossip::decode_exchange(*bytes);
    if (!answer.ok()) refusals_.note(ip, answer.error(), loop_.now());
    done(std::move(answer));
  });
}

void GossipSocket::ask_host(const core::gossip::Endpoint& to, ByteView message, core::Duration timeout, uv::Done<core::Bytes> done) {
  question(to, marked(message), timeout, [done = std::move(done)](Result<core::Bytes> bytes) {
    if (!bytes.ok()) return done(std::move(bytes));
    if (!bytes->starts_with(kHostMark)) return done(Error{core::Errc::corrupt, "not a host's answer"});
    done(bytes->substr(1));
  });
}

core::Status GossipSocket::take_question(FrameAnswerer::Ticket ticket, ByteView sealed) {
  TRY(const auto bytes, packets_.open(sealed));
  if (bytes.starts_with(kHostMark) && handlers_.on_host_question) {
    handlers_.on_host_question(ticket, ByteView(bytes).substr(1));
    return core::ok_status();
  }
  TRY(auto question, core::gossip::decode_exchange(bytes));
  handlers_.on_question({ticket, std::move(question)});
  return core::ok_status();
}

void GossipSocket::on_question(FrameAnswerer::Ticket ticket, ByteView sealed, const uv::Address& from) {
  const auto taken = take_question(ticket, sealed);
  if (taken.ok()) return;
  streams_->drop(ticket);
  refusals_.note(from.ip, taken.error(), loop_.now());
}

void GossipSocket::answer(const core::gossip::Answer& answer) { streams_->answer(answer.ticket, packets_.seal(encode(answer.answer))); }

void GossipSocket::answer_host(FrameAnswerer::Ticket ticket, ByteView answer) { streams_->answer(ticket, packets_.seal(marked(answer))); }

}  // namespace net
