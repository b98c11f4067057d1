// SPDX-License-Identifier: MPL-2.0
// Runs every transcript under tests/transcripts and compares. With --rewrite it writes down what was
// printed instead, for a human to review. Names given as arguments run those files only.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "tests/transcripts/transcript.h"

namespace {

namespace fs = std::filesystem;
using transcripts::Words;

const std::map<std::string, std::function<std::unique_ptr<transcripts::World>()>> kWorlds = {
    {"raft", transcripts::make_raft_world},
};

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Words words_of(const std::string& line) {
  std::istringstream in(line);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// The file as it would be if all it expects were what is printed.
std::string replay(const std::vector<std::string>& lines, transcripts::World& world) {
  std::string text;
  std::string printed;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += lines[i] + "\n";
    if (lines[i] == "----") {
      text += printed;
      printed.clear();
      while (i + 1 < lines.size() && !lines[i + 1].empty()) ++i;  // what it expected
    } else if (!lines[i].empty() && lines[i][0] != '#') {
      printed += world.run(words_of(lines[i]));
    }
  }
  return text;
}

void show_difference(const std::string& expected, const std::string& actual) {
  std::istringstream a(expected);
  std::istringstream b(actual);
  std::string x;
  std::string y;
  for (int line = 1;; ++line) {
    const bool more_x = static_cast<bool>(std::getline(a, x));
    const bool more_y = static_cast<bool>(std::getline(b, y));
    if (!more_x && !more_y) return;
    if (more_x == more_y && x == y) continue;
    std::printf("  line %d\n  expected: %s\n  printed:  %s\n", line, more_x ? x.c_str() : "(end)",
                more_y ? y.c_str() : "(end)");
    return;
  }
}

bool check(const std::string& folder, const fs::path& path, bool rewrite) {
  const auto world = kWorlds.at(folder)();
  const auto lines = lines_of(path);
  std::string expected;
  for (const auto& line : lines) expected += line + "\n";
  const auto actual = replay(lines, *world);
  if (actual == expected) return true;
  if (rewrite) {
    std::ofstream(path) << actual;
    std::printf("rewrote %s\n", path.c_str());
    return true;
  }
  std::printf("%s differs\n", path.c_str());
  show_difference(expected, actual);
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  bool rewrite = false;
  std::vector<std::string> only;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--rewrite") {
      rewrite = true;
    } else {
      only.emplace_back(argv[i]);
    }
  }
  int passed = 0;
  int failed = 0;
  for (const auto& [folder, make] : kWorlds) {
    std::vector<fs::path> paths;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(fs::path("tests/transcripts") / folder, error))
      if (file.path().extension() == ".txt") paths.push_back(file.path());
    if (error || paths.empty())
      std::printf("no transcripts in tests/transcripts/%s\n", folder.c_str()), ++failed;
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      if (!only.empty() && std::find(only.begin(), only.end(), path.string()) == only.end()) continue;
      ++(check(folder, path, rewrite) ? passed : failed);
    }
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
