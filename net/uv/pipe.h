// SPDX-License-Identifier: MPL-2.0
// Pipes to and from a child, one-way and two-way: our end is a Stream, the other a descriptor for
// ProcessOptions::stdio, closed on our side when the Descriptor goes (after the spawn).
#pragma once

#include "core/base/result.h"
#include "net/uv/loop.h"
#include "net/uv/stream.h"

namespace net::uv {

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int number() const { return fd_; }
  // Hands the number to someone else who closes it.
  int release();

 private:
  int fd_;
};

struct Pipe {
  Stream ours;
  Descriptor theirs;
};

// We read what the child writes.
core::Result<Pipe> pipe_from_child(Loop& loop);
// The child reads what we write.
core::Result<Pipe> pipe_to_child(Loop& loop);
// Both ends read and write: a pair of connected unix sockets.
core::Result<Pipe> socket_pair(Loop& loop);

}  // namespace net::uv
