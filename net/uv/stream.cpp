// SPDX-License-Identifier: MPL-2.0
#include "net/uv/stream.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "net/uv/error.h"
#include "net/uv/native.h"
#include "net/uv/stream_state.h"

namespace net::uv {
namespace {

// Owns its bytes and is deleted in its callback, which libuv always makes: with ECANCELED when the
// stream is closed first. The stream's block outlives it, because the close callback comes later.
struct WriteRequest {
  uv_write_t request{};
  std::vector<Buffer> pieces;
  Done<core::Unit> done;

  void finish(int status) {
    auto& state = *static_cast<Stream::State*>(request.handle->data);
    if (state.detached) return;
    if (done) done(status < 0 ? core::Status(error_from(status, "write")) : core::ok_status());
    if (state.detached) return;
    if (status < 0) return state.end(error_from(status, "write"));
    if (state.on_drained && uv_stream_get_write_queue_size(&state.stream) == 0) state.on_drained();
  }
};

struct ShutdownRequest {
  uv_shutdown_t request{};
  Done<core::Unit> done;

  void finish(int status) {
    const auto& state = *static_cast<Stream::State*>(request.handle->data);
    if (state.detached || !done) return;
    done(status < 0 ? core::Status(error_from(status, "shutdown")) : core::ok_status());
  }
};

// Tells `done` on a later turn, unless the stream is gone by then.
void finish_later(Stream::State& state, Done<core::Unit> done) {
  // A zero-length write completes through libuv's own queue, in order with the other writes.
  auto* request = new WriteRequest{{}, {}, std::move(done)};
  request->request.data = request;
  uv_buf_t nothing = uv_buf_init(nullptr, 0);
  const int status = uv_write(&request->request, &state.stream, &nothing, 1, [](uv_write_t* r, int s) {
    std::unique_ptr<WriteRequest> owned(static_cast<WriteRequest*>(r->data));
    owned->finish(s);
  });
  ASSERT(status == 0);
}

std::vector<uv_buf_t> to_bufs(const std::vector<Buffer>& pieces, std::size_t skip) {
  std::vector<uv_buf_t> bufs;
  bufs.reserve(pieces.size());
  for (const auto& piece : pieces) {
    const auto view = piece.view();
    const auto dropped = std::min(skip, view.size());
    skip -= dropped;
    if (dropped == view.size()) continue;
    bufs.push_back(uv_buf_init(const_cast<char*>(view.data() + dropped), static_cast<unsigned>(view.size() - dropped)));
  }
  return bufs;
}

void queue(Stream::State& state, std::vector<Buffer> pieces, std::size_t already_written, Done<core::Unit> done) {
  auto* request = new WriteRequest{{}, std::move(pieces), std::move(done)};
  request->request.data = request;
  const auto bufs = to_bufs(request->pieces, already_written);
  const int status = uv_write(&request->request, &state.stream, bufs.data(), static_cast<unsigned>(bufs.size()), [](uv_write_t* r, int s) {
    std::unique_ptr<WriteRequest> owned(static_cast<WriteRequest*>(r->data));
    owned->finish(s);
  });
  ASSERT(status == 0);  // what can fail in the world is reported through the callback
}

}  // namespace

void Stream::State::start_reading() {
  uv_read_start(
      &stream, [](uv_handle_t* h, std::size_t, uv_buf_t* out) { lend_read_buffer(h, out); },
      [](uv_stream_t* s, ssize_t n, const uv_buf_t* buffer) { static_cast<State*>(s->data)->on_bytes(n, buffer); });
}

void Stream::State::on_bytes(ssize_t n, const uv_buf_t* buffer) {
  if (detached || n == 0) return;
  if (n < 0) return end(n == UV_EOF ? core::ok_status() : core::Status(error_from(static_cast<int>(n), "read")));
  in_on_read = true;
  on_read(core::ByteView(buffer->base, static_cast<std::size_t>(n)));
  in_on_read = false;
  if (detached || next_reader == nullptr) return;
  std::tie(on_read, on_end) = std::move(*std::exchange(next_reader, nullptr));
}

void Stream::State::end(core::Status status) {
  if (detached || !on_end || broken || (ended && status.ok())) return;
  ended = true;
  broken = !status.ok();
  uv_read_stop(&stream);
  on_end(std::move(status));
}

Stream::Stream(Owned<State> state) : state_(std::move(state)) { ASSERT(state_ != nullptr); }
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;

void Stream::read(OnRead on_read, OnEnd on_end) {
  ASSERT(on_read && on_end);
  if (state_->in_on_read) {
    state_->next_reader = std::make_unique<std::pair<OnRead, OnEnd>>(std::move(on_read), std::move(on_end));
  } else {
    state_->on_read = std::move(on_read);
    state_->on_end = std::move(on_end);
  }
  state_->start_reading();
}

void Stream::pause() { uv_read_stop(&state_->stream); }
void Stream::resume() {
  if (!state_->ended && state_->on_read) state_->start_reading();
}

void Stream::write(core::Bytes bytes, Done<core::Unit> done) {
  std::size_t written = 0;
  if (!bytes.empty()) {
    uv_buf_t buf = uv_buf_init(bytes.data(), static_cast<unsigned>(bytes.size()));
    const int taken = uv_try_write(&state_->stream, &buf, 1);
    if (taken > 0) written = static_cast<std::size_t>(taken);
  }
  if (written < bytes.size()) {
    std::vector<Buffer> pieces;
    pieces.emplace_back(std::move(bytes));
    queue(*state_, std::move(pieces), written, std::move(done));
  } else if (done) {
    finish_later(*state_, std::move(done));
  }
}

void Stream::write(std::vector<Buffer> pieces, Done<core::Unit> done) {
  std::size_t size = 0;
  for (const auto& piece : pieces) size += piece.size();
  std::size_t written = 0;
  if (size > 0) {
    const auto bufs = to_bufs(pieces, 0);
    const int taken = uv_try_write(&state_->stream, bufs.data(), static_cast<unsigned>(bufs.size()));
    if (taken > 0) written = static_cast<std::size_t>(taken);
  }
  if (written < size) {
    queue(*state_, std::move(pieces), written, std::move(done));
  } else if (done) {
    finish_later(*state_, std::move(done));
  }
}

std::size_t Stream::queued_bytes() const { return uv_stream_get_write_queue_size(&state_->stream); }
void Stream::on_drained(std::function<void()> fn) { state_->on_drained = std::move(fn); }

void Stream::shutdown(Done<core::Unit> done) {
  auto* request = new ShutdownRequest{{}, std::move(done)};
  request->request.data = request;
  const int status = uv_shutdown(&request->request, &state_->stream, [](uv_shutdown_t* r, int s) {
    std::unique_ptr<ShutdownRequest> owned(static_cast<ShutdownRequest*>(r->data));
    owned->finish(s);
  });
  if (status == 0) return;  // else the peer is gone already, and the callback will not come
  std::unique_ptr<ShutdownRequest> owned(request);
  if (owned->done) finish_later(*state_, std::move(owned->done));
}

void Stream::keepalive(core::Duration idle) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(idle).count();
  if (state_->is_tcp()) uv_tcp_keepalive(&state_->tcp, 1, static_cast<unsigned>(std::max<std::int64_t>(seconds, 1)));
}

void Stream::give_up_after(core::Duration unacknowledged) {
  uv_os_fd_t fd = -1;
  if (!state_->is_tcp() || uv_fileno(reinterpret_cast<const uv_handle_t*>(&state_->tcp), &fd) != 0) return;
  const auto milliseconds = static_cast<unsigned>(std::chrono::duration_cast<std::chrono::milliseconds>(unacknowledged).count());
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

Address Stream::peer() const {
  sockaddr_storage storage{};
  int size = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (!state_->is_tcp() || uv_tcp_getpeername(&state_->tcp, address, &size) != 0) return {};
  return from_sockaddr(address);
}

Address Stream::local() const {
  sockaddr_storage storage{};
  int size = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (!state_->is_tcp() || uv_tcp_getsockname(&state_->tcp, address, &size) != 0) return {};
  return from_sockaddr(address);
}

}  // namespace net::uv
