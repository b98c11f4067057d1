// SPDX-License-Identifier: MPL-2.0
#include "store/log/scan.h"

#include <algorithm>
#include <utility>

namespace store::log {
namespace {

bool is_seal_of(ByteView bytes, const Digest& salt, const Segment& segment) {
  const auto seal = parse_seal(bytes, salt);
  return seal && seal->index == segment.last().index && seal->digest == segment.last_digest();
}

Result<Bytes> read_whole(File& file) {
  TRY(const auto size, file.size());
  return file.read_exactly(0, size);
}

// Looks at what is behind the last entry that could be read.
void judge_tail(Scan& scan, ByteView bytes, const Digest& salt, const Error& why) {
  const auto end = scan.segment.end();
  const auto tail = bytes.substr(end);
  const auto last_dirty = tail.find_last_not_of('\0');
  if (last_dirty == ByteView::npos) return;
  scan.dirty_end = end + last_dirty + 1;
  if (is_seal_of(tail, salt, scan.segment) && tail.find_first_not_of('\0', kSealBytes) == ByteView::npos)
    return;
  scan.torn = true;
  const auto next = scan.segment.last().index.next();
  const auto durable = proven_durable(tail.substr(0, last_dirty + 1), salt);
  if (durable >= next) scan.damage = Damage{scan.segment.path(), end, next, durable, why.detail};
}

}  // namespace

Index proven_durable(ByteView bytes, const Digest& salt) {
  Index proven;
  std::size_t at = 0;
  while (at + kSealBytes <= bytes.size()) {
    const auto here = bytes.substr(at);
    if (const auto record = parse_record(here, salt)) {
      proven = std::max(proven, record->batch.prev());
      at += record_size(record->payload_bytes);
    } else if (const auto seal = parse_seal(here, salt)) {
      proven = std::max(proven, seal->index);
      at += kSealBytes;
    } else {
      at += kAlignment;
    }
  }
  return proven;
}

Error Damage::error() const {
  return Error{Errc::corrupt,
               path + ": offset " + std::to_string(offset) + ": " + what + ", though entries up to " +
                   std::to_string(durable.value) +
                   " were durable once. The log was left as it is: restore the file, or give up "
                   "what follows with 'nomad operator salvage'"};
}

Result<Scan> scan_segment(Env& env, std::unique_ptr<File> file, const SegmentHeader& header,
                          std::optional<Index> must_reach,
                          const std::function<Status(const Entry&)>& on_entry) {
  TRY(const auto bytes, read_whole(*file));
  const auto salt = salt_of(header);
  const auto payload = std::make_shared<Bytes>();
  Scan scan{Segment(env, std::move(file), header, bytes.size()), std::nullopt, 0, kHeaderBytes, false};
  auto& segment = scan.segment;
  for (;;) {
    if (segment.last().index == must_reach) return scan;
    const auto next = segment.last().index.next();
    const auto entry =
        verify_record(ByteView(bytes).substr(segment.end()), salt, next, segment.last_digest(), payload);
    if (!entry.ok()) {
      if (must_reach)
        scan.damage = Damage{segment.path(), segment.end(), next, *must_reach, entry.error().detail};
      else
        judge_tail(scan, bytes, salt, entry.error());
      return scan;
    }
    TRY(on_entry(*entry));
    if (parse_record(ByteView(bytes).substr(segment.end()), salt)->batch == next) scan.last_batch = segment.end();
    segment.note(*entry);
  }
}

}  // namespace store::log
