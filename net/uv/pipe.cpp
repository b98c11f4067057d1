// SPDX-License-Identifier: MPL-2.0
#include "net/uv/pipe.h"

#include <unistd.h>

#include <utility>

#include "net/uv/error.h"
#include "net/uv/native.h"
#include "net/uv/stream_state.h"

namespace net::uv {
namespace {

core::Result<Pipe> open_ours(Loop& loop, Descriptor mine, Descriptor theirs) {
  auto state = make_pipe_state(loop);
  const int status = uv_pipe_open(&state->pipe, mine.number());
  if (status < 0) return error_from(status, "pipe");
  mine.release();  // the handle owns it now
  return Pipe{Stream(std::move(state)), std::move(theirs)};
}

core::Result<Pipe> make(Loop& loop, bool we_read) {
  uv_file ends[2];  // [0] is read from, [1] is written to
  // Only our end must not block; the child expects ordinary descriptors.
  const int status = uv_pipe(ends, we_read ? UV_NONBLOCK_PIPE : 0, we_read ? 0 : UV_NONBLOCK_PIPE);
  if (status < 0) return error_from(status, "pipe");
  return open_ours(loop, Descriptor(we_read ? ends[0] : ends[1]), Descriptor(we_read ? ends[1] : ends[0]));
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}
int Descriptor::release() { return std::exchange(fd_, -1); }

core::Result<Pipe> pipe_from_child(Loop& loop) { return make(loop, true); }
core::Result<Pipe> pipe_to_child(Loop& loop) { return make(loop, false); }

core::Result<Pipe> socket_pair(Loop& loop) {
  uv_os_sock_t ends[2];
  const int status = uv_socketpair(SOCK_STREAM, 0, ends, UV_NONBLOCK_PIPE, 0);
  if (status < 0) return error_from(status, "socket pair");
  return open_ours(loop, Descriptor(ends[0]), Descriptor(ends[1]));
}

}  // namespace net::uv
