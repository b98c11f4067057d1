// SPDX-License-Identifier: MPL-2.0
#include "cli/alloc_files.h"

#include <algorithm>

#include "cli/alloc_stub.h"
#include "cli/lookup.h"
#include "core/base/base64.h"
#include "core/base/fields.h"
#include "core/model/node.h"

namespace cli {
namespace {

using core::Errc;
using core::Error;
using core::model::Allocation;

constexpr std::int64_t kLinesByDefault = 10;
constexpr std::int64_t kBytesPerLine = 120;
// A frame carries 64 KiB; what arrives at once may hold a few.
constexpr std::size_t kPendingBytesMax = 4 << 20;

core::Result<core::AllocId> of_job(const Api& api, const std::string& typed) {
  TRY(const auto job, resolve(api, kJobs, typed));
  TRY(const auto reply, api.get("/v1/job/" + path_id(job) + "/allocations", {{"all", "false"}}));
  std::vector<AllocStub> allocs;
  if (!reply.body.root().is_null()) TRY(core::decode(reply.body.root(), allocs));
  std::erase_if(allocs, [](const AllocStub& alloc) { return alloc.failed_placement(); });
  const auto better = [](const AllocStub& a, const AllocStub& b) {
    const auto runs = [](const AllocStub& alloc) { return alloc.client_status == "running"; };
    return std::pair(runs(a), a.create_index) < std::pair(runs(b), b.create_index);
  };
  const auto best = std::max_element(allocs.begin(), allocs.end(), better);
  if (best == allocs.end()) return Error{Errc::not_found, "No allocations of job \"" + job + "\" found"};
  return best->id;
}

// Where the JSON object that `text` begins with ends; nothing while it is incomplete.
std::optional<std::size_t> object_end(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      else if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return std::nullopt;
}

struct FrameText {
  std::string data, event;
  std::uint64_t offset = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("Data", self.data);
    visit("FileEvent", self.event);
    visit("Offset", self.offset);
  }
};

}  // namespace

core::Result<Allocation> find_alloc(const Api& api, const std::string& typed, bool by_job) {
  core::AllocId id;
  if (by_job) {
    TRY(id, of_job(api, typed));
  } else {
    if (typed.size() == 1) return Error{Errc::invalid, "Alloc ID must contain at least two characters."};
    TRY(id.text, resolve(api, kAllocs, typed));
  }
  auto reply = api.get("/v1/allocation/" + path_id(id.text));
  if (!reply.ok()) return core::within("Error querying allocation", std::move(reply).error());
  Allocation alloc;
  if (auto decoded = core::decode(reply->body.root(), alloc); !decoded.ok()) return core::within("Error querying allocation", std::move(decoded).error());
  return alloc;
}

core::Result<std::optional<Api>> agent_of(const Api& api, const core::NodeId& node) {
  const auto reply = api.get("/v1/node/" + path_id(node.text));
  if (!reply.ok()) return std::optional<Api>();
  core::model::Node found;
  TRY(core::decode(reply->body.root(), found));
  if (found.http_addr.empty() || found.status == core::model::NodeStatus::down) return std::optional<Api>();
  const auto address = "http://" + found.http_addr;
  if (address == api.address()) return std::optional<Api>();
  return std::optional<Api>(api.at(address));
}

bool Frames::feed(std::string_view bytes, const std::function<void(const Frame&)>& on_frame) {
  pending_ += bytes;
  if (pending_.size() > kPendingBytesMax) return false;
  std::string_view rest = pending_;
  while (!rest.empty()) {
    if (rest.front() != '{') return false;
    const auto end = object_end(rest);
    if (!end) break;
    FrameText text;
    const auto document = core::json::parse(rest.substr(0, *end));
    if (!document.ok() || !core::decode(document->root(), text).ok()) return false;
    auto data = core::from_base64(text.data);
    if (!data) return false;
    on_frame({.data = std::move(*data), .event = std::move(text.event), .heartbeat = *end == 2});
    rest.remove_prefix(*end);
  }
  pending_.erase(0, pending_.size() - rest.size());
  return true;
}

std::string_view last_lines(std::string_view text, std::size_t lines) {
  if (lines == 0) return {};
  std::size_t at = text.size();
  if (at > 0 && text[at - 1] == '\n') --at;
  for (; at > 0; --at)
    if (text[at - 1] == '\n' && --lines == 0) return text.substr(at);
  return text;
}

void Tail::add_flags(Flags& flags) { flags.boolean("tail", tail).number("n", lines).number("c", bytes); }

core::Status Tail::complete() {
  if (lines >= 0 && bytes >= 0) return Error{Errc::invalid, "Both -n and -c set"};
  if (lines < 0) lines = kLinesByDefault;
  return core::ok_status();
}

std::int64_t Tail::offset() const { return bytes >= 0 ? bytes : lines * kBytesPerLine; }

bool FramePrinter::take(std::string_view bytes) {
  broken_ = !frames_.feed(bytes, [this](const Frames::Frame& frame) {
    if (!frame.event.empty()) ui_.err("nomad: " + frame.event);
    if (!holding_) return print(frame.data);
    held_ += frame.data;
    // All that was there has come: as much as was asked for, or a sign that there is no more.
    if (frame.heartbeat || static_cast<std::int64_t>(held_.size()) >= tail_.offset()) release();
  });
  return !broken_ && !unread_;
}

void FramePrinter::print(std::string_view text) { unread_ = unread_ || !ui_.raw(text); }

core::Status FramePrinter::finish() {
  if (holding_) release();
  if (broken_) return Error{Errc::corrupt, "the answer is no stream of frames"};
  return core::ok_status();
}

void FramePrinter::release() {
  holding_ = false;
  print(last_lines(held_, static_cast<std::size_t>(tail_.lines)));
  held_.clear();
}

}  // namespace cli
