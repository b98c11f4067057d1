// SPDX-License-Identifier: MPL-2.0
// /v1/operator/log: what was committed, as this server's log has it, an entry a line of JSON.
#include <algorithm>
#include <set>
#include <utility>

#include "agent/http/routes.h"
#include "agent/http/streams.h"
#include "core/base/fields.h"
#include "core/base/integer.h"
#include "core/base/time.h"
#include "core/model/event.h"
#include "net/uv/timer.h"

namespace agent::http {
namespace {

using namespace std::chrono_literals;
using core::raft::Entry;
using core::raft::EntryKind;

// How soon a follower looks again: at first, and when nothing has come for long.
constexpr core::Duration kLookSoon = 50ms;
constexpr core::Duration kLookLate = 1s;

struct Wanted {
  core::Index from;
  bool follow = false;
  std::set<std::string, std::less<>> types;  // empty: all
};

// What happened, in words of the API. A client's secret stays with the servers.
core::Result<std::string> event_json(const Entry& entry, std::string& type) {
  if (entry.kind == EntryKind::noop) return type = "Noop", std::string("{}");
  if (entry.kind == EntryKind::configuration) {
    type = "Configuration";
    TRY(const auto configuration, core::raft::decode_configuration(*entry.payload));
    core::json::Writer w;
    w.begin_array();
    for (const auto& peer : configuration.peers) {
      w.begin_object();
      w.key("ID");
      w.string(peer.id.text);
      w.key("Address");
      w.string(peer.address);
      w.key("Voter");
      w.boolean(peer.voter);
      w.end_object();
    }
    w.end_array();
    return w.take();
  }
  TRY(auto event, core::model::decode_event(entry.type, *entry.payload));
  type = core::model::name_of(event);
  if (auto* const node = std::get_if<core::model::NodeRegistered>(&event)) node->node.secret_id.clear();
  return core::model::encode_payload(event);
}

// The entry's line; empty if its type is not wanted.
core::Result<std::string> line_of(const Entry& entry, const Wanted& wanted) {
  std::string type;
  TRY(const auto event, event_json(entry, type));
  if (!wanted.types.empty() && !wanted.types.contains(type)) return std::string();
  core::json::Writer w;
  w.begin_object();
  w.key("Index");
  w.uint64(entry.id.index.value);
  w.key("Term");
  w.uint64(entry.id.term.value);
  w.key("Time");
  w.string(core::format_rfc3339(entry.time));
  w.key("Type");
  w.string(type);
  w.key("Digest");
  w.string(core::to_hex(entry.digest));
  w.key("Event");
  w.raw(event);
  w.end_object();
  return w.take() + "\n";
}

// Kept by the connection's on_gone until the stream is over, and by a read under way.
class LogStream : public std::enable_shared_from_this<LogStream> {
 public:
  LogStream(const Call& call, Wanted wanted)
      : call_(call), loop_(call.api().streams.loop), wanted_(std::move(wanted)), timer_(loop_, [this] { read(); }) {}

  void begin() {
    call_.responder().on_gone([self = shared_from_this()] { self->timer_.disarm(); });
    read();
  }

 private:
  void read() {
    call_.gateway().read_log(wanted_.from, [self = shared_from_this()](core::Result<LogPage> page) { self->on_page(std::move(page)); });
  }

  void on_page(core::Result<LogPage> page) {
    if (call_.responder().gone()) return;
    auto text = page.ok() ? lines(*page) : core::Result<std::string>(page.error());
    if (!text.ok()) return started_ ? call_.responder().finish() : call_.fail(text.error());
    if (!std::exchange(started_, true)) start();
    const bool room = text->empty() || call_.responder().write(std::move(*text));
    const bool end = wanted_.from > page->committed;
    if (end && !wanted_.follow) return call_.responder().finish();
    if (!room) return call_.responder().on_drained([this] { read(); });
    if (!end) return read();
    idle_ = page->entries.empty() ? std::min(idle_ * 2, kLookLate) : kLookSoon;
    timer_.arm(loop_.now() + idle_);
  }

  core::Result<std::string> lines(const LogPage& page) {
    std::string out;
    for (const auto& entry : page.entries) {
      TRY(const auto line, line_of(entry, wanted_));
      out += line;
      wanted_.from = entry.id.index.next();
    }
    return out;
  }

  void start() {
    auto head = Response::empty(200);
    head.headers.set("Content-Type", "application/x-ndjson");
    call_.start(std::move(head));
  }

  Call call_;
  net::uv::Loop& loop_;
  Wanted wanted_;
  net::uv::Timer timer_;
  core::Duration idle_ = kLookSoon;
  bool started_ = false;
};

core::Result<Wanted> wanted_by(const Request& request) {
  Wanted out;
  TRY(out.follow, bool_parameter(request, "follow", false));
  if (const auto from = request.query.get("from")) {
    const auto index = core::parse_integer<std::uint64_t>(*from);
    if (!index) return core::Error{core::Errc::invalid, "Invalid from: \"" + std::string(*from) + "\" is not an index"};
    out.from.value = *index;
  }
  std::string_view types = request.query.get("type").value_or("");
  while (!types.empty()) {
    const auto comma = std::min(types.find(','), types.size());
    const auto type = types.substr(0, comma);
    if (!core::model::is_event_name(type) && type != "Noop" && type != "Configuration")
      return core::Error{core::Errc::invalid, "Invalid type: there is no event \"" + std::string(type) + "\""};
    out.types.emplace(type);
    types.remove_prefix(std::min(comma + 1, types.size()));
  }
  return out;
}

}  // namespace

void operator_log(const Call& call) {
  if (!call.is(net::http::Method::get)) return call.invalid_method();
  auto wanted = wanted_by(call.request());
  if (!wanted.ok()) return call.fail(wanted.error());
  std::make_shared<LogStream>(call, std::move(*wanted))->begin();
}

}  // namespace agent::http
