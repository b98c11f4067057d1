// SPDX-License-Identifier: MPL-2.0
#include "net/uv/udp.h"

#include <utility>

#include "core/base/limits.h"
#include "net/uv/error.h"
#include "net/uv/native.h"

namespace net::uv {

struct UdpSocket::State {
  uv_udp_t handle{};
  bool detached = false;
  OnDatagram on_datagram;

  void on_received(ssize_t n, const uv_buf_t* buffer, const sockaddr* from, unsigned flags) {
    // Null `from`: nothing to read. Partial: over 64 KiB, which no datagram of ours is.
    if (detached || n < 0 || from == nullptr || (flags & UV_UDP_PARTIAL) != 0) return;
    on_datagram(core::ByteView(buffer->base, static_cast<std::size_t>(n)), from_sockaddr(from));
  }
};

namespace {

constexpr std::size_t kQueuedBytesMax = 4 * core::limits::kMiB;

struct SendRequest {
  uv_udp_send_t request{};
  core::Bytes datagram;
};

}  // namespace

core::Result<UdpSocket> UdpSocket::bind(Loop& loop, const Address& address, OnDatagram on_datagram) {
  TRY(const auto where, to_sockaddr(address));
  Owned<State> state(new State);
  state->on_datagram = std::move(on_datagram);
  ASSERT(uv_udp_init(&loop.state().loop, &state->handle) == 0);
  state->handle.data = state.get();
  int status = uv_udp_bind(&state->handle, reinterpret_cast<const sockaddr*>(&where), 0);
  if (status == 0)
    status = uv_udp_recv_start(
        &state->handle, [](uv_handle_t* h, std::size_t, uv_buf_t* out) { lend_read_buffer(h, out); },
        [](uv_udp_t* h, ssize_t n, const uv_buf_t* buffer, const sockaddr* from, unsigned flags) {
          static_cast<State*>(h->data)->on_received(n, buffer, from, flags);
        });
  if (status < 0) return error_from(status, "bind udp " + to_string(address));
  return UdpSocket(std::move(state));
}

UdpSocket::UdpSocket(Owned<State> state) : state_(std::move(state)) {}
UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

core::Status UdpSocket::send(const Address& to, core::ByteView datagram) {
  TRY(const auto where, to_sockaddr(to));
  const auto* address = reinterpret_cast<const sockaddr*>(&where);
  uv_buf_t buf = uv_buf_init(const_cast<char*>(datagram.data()), static_cast<unsigned>(datagram.size()));
  int status = uv_udp_try_send(&state_->handle, &buf, 1, address);
  if (status >= 0) return core::ok_status();
  if (status == UV_EAGAIN) {
    if (uv_udp_get_send_queue_size(&state_->handle) > kQueuedBytesMax) return core::Error{core::Errc::busy, "udp send queue is full"};
    auto* request = new SendRequest{{}, core::Bytes(datagram)};
    request->request.data = request;
    buf.base = request->datagram.data();
    status = uv_udp_send(&request->request, &state_->handle, &buf, 1, address,
                         [](uv_udp_send_t* r, int) { delete static_cast<SendRequest*>(r->data); });
    if (status == 0) return core::ok_status();
    delete request;
  }
  return error_from(status, "send to " + to_string(to));
}

Address UdpSocket::local() const {
  sockaddr_storage storage{};
  int size = sizeof storage;
  ASSERT(uv_udp_getsockname(&state_->handle, reinterpret_cast<sockaddr*>(&storage), &size) == 0);
  return from_sockaddr(reinterpret_cast<sockaddr*>(&storage));
}

}  // namespace net::uv
