// SPDX-License-Identifier: MPL-2.0
// Files and task logs as they are streamed: read on a worker, a batch at a time, so that the loop never
// waits for a disk. A source is used by one job at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/client/alloc_dir.h"
#include "core/base/bytes.h"

namespace agent::http {

// One piece of a file, and what became of the file.
struct Frame {
  core::Bytes data;
  std::string file;          // as seen from the allocation's directory
  std::uint64_t offset = 0;  // behind the data
  std::string event;         // "file deleted", "file truncated"; mostly empty
};
struct Batch {
  std::vector<Frame> frames;
  bool end = false;   // nothing more is there now
  bool last = false;  // and nothing ever will be
};

class FileSource {
 public:
  virtual ~FileSource() = default;
  // What follows. The first call opens: its error says why there is nothing to read.
  virtual core::Result<Batch> read() = 0;
};

struct Range {
  std::uint64_t offset = 0;
  bool from_end = false;           // so many bytes before the end
  std::uint64_t length = ~0ull;    // at most so many
};

std::unique_ptr<FileSource> file_source(client::AllocDir dir, std::string path, Range range);
// `type`: "stdout" or "stderr".
std::unique_ptr<FileSource> log_source(client::AllocDir dir, std::string task, std::string type, Range range);

// The frame as the API streams it: JSON without members that are zero.
std::string frame_json(const Frame& frame);
// What a browser would take the bytes for: text, or something to save.
std::string_view content_type(core::ByteView beginning);

}  // namespace agent::http
