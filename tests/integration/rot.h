// SPDX-License-Identifier: MPL-2.0
// Bytes that rot in a server's data directory.
#pragma once

#include <ios>
#include <string>
#include <vector>

namespace integration {

// Where the first record of a segment stands.
inline constexpr std::streamoff kSegmentHeader = 4096;

// Turns a bit of the byte there over.
void flip(const std::string& path, std::streamoff offset);
// Turns one over wherever the text stands in the file; how many.
std::size_t flip_text(const std::string& path, const std::string& text);
// The files with that extension, sorted by name.
std::vector<std::string> files(const std::string& directory, const std::string& extension);
std::string first_segment(const std::string& data_dir);
// Their names begin with the index of the last entry in them.
std::string newest_snapshot(const std::string& data_dir);

}  // namespace integration
