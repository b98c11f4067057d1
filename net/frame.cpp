// SPDX-License-Identifier: MPL-2.0
#include "net/frame.h"

#include <algorithm>

#include "core/base/binary.h"

namespace net {

void append_preamble(core::Bytes& out, FrameFlags flags) {
  core::Writer w;
  w.raw(kFrameMagic);
  w.u16(kFrameVersion);
  w.u16(static_cast<std::uint16_t>(flags));
  ASSERT(w.bytes().size() == kFramePreambleBytes);
  out.append(w.bytes());
}

void put_frame_header(char* at, std::size_t length) {
  ASSERT(length <= core::limits::kFrameBytesMax);
  for (std::size_t i = 0; i < kFrameHeaderBytes; ++i) at[i] = static_cast<char>(length >> (8 * i));
}

void append_frame_header(core::Bytes& out, std::size_t length) {
  char header[kFrameHeaderBytes];
  put_frame_header(header, length);
  out.append(header, sizeof header);
}

core::Status FrameReader::check_preamble(core::ByteView preamble) const {
  core::Reader in(preamble);
  TRY(const auto magic, in.raw(kFrameMagic.size()));
  if (magic != kFrameMagic) return core::Error{core::Errc::corrupt, "peer does not speak our protocol"};
  TRY(const auto version, in.u16());
  if (version != kFrameVersion) return core::Error{core::Errc::unsupported, "peer speaks frame version " + std::to_string(version)};
  TRY(const auto flags, in.u16());
  if (flags == static_cast<std::uint16_t>(expected_)) return core::ok_status();
  if (expected_ == FrameFlags::gossip) return core::Error{core::Errc::corrupt, "peer speaks RPC there, not gossip"};
  if (flags == static_cast<std::uint16_t>(FrameFlags::gossip)) return core::Error{core::Errc::corrupt, "peer speaks gossip, not RPC"};
  return core::Error{core::Errc::denied, expected_ == FrameFlags::sealed ? "peer has no cluster key, we have one" : "peer has a cluster key, we have none"};
}

core::Result<std::size_t> FrameReader::length_of(core::ByteView header) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < kFrameHeaderBytes; ++i) length |= static_cast<std::size_t>(static_cast<unsigned char>(header[i])) << (8 * i);
  if (length > core::limits::kFrameBytesMax) return core::Error{core::Errc::too_large, "frame of " + std::to_string(length) + " bytes"};
  return length;
}

bool FrameReader::gather(core::ByteView& from, std::size_t size) {
  if (pending_.size() < size) {
    const auto take = std::min(from.size(), size - pending_.size());
    pending_.append(from.substr(0, take));
    from.remove_prefix(take);
  }
  return pending_.size() >= size;
}

}  // namespace net
