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

Result<Exchanged> GossipSocket::open_exchange(ByteView sealed) {
  TRY(const auto bytes, packets_.open(sealed));
  return core::gossip::decode_exchange(bytes);
}

void GossipSocket::ask(const core::gossip::Exchange& exchange, uv::Done<Exchanged> done) {
  const auto number = next_question_++;
  const auto to = address_of(exchange.to);
  const FrameQuestion::Options options{.timeout = exchange.timeout, .answer_bytes_max = kExchangeBytesMax};
  questions_.try_emplace(number, loop_, to, packets_.seal(encode(exchange.question)), options,
                         [this, number, to, done = std::move(done)](Result<core::Bytes> sealed) {
                           const auto question = questions_.extract(number);
                           if (!sealed.ok()) return done(sealed.error());
                           auto answer = open_exchange(*sealed);
                           if (!answer.ok()) refusals_.note(to.ip, answer.error(), loop_.now());
                           done(std::move(answer));
                         });
}

void GossipSocket::on_question(FrameAnswerer::Ticket ticket, ByteView sealed, const uv::Address& from) {
  auto question = open_exchange(sealed);
  if (question.ok()) return handlers_.on_question({ticket, std::move(*question)});
  streams_->drop(ticket);
  refusals_.note(from.ip, question.error(), loop_.now());
}

void GossipSocket::answer(const core::gossip::Answer& answer) { streams_->answer(answer.ticket, packets_.seal(encode(answer.answer))); }

}  // namespace net
