// SPDX-License-Identifier: MPL-2.0
// Datagrams in and out. Sending never waits: a datagram the kernel has no room for is queued up to a
// limit and then refused, as the network itself may lose it.
#pragma once

#include <functional>

#include "core/base/bytes.h"
#include "net/uv/address.h"
#include "net/uv/handle.h"
#include "net/uv/loop.h"

namespace net::uv {

class UdpSocket {
 public:
  struct State;
  // The bytes are borrowed for the call.
  using OnDatagram = std::function<void(core::ByteView, const Address& from)>;

  // Port 0 picks a free one. Errors as for TcpListener.
  static core::Result<UdpSocket> bind(Loop& loop, const Address& address, OnDatagram on_datagram);
  UdpSocket(UdpSocket&&) noexcept;
  UdpSocket& operator=(UdpSocket&&) noexcept;
  ~UdpSocket();

  // Errc::busy: too much is queued. Ok says only that the kernel or the queue has it.
  core::Status send(const Address& to, core::ByteView datagram);
  Address local() const;

 private:
  explicit UdpSocket(Owned<State> state);
  Owned<State> state_;
};

}  // namespace net::uv
