// SPDX-License-Identifier: MPL-2.0
// /v1/client/fs: what is in an allocation's directory. Paths are resolved by client::AllocDir, which
// lets nothing lead out of it.
#include <unistd.h>

#include <algorithm>

#include "agent/http/file_stream.h"
#include "agent/http/own_node.h"
#include "agent/http/routes.h"
#include "core/base/integer.h"
#include "core/base/time.h"

namespace agent::http {
namespace {

using client::AllocDir;
using client::FileInfo;
using core::Errc;
using core::Error;
using core::Result;
using core::model::AllocPtr;

constexpr std::size_t kSniffBytes = 512;

std::string parameter(const Call& call, std::string_view name, std::string_view absent = "") {
  const auto given = call.request().query.get(name);
  return std::string(given && !given->empty() ? *given : absent);
}

// A byte count; Errc::rejected in Go's words.
Result<std::int64_t> integer(const Call& call, std::string_view name) {
  const auto text = parameter(call, name, "0");
  if (const auto value = core::parse_integer<std::int64_t>(text)) return *value;
  return Error{Errc::rejected, "error parsing " + std::string(name) + ": strconv.ParseInt: parsing \"" + text + "\": invalid syntax"};
}

Result<Range> range(const Call& call) {
  Range out;
  TRY(const auto offset, integer(call, "offset"));
  out.offset = static_cast<std::uint64_t>(std::max<std::int64_t>(offset, 0));
  const auto origin = parameter(call, "origin", "start");
  if (origin != "start" && origin != "end") return Error{Errc::invalid, "origin must be start or end"};
  out.from_end = origin == "end";
  return out;
}

void write_info(core::json::Writer& w, const FileInfo& info, std::string_view type) {
  const auto text = [&](const char* name, std::string_view value) {
    w.key(name);
    w.string(value);
  };
  w.begin_object();
  text("Name", info.name);
  w.key("IsDir");
  w.boolean(info.is_directory);
  w.key("Size");
  w.uint64(info.size);
  text("FileMode", info.mode);
  text("ModTime", core::format_rfc3339(info.modified));
  if (!type.empty()) text("ContentType", type);
  w.end_object();
}

// Looked up on the worker; `render` runs there too.
template <class Render>
void look_up(const Call& call, OwnNode& own, const AllocPtr& alloc, Render render) {
  const auto submitted = own.files.submit([dir = own.node.directory(alloc->id), render = std::move(render)]() -> Result<std::string> { return render(dir); },
                                          [call](Result<std::string> json) {
                                            // v1.1.0 answers 500 to whatever the file system refuses.
                                            if (json.ok()) return call.ok(std::move(*json));
                                            call.fail(json.error().code == Errc::denied ? 403 : 500, json.error().detail);
                                          });
  if (!submitted.ok()) call.fail(submitted.error());
}

void ls(const Call& call, OwnNode& own, const AllocPtr& alloc) {
  look_up(call, own, alloc, [path = parameter(call, "path", "/")](const AllocDir& dir) -> Result<std::string> {
    TRY(const auto files, dir.list(path));
    core::json::Writer w;
    w.begin_array();
    for (const auto& file : files) write_info(w, file, "");
    w.end_array();
    return w.take();
  });
}

Result<std::string> sniff(const AllocDir& dir, const std::string& path) {
  TRY(const auto file, dir.open(path));
  char beginning[kSniffBytes];
  const auto n = ::pread(file.number(), beginning, sizeof beginning, 0);
  return std::string(content_type({beginning, static_cast<std::size_t>(std::max<ssize_t>(n, 0))}));
}

void stat(const Call& call, OwnNode& own, const AllocPtr& alloc) {
  auto path = parameter(call, "path");
  if (path.empty()) return call.fail(400, "must provide a file name");
  look_up(call, own, alloc, [path = std::move(path)](const AllocDir& dir) -> Result<std::string> {
    TRY(const auto info, dir.stat(path));
    const auto type = sniff(dir, path);
    core::json::Writer w;
    write_info(w, info, type.ok() ? *type : "");
    return w.take();
  });
}

// Bytes that some task wrote: no browser is to take them for a page.
Response untrusted_bytes() {
  Response head;
  head.headers.set("Content-Type", "text/plain; charset=utf-8");
  head.headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  head.headers.set("X-Content-Type-Options", "nosniff");
  head.headers.set("X-Xss-Protection", "1; mode=block");
  return head;
}

void send_bytes(const Call& call, OwnNode& own, const AllocPtr& alloc, Range range) {
  auto path = parameter(call, "path");
  if (path.empty()) return call.fail(400, "must provide a file name");
  stream_file(call, own.loop, own.files, file_source(own.node.directory(alloc->id), std::move(path), range),
              {.follow = false, .plain = true, .head = untrusted_bytes()});
}

void cat(const Call& call, OwnNode& own, const AllocPtr& alloc) { send_bytes(call, own, alloc, {}); }

void readat(const Call& call, OwnNode& own, const AllocPtr& alloc) {
  if (!call.request().query.has("offset")) return call.fail(500, "error parsing offset: strconv.ParseInt: parsing \"\": invalid syntax");
  auto wanted = range(call);
  if (!wanted.ok()) return call.fail(wanted.error());
  const auto limit = integer(call, "limit");
  if (!limit.ok()) return call.fail(limit.error());
  if (*limit > 0) wanted->length = static_cast<std::uint64_t>(*limit);
  send_bytes(call, own, alloc, *wanted);
}

void stream(const Call& call, OwnNode& own, const AllocPtr& alloc) {
  auto path = parameter(call, "path");
  if (path.empty()) return call.fail(400, "must provide a file name");
  const auto wanted = range(call);
  if (!wanted.ok()) return call.fail(wanted.error());
  const auto follow = bool_parameter(call.request(), "follow", true);
  if (!follow.ok()) return call.fail(follow.error());
  stream_file(call, own.loop, own.files, file_source(own.node.directory(alloc->id), std::move(path), *wanted),
              {.follow = *follow, .plain = false, .head = Response::json({})});
}

void logs(const Call& call, OwnNode& own, const AllocPtr& alloc) {
  const auto task = parameter(call, "task"), type = parameter(call, "type");
  if (task.empty()) return call.fail(400, "must provide task name");
  if (type != "stdout" && type != "stderr") return call.fail(400, "must provide log type (stdout/stderr)");
  const auto wanted = range(call);
  if (!wanted.ok()) return call.fail(wanted.error());
  const auto follow = bool_parameter(call.request(), "follow", false);
  if (!follow.ok()) return call.fail(follow.error());
  const auto plain = bool_parameter(call.request(), "plain", false);
  if (!plain.ok()) return call.fail(plain.error());
  if (!own.node.task_states(alloc->id).contains(task)) return call.fail(400, "unknown task name \"" + task + "\"");
  StreamOptions options{.follow = *follow, .plain = *plain, .head = Response::json({})};
  if (*plain) options.head = untrusted_bytes();
  stream_file(call, own.loop, own.files, log_source(own.node.directory(alloc->id), task, type, *wanted), std::move(options));
}

struct Action {
  std::string_view name;
  void (*handle)(const Call&, OwnNode&, const AllocPtr&);
};
constexpr Action kActions[] = {{"ls", ls}, {"stat", stat}, {"cat", cat}, {"readat", readat}, {"stream", stream}, {"logs", logs}};

}  // namespace

void client_fs(const Call& plain) {
  const auto call = plain.for_any_origin();
  if (!begin_client_call(call)) return;
  const auto rest = call.request().rest();
  const auto name = rest.substr(0, rest.find('/'));
  const auto action = std::find_if(std::begin(kActions), std::end(kActions), [&](const Action& a) { return a.name == name; });
  if (action == std::end(kActions)) return call.fail(404, "Invalid method");
  if (!call.is(net::http::Method::get)) return call.invalid_method();
  const core::AllocId id{std::string(rest.substr(std::min(rest.size(), name.size() + 1)))};
  if (id.empty()) return call.fail(400, "must provide a valid alloc id");
  with_alloc(call, id, action->handle);
}

}  // namespace agent::http
