// SPDX-License-Identifier: MPL-2.0
#include "net/rpc/link.h"

#include "core/base/limits.h"

#include <utility>

namespace net::rpc {
namespace {

// A batch is closed here, so that the peer can begin on it; a larger envelope has a frame of its own.
constexpr std::size_t kBatchBytes = 64 * core::limits::kKiB;
constexpr core::Duration kKeepalive = std::chrono::seconds(15);
// Some round trips of the slowest network, and the kernel acknowledges even for a process that hangs.
constexpr core::Duration kUnacknowledged = std::chrono::seconds(3);
constexpr std::string_view kContext = "nomad rpc 1";

FrameFlags flags_for(const std::shared_ptr<const secure::Credentials>& credentials) { return credentials == nullptr ? FrameFlags::plain : FrameFlags::sealed; }

}  // namespace

Link::Link(uv::Loop& loop, uv::Stream stream, Side side, std::shared_ptr<const secure::Credentials> credentials, std::weak_ptr<void> owner,
           Callbacks callbacks)
    : owner_(std::move(owner)),
      callbacks_(std::move(callbacks)),
      reader_(flags_for(credentials)),
      side_(side),
      credentials_(std::move(credentials)),
      flush_later_(loop, [this] { flush(); }),
      stream_(std::move(stream)) {
  stream_->keepalive(kKeepalive);
  stream_->give_up_after(kUnacknowledged);
  stream_->on_drained([this] { on_sent(); });
  stream_->read([this](core::ByteView bytes) { on_bytes(bytes); },
                [this](core::Status status) { on_end(std::move(status)); });
  core::Bytes preamble;
  append_preamble(preamble, flags_for(credentials_));
  stream_->write(std::move(preamble));
  if (credentials_ == nullptr) return;
  handshake_.emplace(side == Side::dialed ? secure::Handshake::Side::initiator : secure::Handshake::Side::responder, credentials_->keys(), kContext);
  if (side == Side::dialed) write_raw_frame(handshake_->start());
}

// ---- in ------------------------------------------------------------------------------------------

void Link::on_bytes(core::ByteView bytes) {
  const auto hold = owner_.lock();
  reading_ = true;
  auto status = reader_.feed(bytes, [this](core::ByteView frame) { return on_frame(frame); });
  reading_ = false;
  if (closed_) return;
  if (!status.ok()) return break_off(std::move(status).error());
  flush();  // the answers to what was read
}

core::Status Link::on_frame(core::ByteView frame) {
  if (closed_) return core::Error{core::Errc::unavailable, "closed"};
  if (handshake_) return on_handshake(frame);
  if (!channel_) return callbacks_.on_frame(frame);
  TRY(const auto opened, channel_->open(frame));
  return callbacks_.on_frame(opened);
}

core::Status Link::on_handshake(core::ByteView message) {
  TRY(const auto answer, handshake_->receive(message));
  if (!answer.empty()) write_raw_frame(answer);
  if (!handshake_->done()) return core::ok_status();
  // Whoever was dialed is taken for a server: that is what its address is listed for.
  if (side_ == Side::accepted) {
    TRY(peer_rank_, credentials_->rank_of(handshake_->agreed()));
  }
  channel_.emplace(handshake_->take_channel());
  handshake_.reset();
  flush_later_.schedule();
  return core::ok_status();
}

// ---- out -----------------------------------------------------------------------------------------

bool Link::fits(std::size_t body_bytes) {
  return body_bytes + kEnvelopeHeadBytesMax + secure::Channel::kOverheadBytes <= core::limits::kFrameBytesMax;
}

void Link::send(const Envelope& envelope) {
  if (closed_) return;
  ASSERT(fits(envelope.body.size()));
  if (!batch_.empty() && batch_.size() + envelope.body.size() > kBatchBytes) cut();
  if (batch_.empty()) batch_.resize(kFrameHeaderBytes);
  append(batch_, envelope);
  if (!reading_) flush_later_.schedule();  // else flushed behind the read
}

void Link::cut() {
  put_frame_header(batch_.data(), batch_.size() - kFrameHeaderBytes);
  frames_bytes_ += batch_.size();
  frames_.push_back(std::exchange(batch_, {}));
}

void Link::flush() {
  if (closed_ || handshake_) return;
  if (!batch_.empty()) cut();
  if (frames_.empty()) return;
  std::vector<uv::Buffer> pieces;
  pieces.reserve(frames_.size());
  for (auto& frame : frames_) {
    if (!channel_) {
      pieces.emplace_back(std::move(frame));
      continue;
    }
    core::Bytes sealed;
    sealed.reserve(frame.size() + secure::Channel::kOverheadBytes);
    append_frame_header(sealed, frame.size() - kFrameHeaderBytes + secure::Channel::kOverheadBytes);
    channel_->seal(core::ByteView(frame).substr(kFrameHeaderBytes), sealed);
    pieces.emplace_back(std::move(sealed));
  }
  frames_.clear();
  frames_bytes_ = 0;
  callbacks_.on_flushed();
  if (pieces.size() == 1) {
    stream_->write(std::move(*pieces.front().owned()));
  } else {
    stream_->write(std::move(pieces));
  }
  if (stream_->queued_bytes() == 0) on_sent();
}

void Link::on_sent() {
  const auto hold = owner_.lock();
  callbacks_.on_drained();
}

void Link::write_raw_frame(core::ByteView payload) {
  core::Bytes frame;
  append_frame_header(frame, payload.size());
  frame.append(payload);
  stream_->write(std::move(frame));
}

std::size_t Link::queued_bytes() const { return batch_.size() + frames_bytes_ + (stream_ ? stream_->queued_bytes() : 0); }

// ---- the end -------------------------------------------------------------------------------------

// Who finds that we do not hold its key ends the connection without a word.
void Link::on_end(core::Status status) {
  if (handshake_) return break_off({core::Errc::unavailable, "peer ended the handshake: does it have another key?"});
  break_off(status.ok() ? core::Error{core::Errc::unavailable, "peer closed the connection"} : std::move(status).error());
}

void Link::close() {
  closed_ = true;
  stream_.reset();
}

void Link::break_off(core::Error error) {
  if (closed_) return;
  const auto hold = owner_.lock();
  close();
  callbacks_.on_broken(std::move(error));
}

}  // namespace net::rpc
