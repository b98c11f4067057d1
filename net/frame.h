// SPDX-License-Identifier: MPL-2.0
// Length-prefixed frames over a byte stream, without I/O. See docs/formats/frame.md.
//
// Each direction starts with an 8-byte preamble (magic, version, flags) and continues with frames: a
// little-endian u32 length and that many bytes. A length is checked against the limit and otherwise
// not believed: the buffer grows only as bytes arrive, and is given back when a frame is complete.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/limits.h"
#include "core/base/result.h"

namespace net {

inline constexpr std::string_view kFrameMagic = "NOMD";
inline constexpr std::uint16_t kFrameVersion = 1;
inline constexpr std::size_t kFramePreambleBytes = 8;
inline constexpr std::size_t kFrameHeaderBytes = 4;

// What follows the preamble: RPC as it is, RPC sealed under a cluster key, one exchange of gossip.
enum class FrameFlags : std::uint16_t { plain = 0, sealed = 1, gossip = 2 };

void append_preamble(core::Bytes& out, FrameFlags flags);
// REQUIRES: length <= limits::kFrameBytesMax.
void append_frame_header(core::Bytes& out, std::size_t length);
// Writes the header over the first four bytes of `at`. REQUIRES: as above, and the room.
void put_frame_header(char* at, std::size_t length);

class FrameReader {
 public:
  // Expects the preamble with these flags first.
  explicit FrameReader(FrameFlags expected) : expected_(expected) {}

  // Calls on_frame(ByteView) -> core::Status for each frame completed by `bytes`; the view is good
  // for the call. Stops at the first error, the reader's or on_frame's, and returns it: Errc::corrupt (no
  // preamble of ours, or gossip where RPC belongs), unsupported (another version), denied (one side encrypts, the
  // other does not), too_large. After an error the reader is of no use. on_frame must not destroy the reader.
  template <class OnFrame>
  core::Status feed(core::ByteView bytes, OnFrame&& on_frame);

  // Bytes kept of a frame that is not complete.
  std::size_t pending_bytes() const { return pending_.size(); }

 private:
  core::Status check_preamble(core::ByteView preamble) const;
  static core::Result<std::size_t> length_of(core::ByteView header);
  // Moves bytes from `from` to pending_ until it holds `size`; whether it does.
  bool gather(core::ByteView& from, std::size_t size);

  FrameFlags expected_;
  bool greeted_ = false;
  core::Bytes pending_;  // a part of the preamble or of one frame with its header
};

template <class OnFrame>
core::Status FrameReader::feed(core::ByteView bytes, OnFrame&& on_frame) {
  if (!greeted_) {
    if (!gather(bytes, kFramePreambleBytes)) return core::ok_status();
    TRY(check_preamble(pending_));
    greeted_ = true;
    pending_ = {};
  }
  while (!bytes.empty()) {
    if (pending_.empty() && bytes.size() >= kFrameHeaderBytes) {  // the common case: whole frames, not copied
      TRY(const auto length, length_of(bytes));
      if (bytes.size() >= kFrameHeaderBytes + length) {
        TRY(on_frame(bytes.substr(kFrameHeaderBytes, length)));
        bytes.remove_prefix(kFrameHeaderBytes + length);
        continue;
      }
    }
    if (!gather(bytes, kFrameHeaderBytes)) return core::ok_status();
    TRY(const auto length, length_of(pending_));
    if (!gather(bytes, kFrameHeaderBytes + length)) return core::ok_status();
    const auto frame = std::exchange(pending_, {});
    TRY(on_frame(core::ByteView(frame).substr(kFrameHeaderBytes)));
  }
  return core::ok_status();
}

}  // namespace net
