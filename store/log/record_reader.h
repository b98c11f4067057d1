// SPDX-License-Identifier: MPL-2.0
// Reads the records of a segment one after the other in large reads, each verified by the chain.
#pragma once

#include "store/log/format.h"

namespace store::log {

class RecordReader {
 public:
  struct Position {
    std::uint64_t offset;  // where entry `index` begins
    Index index;
    Digest previous;  // of the entry before it
  };
  // `file` outlives the reader. Nothing is read from `end` on.
  RecordReader(File& file, const Digest& salt, const Position& start, std::uint64_t end);

  Index next_index() const { return at_.index; }
  // Errc::corrupt names file, offset and entry; then the reader stays where it is.
  Result<Entry> next();

 private:
  // Makes at least `size` bytes from at_.offset on available, fewer only before `end`.
  Result<ByteView> have(std::size_t size);

  File& file_;
  Digest salt_;
  Position at_;
  std::uint64_t end_;
  Bytes buffer_;
  std::uint64_t buffer_offset_;  // in the file
};

}  // namespace store::log
