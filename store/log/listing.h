// SPDX-License-Identifier: MPL-2.0
// Which segment files of a directory count. Changes nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/log/format.h"

namespace store::log {

struct FoundSegment {
  std::unique_ptr<File> file;
  SegmentHeader header;
  bool header_damaged = false;  // one of its two copies
};

struct Listing {
  std::vector<FoundSegment> live;       // in order of their entries
  std::vector<std::string> void_;       // paths of segments that newer ones cover
  std::vector<std::string> half_made;   // paths of files that a crash left before they counted
  std::vector<std::string> mending;     // paths of the marks of segments that lost entries were being put back into
  std::vector<Error> unreadable;        // segments whose header is damaged: nothing may be done without them
  std::uint64_t newest_generation = 0;  // of all that could be read
};

// Newest generation first, a segment counts if it begins before every newer one and no newer one began
// the log anew. REQUIRES: the directory exists.
Result<Listing> list_segments(Env& env, const std::string& directory);

}  // namespace store::log
