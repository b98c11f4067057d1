// SPDX-License-Identifier: MPL-2.0
// The bytes of a log segment: a header block, then records, then zeros. docs/formats/log.md has the
// layout for people.
//
// A byte behind the header is written once, over zeros. A record names the batch it was synced with,
// so that damage can be told from a torn write: a batch is only begun when the one before it is
// durable. A seal after the last record says the same of the last batch. Both carry a check of their
// own, salted per segment, so that they are recognised even where the chain before them is broken.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/limits.h"
#include "core/raft/types.h"
#include "store/env.h"

namespace store::log {

using core::Digest;
using core::Index;
using core::Term;
using core::raft::Entry;
using core::raft::EntryId;

inline constexpr std::size_t kHeaderBytes = 4096;  // a block of its own: never rewritten with data
inline constexpr std::size_t kRecordBytes = 80;    // before the payload
inline constexpr std::size_t kSealBytes = 32;
inline constexpr std::size_t kAlignment = 8;  // records and seals begin at multiples of it

struct SegmentHeader {
  std::uint64_t generation = 0;  // counts segments; of two that hold the same index, the newer counts
  Index first;
  Term previous_term;  // of the entry before `first`; 0 at the start of the log
  Digest previous;     // and its digest
  bool reset = false;  // every older segment is void: the log was begun anew here

  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

// kHeaderBytes long. Holds the header twice, each in a sector of its own.
Bytes encode(const SegmentHeader& header);
// From whichever of the two is sound.
Result<SegmentHeader> decode_segment_header(ByteView block);
// What records and seals of this segment are checked with.
Digest salt_of(const SegmentHeader& header);

// The next segment while it is being prepared. Worthless after a crash, like all that ends in .tmp.
inline constexpr std::string_view kSpareName = "next.tmp";
// Beside a segment while lost entries are put back into it: its name and this. The file is empty.
inline constexpr std::string_view kMendingSuffix = ".mending";
// "00000000000000000042.seg", and back.
std::string segment_name(Index first);
std::optional<Index> first_of_name(std::string_view name);

struct Record {
  Index batch;  // first entry of the batch it was synced with
  std::uint32_t payload_bytes = 0;
  Entry entry;  // its payload is not set
};
struct Seal {
  Index index;    // everything up to this entry is durable
  Digest digest;  // of that entry
};

// Bytes a record takes, padding included.
constexpr std::size_t record_size(std::size_t payload_bytes) {
  return (kRecordBytes + payload_bytes + kAlignment - 1) / kAlignment * kAlignment;
}

void append_record(Bytes& out, const Digest& salt, Index batch, const Entry& entry);
void append_seal(Bytes& out, const Digest& salt, const Seal& seal);
// What begins at the start of `bytes`, if its own check holds. The payload may still be cut or wrong.
std::optional<Record> parse_record(ByteView bytes, const Digest& salt);
std::optional<Seal> parse_seal(ByteView bytes, const Digest& salt);

// The record that begins at the start of `bytes`, verified: it is entry `index`, it is all there, and
// it continues the chain after `previous`. Its payload is put into `payload`, which the entry shares.
// Errc::corrupt says what is wrong with it.
Result<Entry> verify_record(ByteView bytes, const Digest& salt, Index index, const Digest& previous,
                            std::shared_ptr<Bytes> payload);

}  // namespace store::log
