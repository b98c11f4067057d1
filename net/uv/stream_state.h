// SPDX-License-Identifier: MPL-2.0
// The block behind a Stream, for the sources of net/uv that make streams.
#pragma once

#include "net/uv/native.h"
#include "net/uv/stream.h"

namespace net::uv {

struct Stream::State {
  union {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  };
  bool detached = false;
  bool ended = false;   // the peer finished sending, or worse
  bool broken = false;  // the connection is of no use any more
  bool in_on_read = false;
  OnRead on_read;
  OnEnd on_end;
  std::function<void()> on_drained;
  std::unique_ptr<std::pair<OnRead, OnEnd>> next_reader;  // given by on_read itself, which must return first

  State() : tcp{} {}
  bool is_tcp() const { return handle.type == UV_TCP; }
  void start_reading();
  void on_bytes(ssize_t n, const uv_buf_t* buffer);
  void end(core::Status status);
};

// Blocks whose handle is initialised on `loop` and not connected yet.
Owned<Stream::State> make_tcp_state(Loop& loop);
Owned<Stream::State> make_pipe_state(Loop& loop);
// What every accepted or connected TCP stream gets: small writes leave at once.
void prepare_tcp(Stream::State& state);

}  // namespace net::uv
