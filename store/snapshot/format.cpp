// SPDX-License-Identifier: MPL-2.0
#include "store/snapshot/format.h"

#include <algorithm>
#include <charconv>

#include "core/base/assert.h"
#include "core/base/binary.h"

namespace store::snapshot {
namespace {

constexpr std::string_view kMagic = "NMSNAPSH";
constexpr std::uint32_t kVersion = 1;
// At the very end: length of the body, length of the trailer, magic.
constexpr std::size_t kFootBytes = 4 + 4 + 8;

std::size_t round_up(std::size_t size) { return (size + kBlockBytes - 1) / kBlockBytes * kBlockBytes; }

Bytes encode_body(const Trailer& trailer) {
  core::Writer w;
  w.u32(kVersion);
  w.u64(trailer.database_bytes);
  w.raw(trailer.digest.view());
  w.u64(trailer.meta.last.index.value);
  w.u64(trailer.meta.last.term.value);
  w.raw(trailer.meta.digest.view());
  w.u64(trailer.meta.configuration_index.value);
  w.string(core::raft::encode(trailer.meta.configuration));
  w.raw(core::digest({w.bytes()}).view());
  return w.take();
}

Result<Trailer> decode_body(ByteView body) {
  core::Reader r(body);
  if (body.size() < sizeof(Digest)) return Error{Errc::corrupt, "the trailer is too short"};
  const auto checked = body.substr(0, body.size() - sizeof(Digest));
  if (core::digest({checked}).view() != body.substr(checked.size()))
    return Error{Errc::corrupt, "the trailer does not match its digest"};
  TRY(const auto version, r.u32());
  if (version != kVersion)
    return Error{Errc::unsupported, "snapshot format version " + std::to_string(version) +
                                        ", this build reads " + std::to_string(kVersion)};
  Trailer trailer;
  TRY(trailer.database_bytes, r.u64());
  TRY(const auto database, r.raw(sizeof(Digest)));
  trailer.digest = Digest::from(database);
  TRY(trailer.meta.last.index.value, r.u64());
  TRY(trailer.meta.last.term.value, r.u64());
  TRY(const auto chain, r.raw(sizeof(Digest)));
  trailer.meta.digest = Digest::from(chain);
  TRY(trailer.meta.configuration_index.value, r.u64());
  TRY(const auto configuration, r.string(kTrailerBytesMax));
  TRY(trailer.meta.configuration, core::raft::decode_configuration(configuration));
  TRY(r.raw(sizeof(Digest)));
  TRY(r.end());
  return trailer;
}

struct Foot {
  std::uint32_t body_bytes = 0, trailer_bytes = 0;
};

// Of a file of `size` bytes.
Result<Foot> decode_foot(ByteView bytes, std::uint64_t size) {
  core::Reader r(bytes);
  Foot foot;
  TRY(foot.body_bytes, r.u32());
  TRY(foot.trailer_bytes, r.u32());
  TRY(const auto magic, r.raw(kMagic.size()));
  if (magic != kMagic) return Error{Errc::corrupt, "no trailer at the end"};
  const auto total = foot.trailer_bytes;
  if (total > kTrailerBytesMax || total > size || total < kFootBytes || foot.body_bytes > total - kFootBytes)
    return Error{Errc::corrupt, "impossible trailer"};
  return foot;
}

Result<Trailer> decode_trailer(ByteView bytes, const Foot& foot, std::uint64_t size) {
  TRY(auto trailer, decode_body(bytes.substr(0, foot.body_bytes)));
  if (trailer.database_bytes > size || trailer.database_bytes + foot.trailer_bytes != size)
    return Error{Errc::corrupt, "not as long as its trailer says"};
  return trailer;
}

const Error kTooShort{Errc::corrupt, "too short for a snapshot"};

}  // namespace

Bytes encode(const Trailer& trailer) {
  ASSERT(trailer.database_bytes % kBlockBytes == 0);
  auto out = encode_body(trailer);
  const auto body_bytes = out.size();
  const auto total = round_up(body_bytes + kFootBytes);
  ASSERT(total <= kTrailerBytesMax);
  out.resize(total - kFootBytes, '\0');
  core::Writer foot;
  foot.u32(static_cast<std::uint32_t>(body_bytes));
  foot.u32(static_cast<std::uint32_t>(total));
  foot.raw(kMagic);
  return out + foot.bytes();
}

Result<Trailer> read_trailer(File& file) {
  TRY(const auto size, file.size());
  if (size < kBlockBytes) return core::within(file.path(), kTooShort);
  TRY(const auto foot_bytes, file.read_exactly(size - kFootBytes, kFootBytes));
  const auto foot = decode_foot(foot_bytes, size);
  if (!foot.ok()) return core::within(file.path(), foot.error());
  TRY(const auto bytes, file.read_exactly(size - foot->trailer_bytes, foot->trailer_bytes));
  auto trailer = decode_trailer(bytes, *foot, size);
  if (!trailer.ok()) return core::within(file.path(), trailer.error());
  return trailer;
}

Result<Trailer> read_trailer(ByteView snapshot) {
  if (snapshot.size() < kBlockBytes) return kTooShort;
  TRY(const auto foot, decode_foot(snapshot.substr(snapshot.size() - kFootBytes), snapshot.size()));
  return decode_trailer(snapshot.substr(snapshot.size() - foot.trailer_bytes), foot, snapshot.size());
}

Result<Digest> digest_of(File& file, std::uint64_t size) {
  Digest digest;
  for (std::uint64_t at = 0; at < size;) {
    TRY(const auto piece, file.read_exactly(at, std::min<std::uint64_t>(kPieceBytes, size - at)));
    digest = core::chain(digest, {piece});
    at += piece.size();
  }
  return digest;
}

std::string name_of(const EntryId& last) { return to_string(last.index) + "-" + to_string(last.term); }

std::optional<EntryId> parse_name(std::string_view name) {
  EntryId id;
  const auto dash = name.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  std::from_chars(name.data(), name.data() + dash, id.index.value);
  std::from_chars(name.data() + dash + 1, name.data() + name.size(), id.term.value);
  if (name_of(id) != name) return std::nullopt;
  return id;
}

}  // namespace store::snapshot
