// SPDX-License-Identifier: MPL-2.0
#include "agent/client/executor/wire.h"

#include <map>

#include "core/base/binary.h"
#include "core/base/integer.h"

namespace agent::client {
namespace {

using core::Bytes;
using core::ByteView;
using core::Errc;
using core::Error;
using core::Reader;
using core::Result;
using core::Writer;

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kTextMax = kMessageBytesMax;
constexpr std::uint32_t kListMax = 1 << 16;

// ---- out -----------------------------------------------------------------------------------------

void put(Writer& w, const std::vector<std::string>& list) {
  w.u32(static_cast<std::uint32_t>(list.size()));
  for (const auto& item : list) w.string(item);
}

void put(Writer& w, const Identity& v) {
  w.u32(v.uid);
  w.u32(v.gid);
  w.u32(static_cast<std::uint32_t>(v.groups.size()));
  for (const auto group : v.groups) w.u32(group);
}

void put(Writer& w, const Isolation& v) {
  w.string(v.root);
  w.u32(static_cast<std::uint32_t>(v.binds.size()));
  for (const auto& bind : v.binds) {
    w.string(bind.from);
    w.string(bind.to);
    w.boolean(bind.read_only);
  }
  w.boolean(v.private_pids);
  w.boolean(v.private_ipc);
  w.u64(v.capabilities);
}

void put(Writer& w, const CgroupLimits& v) {
  w.u64(v.cpu_shares);
  w.u64(v.memory_bytes);
  w.u64(v.memory_soft_bytes);
}

template <class T>
void put(Writer& w, const std::optional<T>& v) {
  w.boolean(v.has_value());
  if (v) put(w, *v);
}

void put(Writer& w, const Launch& v) {
  w.u64(v.run);
  w.string(v.control_dir);
  w.string(v.command);
  put(w, v.args);
  put(w, v.env);
  w.string(v.task_dir);
  w.string(v.logs_dir);
  w.string(v.log_name);
  w.u32(v.log_files_max);
  w.u64(v.log_file_bytes_max);
  put(w, v.user);
  put(w, v.isolation);
  w.string(v.cgroup);
  put(w, v.limits);
}
void put(Writer& w, const Stop& v) {
  w.u32(static_cast<std::uint32_t>(v.signal));
  w.u32(v.grace_ms);
}
void put(Writer& w, const Deliver& v) { w.u32(static_cast<std::uint32_t>(v.signal)); }
void put(Writer& w, const Begun& v) {
  w.u64(v.run);
  w.u32(static_cast<std::uint32_t>(v.pid));
  w.u64(v.start_ticks);
}
void put(Writer& w, const Refused& v) {
  w.boolean(v.recoverable);
  w.string(v.why);
}
void put(Writer& w, const Ended& v) {
  w.u64(v.run);
  w.u32(static_cast<std::uint32_t>(v.exit_code));
  w.u32(static_cast<std::uint32_t>(v.signal));
  w.boolean(v.oom_killed);
}

// ---- in ------------------------------------------------------------------------------------------

core::Status get(Reader& r, std::string& out) {
  TRY(const auto text, r.string(kTextMax));
  out = text;
  return core::ok_status();
}
core::Status get(Reader& r, std::int32_t& out) {
  TRY(const auto v, r.u32());
  out = static_cast<std::int32_t>(v);
  return core::ok_status();
}
// Each item takes at least `item_bytes`: a length is not believed before its bytes are there.
Result<std::uint32_t> count(Reader& r, std::size_t item_bytes) {
  TRY(const auto n, r.u32());
  if (n > kListMax || n * item_bytes > r.remaining()) return Error{Errc::corrupt, "list length " + std::to_string(n)};
  return n;
}
core::Status get(Reader& r, std::vector<std::string>& out) {
  TRY(const auto n, count(r, 4));
  out.resize(n);
  for (auto& item : out) {
    TRY(get(r, item));
  }
  return core::ok_status();
}
core::Status get(Reader& r, Identity& out) {
  TRY(out.uid, r.u32());
  TRY(out.gid, r.u32());
  TRY(const auto n, count(r, 4));
  out.groups.resize(n);
  for (auto& group : out.groups) {
    TRY(group, r.u32());
  }
  return core::ok_status();
}
core::Status get(Reader& r, Isolation& out) {
  TRY(get(r, out.root));
  TRY(const auto n, count(r, 9));
  out.binds.resize(n);
  for (auto& bind : out.binds) {
    TRY(get(r, bind.from));
    TRY(get(r, bind.to));
    TRY(bind.read_only, r.boolean());
  }
  TRY(out.private_pids, r.boolean());
  TRY(out.private_ipc, r.boolean());
  TRY(out.capabilities, r.u64());
  return core::ok_status();
}
core::Status get(Reader& r, CgroupLimits& out) {
  TRY(out.cpu_shares, r.u64());
  TRY(out.memory_bytes, r.u64());
  TRY(out.memory_soft_bytes, r.u64());
  return core::ok_status();
}
template <class T>
core::Status get(Reader& r, std::optional<T>& out) {
  TRY(const auto there, r.boolean());
  if (!there) return core::ok_status();
  return get(r, out.emplace());
}
core::Status get(Reader& r, Launch& out) {
  TRY(out.run, r.u64());
  TRY(get(r, out.control_dir));
  TRY(get(r, out.command));
  TRY(get(r, out.args));
  TRY(get(r, out.env));
  TRY(get(r, out.task_dir));
  TRY(get(r, out.logs_dir));
  TRY(get(r, out.log_name));
  TRY(out.log_files_max, r.u32());
  TRY(out.log_file_bytes_max, r.u64());
  TRY(get(r, out.user));
  TRY(get(r, out.isolation));
  TRY(get(r, out.cgroup));
  return get(r, out.limits);
}
core::Status get(Reader& r, Stop& out) {
  TRY(get(r, out.signal));
  TRY(out.grace_ms, r.u32());
  return core::ok_status();
}
core::Status get(Reader& r, Deliver& out) { return get(r, out.signal); }
core::Status get(Reader& r, Begun& out) {
  TRY(out.run, r.u64());
  TRY(get(r, out.pid));
  TRY(out.start_ticks, r.u64());
  return core::ok_status();
}
core::Status get(Reader& r, Refused& out) {
  TRY(out.recoverable, r.boolean());
  return get(r, out.why);
}
core::Status get(Reader& r, Ended& out) {
  TRY(out.run, r.u64());
  TRY(get(r, out.exit_code));
  TRY(get(r, out.signal));
  TRY(out.oom_killed, r.boolean());
  return core::ok_status();
}

template <class T>
Result<Message> decode_as(Reader& r) {
  T out;
  TRY(get(r, out));
  TRY(r.end());
  return Message(std::move(out));
}

// ---- text ----------------------------------------------------------------------------------------

// "key=value" lines.
std::map<std::string_view, std::string_view> parse_lines(std::string_view text) {
  std::map<std::string_view, std::string_view> lines;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto equals = line.find('=');
    if (equals != std::string_view::npos) lines.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return lines;
}

template <class T>
core::Status read_number(const std::map<std::string_view, std::string_view>& lines, std::string_view key, T& out) {
  const auto it = lines.find(key);
  if (it == lines.end()) return Error{Errc::corrupt, "no " + std::string(key)};
  const auto number = core::parse_integer<T>(it->second);
  if (!number) return Error{Errc::corrupt, "bad " + std::string(key)};
  out = *number;
  return core::ok_status();
}

}  // namespace

Bytes encode(const Message& message) {
  Writer body;
  body.u8(kVersion);
  body.u8(static_cast<std::uint8_t>(message.index()));
  std::visit([&](const auto& v) { put(body, v); }, message);
  Writer out;
  out.string(body.bytes());
  return out.take();
}

Result<Message> decode_message(ByteView bytes) {
  Reader r(bytes);
  TRY(const auto version, r.u8());
  if (version != kVersion) return Error{Errc::corrupt, "message version " + std::to_string(version)};
  TRY(const auto kind, r.u8());
  switch (kind) {
    case 0: return decode_as<Launch>(r);
    case 1: return decode_as<Stop>(r);
    case 2: return decode_as<Deliver>(r);
    case 3: return decode_as<Begun>(r);
    case 4: return decode_as<Refused>(r);
    case 5: return decode_as<Ended>(r);
    default: return Error{Errc::corrupt, "message kind " + std::to_string(kind)};
  }
}

Result<std::optional<Message>> take_message(Bytes& buffer) {
  Reader r(buffer);
  if (buffer.size() < 4) return std::optional<Message>();
  TRY(const auto length, r.u32());
  if (length > kMessageBytesMax) return Error{Errc::corrupt, "message of " + std::to_string(length) + " bytes"};
  if (r.remaining() < length) return std::optional<Message>();
  TRY(const auto body, r.raw(length));
  TRY(auto message, decode_message(body));
  buffer.erase(0, 4 + length);
  return std::optional<Message>(std::move(message));
}

std::string begun_text(const Begun& begun, std::string_view boot_id) {
  return "run=" + std::to_string(begun.run) + "\npid=" + std::to_string(begun.pid) +
         "\nstart_ticks=" + std::to_string(begun.start_ticks) + "\nboot_id=" + std::string(boot_id) + "\n";
}

Result<Begun> parse_begun(std::string_view text, std::string_view boot_id) {
  const auto lines = parse_lines(text);
  Begun begun;
  TRY(read_number(lines, "run", begun.run));
  TRY(read_number(lines, "pid", begun.pid));
  TRY(read_number(lines, "start_ticks", begun.start_ticks));
  const auto boot = lines.find("boot_id");
  if (boot == lines.end() || boot->second != boot_id) return Error{Errc::not_found, "the machine was started again"};
  return begun;
}

std::string ended_text(const Ended& ended) {
  return "run=" + std::to_string(ended.run) + "\nexit_code=" + std::to_string(ended.exit_code) +
         "\nsignal=" + std::to_string(ended.signal) + "\noom_killed=" + (ended.oom_killed ? "1" : "0") + "\n";
}

Result<Ended> parse_ended(std::string_view text) {
  const auto lines = parse_lines(text);
  Ended ended;
  int oom = 0;
  TRY(read_number(lines, "run", ended.run));
  TRY(read_number(lines, "exit_code", ended.exit_code));
  TRY(read_number(lines, "signal", ended.signal));
  TRY(read_number(lines, "oom_killed", oom));
  ended.oom_killed = oom != 0;
  return ended;
}

}  // namespace agent::client
