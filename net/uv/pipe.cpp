// SPDX-License-Identifier: MPL-2.0
#include "net/uv/pipe.h"

#include <unistd.h>

#include <utility>

#include "net/uv/error.h"
#include "net/uv/native.h"
#include "net/uv/stream_state.h"

namespace net::uv {
namespace {

core::Result<Pipe> make(Loop& loop, bool we_read) {
  uv_file ends[2];  // [0] is read from, [1] is written to
  // Only our end must not block; the child expects ordinary descriptors.
  int status = uv_pipe(ends, we_read ? UV_NONBLOCK_PIPE : 0, we_read ? 0 : UV_NONBLOCK_PIPE);
  if (status < 0) return error_from(status, "pipe");
  Descriptor theirs(we_read ? ends[1] : ends[0]);
  Descriptor mine(we_read ? ends[0] : ends[1]);
  auto state = make_pipe_state(loop);
  status = uv_pipe_open(&state->pipe, mine.number());
  if (status < 0) return error_from(status, "pipe");
  mine.release();  // the handle owns it now
  return Pipe{Stream(std::move(state)), std::move(theirs)};
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

}  // namespace net::uv
