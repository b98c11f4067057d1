// SPDX-License-Identifier: MPL-2.0
// Envelopes over one stream: preamble, handshake if there is a cluster key, frames. Private to net/rpc.
//
// Happy path: send() gathers envelopes into a batch; at the end of the turn the batch becomes a frame
// (sealed, if there is a session) and all frames leave in one write. Until the handshake is done
// batches wait. Failures: anything that is not the protocol, a refused handshake and a broken
// stream all end in on_broken, once, on a later turn or from reading; the link is dead then.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "net/frame.h"
#include "net/rpc/envelope.h"
#include "net/secure/credentials.h"
#include "net/secure/handshake.h"
#include "net/uv/loop.h"
#include "net/uv/stream.h"

namespace net::rpc {

enum class Side { dialed, accepted };

class Link {
 public:
  struct Callbacks {
    std::function<core::Status(core::ByteView frame)> on_frame;  // opened; an error breaks the link
    std::function<void(core::Error)> on_broken;
    std::function<void()> on_drained;  // everything sent up to now has left
    std::function<void()> on_flushed;  // what was sent up to now is on its way
  };

  // `credentials` null: not encrypted. `owner` is what holds the link: it is kept alive while a
  // callback runs, which may be the one that lets go of it.
  Link(uv::Loop& loop, uv::Stream stream, Side side, std::shared_ptr<const secure::Credentials> credentials, std::weak_ptr<void> owner, Callbacks callbacks);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // REQUIRES: the envelope fits a frame (fits()).
  void send(const Envelope& envelope);
  static bool fits(std::size_t body_bytes);
  // Sends what was gathered without waiting for the end of the turn.
  void flush();
  std::size_t queued_bytes() const;
  // Whom the peer has proved to be; without encryption anybody may be a server. Not before the first frame came.
  secure::Rank peer_rank() const { return peer_rank_; }
  // Closes; no callback comes any more.
  void close();

 private:
  void on_sent();
  void on_bytes(core::ByteView bytes);
  core::Status on_frame(core::ByteView frame);
  core::Status on_handshake(core::ByteView message);
  void write_raw_frame(core::ByteView payload);
  void on_end(core::Status status);
  void cut();
  void break_off(core::Error error);

  std::weak_ptr<void> owner_;
  Callbacks callbacks_;
  FrameReader reader_;
  Side side_;
  std::shared_ptr<const secure::Credentials> credentials_;
  std::optional<secure::Handshake> handshake_;  // while it goes on
  std::optional<secure::Channel> channel_;      // after it
  secure::Rank peer_rank_ = secure::Rank::server;
  core::Bytes batch_;                           // room for a frame header, then envelopes
  std::vector<core::Bytes> frames_;             // complete batches, not written yet
  std::size_t frames_bytes_ = 0;
  bool reading_ = false;
  bool closed_ = false;
  uv::Deferred flush_later_;
  std::optional<uv::Stream> stream_;
};

}  // namespace net::rpc
