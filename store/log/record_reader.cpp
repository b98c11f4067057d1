// SPDX-License-Identifier: MPL-2.0
#include "store/log/record_reader.h"

#include "core/base/limits.h"

#include <algorithm>
#include <utility>

namespace store::log {
namespace {

constexpr std::size_t kReadBytes = 256 * core::limits::kKiB;

}  // namespace

RecordReader::RecordReader(File& file, const Digest& salt, const Position& start, std::uint64_t end)
    : file_(file), salt_(salt), at_(start), end_(end), buffer_offset_(start.offset) {}

Result<ByteView> RecordReader::have(std::size_t size) {
  const auto skipped = at_.offset - buffer_offset_;
  if (buffer_.size() >= skipped + size) return ByteView(buffer_).substr(skipped);
  const auto wanted = std::min<std::uint64_t>(std::max(size, kReadBytes), end_ - at_.offset);
  buffer_.resize(wanted);
  TRY(const auto got, file_.read_at(at_.offset, buffer_.data(), wanted));
  buffer_.resize(got);
  buffer_offset_ = at_.offset;
  return ByteView(buffer_);
}

Result<Entry> RecordReader::next() {
  TRY(auto bytes, have(kRecordBytes));
  if (const auto record = parse_record(bytes, salt_)) {
    const auto size = record_size(record->payload_bytes);
    if (size > bytes.size()) {
      TRY(bytes, have(size));
    }
  }
  auto entry = verify_record(bytes, salt_, at_.index, at_.previous, std::make_shared<Bytes>());
  if (!entry.ok())
    return core::within(file_.path() + ": offset " + std::to_string(at_.offset), entry.error());
  at_ = {at_.offset + record_size(entry->payload->size()), entry->id.index.next(), entry->digest};
  return entry;
}

}  // namespace store::log
