// SPDX-License-Identifier: MPL-2.0
#include "store/log/format.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include "core/base/assert.h"
#include "core/base/binary.h"

namespace store::log {
namespace {

constexpr std::string_view kSegmentMagic = "NMLGSEG\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kNameDigits = 20;
constexpr std::size_t kCopyOffset = kHeaderBytes / 2;  // of the header's second copy

// Not UTF-8, so no text payload holds them.
constexpr std::uint32_t kRecordMagic = 0xfe52c1ff;
constexpr std::uint32_t kSealMagic = 0xfe53c2ff;

// As they lie on disk, little-endian; core/base/binary.cpp asserts that the machine is too.
struct RawRecord {
  std::uint32_t magic;
  std::uint32_t check;
  std::uint64_t batch;
  std::uint64_t term;
  std::uint64_t index;
  std::int64_t time;
  std::uint64_t request_high;
  std::uint64_t request_low;
  std::uint32_t payload_bytes;
  std::uint16_t type;
  std::uint8_t kind;
  std::uint8_t zero;
  std::array<std::uint8_t, 16> digest;
};
struct RawSeal {
  std::uint32_t magic;
  std::uint32_t check;
  std::uint64_t index;
  std::array<std::uint8_t, 16> digest;
};
static_assert(sizeof(RawRecord) == kRecordBytes && kRecordBytes % kAlignment == 0);
static_assert(sizeof(RawSeal) == kSealBytes && kSealBytes % kAlignment == 0);
static_assert(std::is_trivially_copyable_v<RawRecord> && std::is_trivially_copyable_v<RawSeal>);

template <class Raw>
ByteView view(const Raw& raw) {
  return {reinterpret_cast<const char*>(&raw), sizeof raw};
}

// Over all that follows magic and check.
template <class Raw>
std::uint32_t check_of(const Raw& raw, const Digest& salt) {
  const auto sum = core::digest({salt.view(), view(raw).substr(sizeof raw.magic + sizeof raw.check)});
  std::uint32_t out;
  std::memcpy(&out, sum.bytes.data(), sizeof out);
  return out;
}

template <class Raw>
std::optional<Raw> parse(ByteView bytes, std::uint32_t magic, const Digest& salt) {
  Raw raw;
  if (bytes.size() < sizeof raw) return std::nullopt;
  std::memcpy(&raw, bytes.data(), sizeof raw);
  if (raw.magic != magic || raw.check != check_of(raw, salt)) return std::nullopt;
  return raw;
}

Bytes encode_one(const SegmentHeader& header) {
  core::Writer w;
  w.raw(kSegmentMagic);
  w.u32(kVersion);
  w.u64(header.generation);
  w.u64(header.first.value);
  w.u64(header.previous_term.value);
  w.raw(header.previous.view());
  w.boolean(header.reset);
  w.raw(core::digest({w.bytes()}).view());
  return w.take();
}

Result<SegmentHeader> decode_one(ByteView block) {
  core::Reader r(block);
  TRY(const auto magic, r.raw(kSegmentMagic.size()));
  if (magic != kSegmentMagic) return Error{Errc::corrupt, "offset 0: not a log segment"};
  TRY(const auto version, r.u32());
  SegmentHeader header;
  TRY(header.generation, r.u64());
  TRY(header.first.value, r.u64());
  TRY(header.previous_term.value, r.u64());
  TRY(const auto previous, r.raw(sizeof(Digest)));
  TRY(const auto reset, r.u8());
  const auto checked = block.substr(0, r.offset());
  TRY(const auto sum, r.raw(sizeof(Digest)));
  if (core::digest({checked}).view() != sum)
    return Error{Errc::corrupt, "offset 0: the segment header is damaged"};
  if (version != kVersion)
    return Error{Errc::unsupported, "log format version " + std::to_string(version) + ", this build reads " +
                                        std::to_string(kVersion)};
  if (header.first.value == 0 || reset > 1)
    return Error{Errc::corrupt, "offset 0: impossible segment header"};
  header.previous = Digest::from(previous);
  header.reset = reset == 1;
  return header;
}

}  // namespace

Bytes encode(const SegmentHeader& header) {
  const auto one = encode_one(header);
  ASSERT(one.size() <= kCopyOffset);
  Bytes block(kHeaderBytes, '\0');
  block.replace(0, one.size(), one);
  block.replace(kCopyOffset, one.size(), one);
  return block;
}

Result<SegmentHeader> decode_segment_header(ByteView block) {
  auto header = decode_one(block);
  if (header.ok() || header.error().code != Errc::corrupt) return header;
  auto copy = decode_one(block.substr(std::min(kCopyOffset, block.size())));
  if (copy.ok() || copy.error().code != Errc::corrupt) return copy;
  return header;
}

Digest salt_of(const SegmentHeader& header) {
  auto block = encode_one(header);
  block.resize(kHeaderBytes, '\0');
  return core::digest({block});
}

std::string segment_name(Index first) {
  const auto digits = std::to_string(first.value);
  return std::string(kNameDigits - digits.size(), '0') + digits + ".seg";
}

std::optional<Index> first_of_name(std::string_view name) {
  if (name.size() != kNameDigits + 4 || name.substr(kNameDigits) != ".seg") return std::nullopt;
  Index first;
  for (const char c : name.substr(0, kNameDigits)) {
    if (c < '0' || c > '9') return std::nullopt;
    first.value = first.value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (segment_name(first) != name) return std::nullopt;  // over 64 bits
  return first;
}

void append_record(Bytes& out, const Digest& salt, Index batch, const Entry& entry) {
  RawRecord raw{.magic = kRecordMagic,
                .check = 0,
                .batch = batch.value,
                .term = entry.id.term.value,
                .index = entry.id.index.value,
                .time = entry.time.ns,
                .request_high = entry.request.high,
                .request_low = entry.request.low,
                .payload_bytes = static_cast<std::uint32_t>(entry.payload->size()),
                .type = entry.type,
                .kind = static_cast<std::uint8_t>(entry.kind),
                .zero = 0,
                .digest = entry.digest.bytes};
  raw.check = check_of(raw, salt);
  out.append(view(raw)).append(*entry.payload);
  out.append(record_size(entry.payload->size()) - kRecordBytes - entry.payload->size(), '\0');
}

void append_seal(Bytes& out, const Digest& salt, const Seal& seal) {
  RawSeal raw{.magic = kSealMagic, .check = 0, .index = seal.index.value, .digest = seal.digest.bytes};
  raw.check = check_of(raw, salt);
  out.append(view(raw));
}

std::optional<Record> parse_record(ByteView bytes, const Digest& salt) {
  const auto raw = parse<RawRecord>(bytes, kRecordMagic, salt);
  if (!raw || raw->kind > static_cast<std::uint8_t>(core::raft::EntryKind::command)) return std::nullopt;
  Record record;
  record.batch = Index{raw->batch};
  record.payload_bytes = raw->payload_bytes;
  record.entry.id = EntryId{Term{raw->term}, Index{raw->index}};
  record.entry.kind = static_cast<core::raft::EntryKind>(raw->kind);
  record.entry.type = raw->type;
  record.entry.time = core::WallTime{raw->time};
  record.entry.request = {raw->request_high, raw->request_low};
  record.entry.digest.bytes = raw->digest;
  return record;
}

std::optional<Seal> parse_seal(ByteView bytes, const Digest& salt) {
  const auto raw = parse<RawSeal>(bytes, kSealMagic, salt);
  if (!raw) return std::nullopt;
  return Seal{Index{raw->index}, Digest{raw->digest}};
}

Result<Entry> verify_record(ByteView bytes, const Digest& salt, Index index, const Digest& previous,
                            std::shared_ptr<Bytes> payload) {
  auto record = parse_record(bytes, salt);
  const auto wrong = [index](const std::string& what) {
    return Error{Errc::corrupt, "entry " + std::to_string(index.value) + what};
  };
  if (!record) return wrong(" has no valid header");
  auto& entry = record->entry;
  if (entry.id.index != index)
    return wrong(" is missing; entry " + std::to_string(entry.id.index.value) + " lies there");
  if (record_size(record->payload_bytes) > bytes.size()) return wrong(" is cut short");
  payload->assign(bytes.substr(kRecordBytes, record->payload_bytes));
  entry.payload = std::move(payload);
  if (core::raft::chain_digest(previous, entry) != entry.digest) return wrong(" does not match its digest");
  return std::move(entry);
}

}  // namespace store::log
