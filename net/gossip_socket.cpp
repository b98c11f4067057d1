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
constexpr std::size_t kStreamsMax = 64;

// What begins with it is between hosts; exchanges of gossip begin with their version.
constexpr char kHostMark = 'H';

core::Bytes marked(ByteView message) { return kHostMark + core::Bytes(message); }

uv::Address address_of(const core::gossip::Endpoint& endpoint) { return {endpoint.ip, endpoint.port}; }

}  // namespace

GossipSocket::GossipSocket(uv::Loop& loop, Options options, Handlers handlers, core::Logger logger)
    : loop_(loop),
      handlers_(std::move(handlers)),
      gate_(std::move(options.keys), std::move(options.packets), std::move(logger)) {}

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
           .on_refused = [self](const uv::Address& from, const Error& why) { self->gate_.refuse(from.ip, why, self->loop_.now()); }}));
  return socket;
}

void GossipSocket::send(const core::gossip::Packet& packet) { (void)udp_->send(address_of(packet.to), gate_.seal(packet.bytes)); }

void GossipSocket::on_datagram(ByteView datagram, const uv::Address& from) {
  auto messages = gate_.open_packet(datagram, from.ip, loop_.now());
  if (messages.ok()) handlers_.on_packet({{from.ip, from.port}, std::move(*messages)});
}

void GossipSocket::question(const core::gossip::Endpoint& endpoint, ByteView bytes, core::Duration timeout, uv::Done<core::Bytes> done) {
  const auto number = next_question_++;
  const auto to = address_of(endpoint);
  const FrameQuestion::Options options{.timeout = timeout, .answer_bytes_max = kExchangeBytesMax};
  questions_.try_emplace(number, loop_, to, gate_.seal(bytes), options, [this, number, to, done = std::move(done)](Result<core::Bytes> sealed) {
    const auto question = questions_.extract(number);
    if (!sealed.ok()) return done(std::move(sealed));
    done(gate_.open(*sealed, to.ip, loop_.now()));
  });
}

void GossipSocket::ask(const core::gossip::Exchange& exchange, uv::Done<Exchanged> done) {
  question(exchange.to, encode(exchange.question), exchange.timeout, [this, ip = exchange.to.ip, done = std::move(done)](const Result<core::Bytes>& bytes) {
    if (!bytes.ok()) return done(bytes.error());
    done(gate_.read_exchange(*bytes, ip, loop_.now()));
  });
}

void GossipSocket::ask_host(const core::gossip::Endpoint& to, ByteView message, core::Duration timeout, uv::Done<core::Bytes> done) {
  question(to, marked(message), timeout, [done = std::move(done)](Result<core::Bytes> bytes) {
    if (!bytes.ok()) return done(std::move(bytes));
    if (!bytes->starts_with(kHostMark)) return done(Error{core::Errc::corrupt, "not a host's answer"});
    done(bytes->substr(1));
  });
}

core::Status GossipSocket::take_question(FrameAnswerer::Ticket ticket, ByteView sealed, const std::string& source) {
  TRY(const auto bytes, gate_.open(sealed, source, loop_.now()));
  if (bytes.starts_with(kHostMark) && handlers_.on_host_question) {
    handlers_.on_host_question(ticket, ByteView(bytes).substr(1));
    return core::ok_status();
  }
  TRY(auto question, gate_.read_exchange(bytes, source, loop_.now()));
  handlers_.on_question({ticket, std::move(question)});
  return core::ok_status();
}

void GossipSocket::on_question(FrameAnswerer::Ticket ticket, ByteView sealed, const uv::Address& from) {
  if (!take_question(ticket, sealed, from.ip).ok()) streams_->drop(ticket);
}

void GossipSocket::answer(const core::gossip::Answer& answer) { streams_->answer(answer.ticket, gate_.seal(encode(answer.answer))); }

void GossipSocket::answer_host(FrameAnswerer::Ticket ticket, ByteView answer) { streams_->answer(ticket, gate_.seal(marked(answer))); }

}  // namespace net
