// SPDX-License-Identifier: MPL-2.0
// What `logs` and `fs` have in common: which allocation is meant, how its node is reached, and the
// streamed frames of a file or log.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/api.h"
#include "core/model/alloc.h"

namespace cli {

// The allocation that a user named: by its id, by the beginning of it, or with `by_job` by its job, of
// which the newest that runs is taken, or else the newest. With its job and task states.
core::Result<core::model::Allocation> find_alloc(const Api& api, const std::string& typed, bool by_job);
// The node's own agent if it is known and not the one we talk to; a server may not reach the files.
core::Result<std::optional<Api>> agent_of(const Api& api, const core::NodeId& node);
// Calls `use` with the node's agent, and with the agent we talk to if that cannot be reached.
template <class Use>
core::Status on_node(const Api& api, const core::NodeId& node, Use use) {
  TRY(const auto direct, agent_of(api, node));
  if (direct)
    if (auto status = use(*direct); status.ok() || status.error().code != core::Errc::unavailable) return status;
  return use(api);
}

// Concatenated JSON objects as they arrive, cut anywhere, back to what they carry.
class Frames {
 public:
  struct Frame {
    std::string data;   // decoded
    std::string event;  // "file deleted", ...
    bool heartbeat = false;
  };
  // False when the stream is no frames; then nothing more can be read from it.
  bool feed(std::string_view bytes, const std::function<void(const Frame&)>& on_frame);

 private:
  std::string pending_;
};

// The last `lines` lines; all of it when there are fewer. A final newline ends a line.
std::string_view last_lines(std::string_view text, std::size_t lines);

// What -tail, -n and -c ask for.
struct Tail {
  bool tail = false;
  std::int64_t lines = -1, bytes = -1;

  void add_flags(Flags& flags);
  // Errc::invalid: "Both -n and -c set".
  core::Status complete();
  // How far before the end to begin; lines are taken for 120 bytes each.
  std::int64_t offset() const;
  bool by_lines() const { return tail && bytes < 0; }
};

// Prints frames as they come. The beginning is held back until it is known which are its last lines.
class FramePrinter {
 public:
  FramePrinter(Ui& ui, Tail tail) : ui_(ui), tail_(tail), holding_(tail.by_lines()) {}
  // For Api::stream: false when the stream is no frames, or nobody reads what is printed.
  bool take(std::string_view bytes);
  // The stream is over. Errc::corrupt if it was no stream of frames.
  core::Status finish();

 private:
  void print(std::string_view text);
  void release();

  Ui& ui_;
  Tail tail_;
  Frames frames_;
  bool broken_ = false;
  bool unread_ = false;
  bool holding_;
  std::string held_;
};

}  // namespace cli
