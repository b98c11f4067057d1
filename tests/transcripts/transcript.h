// SPDX-License-Identifier: MPL-2.0
// A transcript is a story in a text file: commands, a line "----", what they print, an empty line.
// Lines that begin with # are for the reader. A World is what the commands act on.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace transcripts {

using Words = std::vector<std::string>;

class World {
 public:
  virtual ~World() = default;
  // Carries out one command and returns what it prints: whole lines, or nothing.
  virtual std::string run(const Words& command) = 0;
};

std::unique_ptr<World> make_raft_world();

}  // namespace transcripts
