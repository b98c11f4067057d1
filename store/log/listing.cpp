// SPDX-License-Identifier: MPL-2.0
#include "store/log/listing.h"

#include <algorithm>
#include <utility>

namespace store::log {
namespace {

Result<FoundSegment> look_at(std::unique_ptr<File> file, Index first_by_name) {
  TRY(const auto block, file->read_exactly(0, kHeaderBytes));
  const auto header = decode_segment_header(block);
  if (!header.ok()) return core::within(file->path(), header.error());
  if (header->first != first_by_name)
    return Error{Errc::corrupt, file->path() + ": offset 0: the header says that it begins at entry " +
                                    std::to_string(header->first.value)};
  return FoundSegment{std::move(file), *header, block != encode(*header)};
}

void sort_out(std::vector<FoundSegment> segments, Listing& out) {
  std::sort(segments.begin(), segments.end(), [](const FoundSegment& a, const FoundSegment& b) {
    return a.header.generation > b.header.generation;
  });
  if (!segments.empty()) out.newest_generation = segments.front().header.generation;
  bool anew = false;
  for (auto& segment : segments) {
    if (anew || (!out.live.empty() && segment.header.first >= out.live.back().header.first)) {
      out.void_.push_back(segment.file->path());
      continue;
    }
    anew = segment.header.reset;
    out.live.push_back(std::move(segment));
  }
  std::reverse(out.live.begin(), out.live.end());
}

}  // namespace

Result<Listing> list_segments(Env& env, const std::string& directory) {
  TRY(const auto names, env.list(directory));
  Listing out;
  std::vector<FoundSegment> segments;
  for (const auto& name : names) {
    const auto path = directory + "/" + name;
    if (name.ends_with(".tmp")) out.half_made.push_back(path);
    if (name.ends_with(kMendingSuffix)) out.mending.push_back(path);
    const auto first = first_of_name(name);
    if (!first) continue;
    TRY(auto file, env.open(path, Open::write));
    auto found = look_at(std::move(file), *first);
    if (found.ok())
      segments.push_back(std::move(*found));
    else if (found.error().code == Errc::corrupt)
      out.unreadable.push_back(found.error());
    else
      return std::move(found).error();
  }
  sort_out(std::move(segments), out);
  return out;
}

}  // namespace store::log
