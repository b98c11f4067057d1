// SPDX-License-Identifier: MPL-2.0
// Little-endian integers and length-prefixed byte strings, written to and read from memory.
// The Reader never looks past its span: short input is Errc::corrupt with the offset, and a length
// is checked against the bytes that are there before anything is allocated.
#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace core {

class Writer {
 public:
  void u8(std::uint8_t v);
  void u16(std::uint16_t v);
  void u32(std::uint32_t v);
  void u64(std::uint64_t v);
  void i64(std::int64_t v) { u64(static_cast<std::uint64_t>(v)); }
  void boolean(bool v) { u8(v ? 1 : 0); }
  void raw(ByteView bytes) { out_.append(bytes); }
  // u32 length, then the bytes. REQUIRES: bytes.size() fits 32 bits.
  void string(ByteView bytes);

  const Bytes& bytes() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  Bytes out_;
};

class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}

  Result<std::uint8_t> u8();
  Result<std::uint16_t> u16();
  Result<std::uint32_t> u32();
  Result<std::uint64_t> u64();
  Result<std::int64_t> i64();
  // Only 0 and 1 are booleans.
  Result<bool> boolean();
  // The next n bytes, borrowed from the input.
  Result<ByteView> raw(std::size_t n);
  // A u32 length of at most `limit`, then that many bytes, borrowed from the input.
  Result<ByteView> string(std::size_t limit);
  // Errc::corrupt if bytes are left over.
  Status end() const;

  std::size_t remaining() const { return in_.size() - offset_; }
  std::size_t offset() const { return offset_; }

 private:
  template <class T>
  Result<T> integer();

  ByteView in_;
  std::size_t offset_ = 0;
};

}  // namespace core
