// SPDX-License-Identifier: MPL-2.0
#include "tests/integration/rot.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace integration {

void flip(const std::string& path, std::streamoff offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  char byte = 0;
  file.seekg(offset).get(byte);
  file.seekp(offset).put(static_cast<char>(byte ^ 0x10));
}

std::size_t flip_text(const std::string& path, const std::string& text) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::size_t found = 0;
  for (auto at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + 1), ++found)
    flip(path, static_cast<std::streamoff>(at + text.size() / 2));
  return found;
}

std::vector<std::string> files(const std::string& directory, const std::string& extension) {
  std::vector<std::string> found;
  for (const auto& file : std::filesystem::directory_iterator(directory))
    if (file.path().extension() == extension) found.push_back(file.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::string first_segment(const std::string& data_dir) { return files(data_dir + "/server/log", ".seg").front(); }

std::string newest_snapshot(const std::string& data_dir) {
  const auto found = files(data_dir + "/server/snapshots", ".db");
  const auto index = [](const std::string& path) { return std::stoull(std::filesystem::path(path).filename()); };
  return *std::max_element(found.begin(), found.end(), [&](const auto& a, const auto& b) { return index(a) < index(b); });
}

}  // namespace integration
