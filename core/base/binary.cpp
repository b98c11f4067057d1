// SPDX-License-Identifier: MPL-2.0
#include "core/base/binary.h"

#include <bit>
#include <cstring>
#include <limits>

namespace core {
namespace {

static_assert(std::endian::native == std::endian::little, "formats are little-endian and copied as they are");

template <class T>
void append(Bytes& out, T v) {
  char raw[sizeof v];
  std::memcpy(raw, &v, sizeof v);
  out.append(raw, sizeof v);
}

}  // namespace

void Writer::u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
void Writer::u16(std::uint16_t v) { append(out_, v); }
void Writer::u32(std::uint32_t v) { append(out_, v); }
void Writer::u64(std::uint64_t v) { append(out_, v); }

void Writer::string(ByteView bytes) {
  ASSERT(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
  u32(static_cast<std::uint32_t>(bytes.size()));
  out_.append(bytes);
}

template <class T>
Result<T> Reader::integer() {
  TRY(const auto raw_bytes, raw(sizeof(T)));
  T v;
  std::memcpy(&v, raw_bytes.data(), sizeof v);
  return v;
}

Result<std::uint8_t> Reader::u8() { return integer<std::uint8_t>(); }
Result<std::uint16_t> Reader::u16() { return integer<std::uint16_t>(); }
Result<std::uint32_t> Reader::u32() { return integer<std::uint32_t>(); }
Result<std::uint64_t> Reader::u64() { return integer<std::uint64_t>(); }
Result<std::int64_t> Reader::i64() { return integer<std::int64_t>(); }

Result<bool> Reader::boolean() {
  TRY(const auto v, u8());
  if (v > 1) return Error{Errc::corrupt, "offset " + std::to_string(offset_ - 1) + ": not a boolean"};
  return v == 1;
}

Result<ByteView> Reader::raw(std::size_t n) {
  if (n > remaining())
    return Error{Errc::corrupt, "offset " + std::to_string(offset_) + ": " + std::to_string(n) +
                                    " bytes wanted, " + std::to_string(remaining()) + " left"};
  const auto bytes = in_.substr(offset_, n);
  offset_ += n;
  return bytes;
}

Result<ByteView> Reader::string(std::size_t limit) {
  TRY(const auto length, u32());
  if (length > limit)
    return Error{Errc::corrupt, "offset " + std::to_string(offset_ - 4) + ": length " + std::to_string(length) +
                                    " is over the limit of " + std::to_string(limit)};
  return raw(length);
}

Status Reader::end() const {
  if (remaining() == 0) return Unit{};
  return Error{Errc::corrupt, "offset " + std::to_string(offset_) + ": " + std::to_string(remaining()) + " bytes left over"};
}

}  // namespace core
