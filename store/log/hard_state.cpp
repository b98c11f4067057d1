// SPDX-License-Identifier: MPL-2.0
#include "store/log/hard_state.h"

#include "core/base/assert.h"
#include "core/base/binary.h"
#include "core/base/limits.h"
#include "store/replace_file.h"

#include <algorithm>

namespace store::log {
namespace {

constexpr std::string_view kMagic = "NMHARDST";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kSlotBytes = 4096;  // no device tears two such blocks in one write
constexpr std::string_view kName = "/hard_state";

struct Slot {
  std::uint64_t sequence = 0;
  HardState state;
};

Bytes encode(const Slot& slot) {
  core::Writer w;
  w.raw(kMagic);
  w.u32(kVersion);
  w.u64(slot.sequence);
  w.u64(slot.state.term.value);
  w.string(slot.state.voted_for.text);
  w.raw(core::digest({w.bytes()}).view());
  auto bytes = w.take();
  ASSERT(bytes.size() <= kSlotBytes);
  bytes.resize(kSlotBytes, '\0');
  return bytes;
}

Result<Slot> decode(ByteView bytes) {
  core::Reader r(bytes);
  TRY(const auto magic, r.raw(kMagic.size()));
  if (magic != kMagic) return Error{Errc::corrupt, "no hard state here"};
  TRY(const auto version, r.u32());
  Slot slot;
  TRY(slot.sequence, r.u64());
  TRY(slot.state.term.value, r.u64());
  TRY(const auto voted_for, r.string(core::limits::kIdBytesMax));
  const auto checked = bytes.substr(0, r.offset());
  TRY(const auto sum, r.raw(sizeof(core::Digest)));
  if (core::digest({checked}).view() != sum) return Error{Errc::corrupt, "digest does not match"};
  if (version != kVersion)
    return Error{Errc::unsupported, "hard state format version " + std::to_string(version)};
  slot.state.voted_for.text = voted_for;
  return slot;
}

std::uint64_t offset_of(std::uint64_t sequence) { return sequence % 2 * kSlotBytes; }

}  // namespace

Result<HardStateFile> HardStateFile::create(Env& env, const std::string& directory) {
  const auto path = directory + std::string(kName);
  TRY(replace_file(env, path, encode(Slot{0, {}}) + encode(Slot{0, {}})));
  TRY(auto file, env.open(path, Open::write));
  return HardStateFile(std::move(file));
}

Result<std::optional<HardStateFile>> HardStateFile::open(Env& env, const std::string& directory) {
  const auto path = directory + std::string(kName);
  TRY(const bool there, env.exists(path));
  if (!there) return std::optional<HardStateFile>();
  TRY(env.sync_directory(directory));  // its name too may be in memory only
  TRY(auto opened, env.open(path, Open::write));
  HardStateFile file(std::move(opened));
  Bytes bytes(2 * kSlotBytes, '\0');
  TRY(const auto got, file.file_->read_at(0, bytes.data(), bytes.size()));
  bytes.resize(got);
  const auto first = decode(ByteView(bytes).substr(0, kSlotBytes));
  const auto second = decode(ByteView(bytes).substr(std::min(got, kSlotBytes)));
  for (const auto* slot : {&first, &second})
    if (!slot->ok() && slot->error().code == Errc::unsupported) return core::within(path, slot->error());
  if (!first.ok() && !second.ok())
    return Error{Errc::corrupt,
                 path + ": both slots are damaged: term and vote of this server are lost (slot 0: " +
                     first.error().detail + "; slot 1: " + second.error().detail + ")"};
  const bool use_second = !first.ok() || (second.ok() && second->sequence > first->sequence);
  const auto& newest = use_second ? *second : *first;
  file.state_ = newest.state;
  file.sequence_ = newest.sequence;
  if (!first.ok()) file.mended_ = path + ": offset 0: slot 0: " + first.error().detail;
  if (!second.ok())
    file.mended_ = path + ": offset " + std::to_string(kSlotBytes) + ": slot 1: " + second.error().detail;
  // The process that wrote the newest may have ended before its sync, or because of it: first make it
  // durable, only then touch the other slot. Written again, because after a sync that failed the kernel
  // takes for clean what it dropped.
  TRY(file.file_->write_at(use_second ? kSlotBytes : 0, encode(newest)));
  TRY(file.file_->sync());
  TRY(file.file_->write_at(use_second ? 0 : kSlotBytes, encode(newest)));
  TRY(file.file_->sync());
  return std::optional<HardStateFile>(std::move(file));
}

Status HardStateFile::write(const HardState& state) {
  ASSERT(state.term >= state_.term);
  ASSERT(state.term > state_.term || state_.voted_for.empty() || state.voted_for == state_.voted_for);
  const auto sequence = sequence_ + 1;
  const auto slot = encode(Slot{sequence, state});
  TRY(file_->write_at(offset_of(sequence), slot));
  TRY(file_->sync());
  state_ = state;
  sequence_ = sequence;
  return file_->write_at(offset_of(sequence + 1), slot);
}

}  // namespace store::log
