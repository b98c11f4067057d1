// SPDX-License-Identifier: MPL-2.0
// Gossip's packets over UDP and its exchanges over TCP, on one port, all of them sealed.
//
// Over the same streams the hosts of gossip may ask each other what gossip knows nothing of.
//
// What may come in is gossip_gate.h's to say.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/base/log.h"
#include "core/gossip/io.h"
#include "net/frame_exchange.h"
#include "net/gossip_gate.h"
#include "net/uv/udp.h"

namespace net {

class GossipSocket {
 public:
  struct Options {
    uv::Address address;  // port 0: any that is free
    secure::Keyring keys;
    secure::Packets::Options packets;
  };
  struct Handlers {
    std::function<void(core::gossip::Received)> on_packet;
    std::function<void(core::gossip::Asked)> on_question;
    std::function<void(FrameAnswerer::Ticket, core::ByteView)> on_host_question = {};  // unset: none is answered
  };
  // Errors as for TcpListener.
  static core::Result<std::unique_ptr<GossipSocket>> open(uv::Loop& loop, Options options, Handlers handlers, core::Logger logger);

  // Sends and forgets.
  void send(const core::gossip::Packet& packet);
  // `done` is called once, unless this is destroyed before.
  void ask(const core::gossip::Exchange& exchange, uv::Done<core::gossip::Exchanged> done);
  void answer(const core::gossip::Answer& answer);
  // From host to host: bytes of theirs. Errors as for FrameQuestion; corrupt: what came is no answer.
  void ask_host(const core::gossip::Endpoint& to, core::ByteView question, core::Duration timeout, uv::Done<core::Bytes> done);
  // An answer, or nothing, to on_host_question.
  void answer_host(FrameAnswerer::Ticket ticket, core::ByteView answer);
  void drop_host(FrameAnswerer::Ticket ticket) { streams_->drop(ticket); }

  secure::Keyring& keys() { return gate_.keys(); }
  uv::Address local() const { return udp_->local(); }
  std::uint64_t refused() const { return gate_.refused(); }

 private:
  GossipSocket(uv::Loop& loop, Options options, Handlers handlers, core::Logger logger);
  void on_datagram(core::ByteView datagram, const uv::Address& from);
  void on_question(FrameAnswerer::Ticket ticket, core::ByteView sealed, const uv::Address& from);
  void question(const core::gossip::Endpoint& to, core::ByteView bytes, core::Duration timeout, uv::Done<core::Bytes> done);
  core::Status take_question(FrameAnswerer::Ticket ticket, core::ByteView sealed, const std::string& source);

  uv::Loop& loop_;
  Handlers handlers_;
  GossipGate gate_;
  std::uint64_t next_question_ = 1;
  std::map<std::uint64_t, FrameQuestion> questions_;
  std::unique_ptr<FrameAnswerer> streams_;
  std::unique_ptr<uv::UdpSocket> udp_;
};

}  // namespace net
