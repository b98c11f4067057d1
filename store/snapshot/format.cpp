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
  const auto damaged = [&file](const std::string& what) {
    return Error{Errc::corrupt, file.path() + ": " + what};
  };
  TRY(const auto size, file.size());
  if (size < kBlockBytes) return damaged("too short for a snapshot");
  TRY(const auto foot_bytes, file.read_exactly(size - kFootBytes, kFootBytes));
  core::Reader foot(foot_bytes);
  TRY(const auto body_bytes, foot.u32());
  TRY(const auto total, foot.u32());
  TRY(const auto magic, foot.raw(kMagic.size()));
  if (magic != kMagic) return damaged("no trailer at the end");
  if (total > kTrailerBytesMax || total > size || total < kFootBytes || body_bytes > total - kFootBytes)
    return damaged("impossible trailer");
  TRY(const auto bytes, file.read_exactly(size - total, total));
  auto trailer = decode_body(ByteView(bytes).substr(0, body_bytes));
  if (!trailer.ok()) return core::within(file.path(), trailer.error());
  if (trailer->database_bytes + total != size) return damaged("not as long as its trailer says");
  return trailer;
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
