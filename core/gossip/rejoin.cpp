// SPDX-License-Identifier: MPL-2.0
#include "core/gossip/rejoin.h"


#include "core/base/limits.h"
#include "core/base/integer.h"

namespace core::gossip {
namespace {

constexpr ByteView kFirstLine = "# nomad gossip 1";

// The part before the next `end`, which is dropped with it.
ByteView cut(ByteView& from, char end) {
  const auto at = std::min(from.find(end), from.size());
  const auto part = from.substr(0, at);
  from.remove_prefix(std::min(at + 1, from.size()));
  return part;
}

template <class Number>
bool read_number(ByteView text, Number& out) {
  const auto number = parse_integer<Number>(text);
  out = number.value_or(0);
  return number.has_value();
}

// "<ip> <port> <name>": a name may hold spaces, an address does not.
bool read_other(ByteView rest, Remembered::Other& out) {
  out.endpoint.ip = cut(rest, ' ');
  const auto port = cut(rest, ' ');
  out.name = rest;
  return !out.endpoint.ip.empty() && !out.name.empty() && read_number(port, out.endpoint.port);
}

bool read_line(ByteView line, Remembered& out) {
  const auto word = cut(line, ' ');
  if (word == "session") return read_number(line, out.session);
  if (word == "clock") return read_number(line, out.clock.value);
  if (word == "member") return out.others.size() < limits::kGossipMembersMax && read_other(line, out.others.emplace_back());
  return true;
}

}  // namespace

Remembered remember(const MemberTable& members, const std::string& self, std::uint64_t session, LamportTime clock) {
  Remembered out{session, clock, {}};
  members.for_each([&](const Member& m) {
    const bool one_line = m.name.find('\n') == std::string::npos;
    if (m.name != self && m.condition != Condition::left && one_line) out.others.push_back({m.name, m.endpoint});
  });
  return out;
}

Bytes encode(const Remembered& r) {
  Bytes out(kFirstLine);
  out += "\nsession " + std::to_string(r.session) + "\nclock " + std::to_string(r.clock.value) + "\n";
  for (const auto& other : r.others)
    out += "member " + other.endpoint.ip + " " + std::to_string(other.endpoint.port) + " " + other.name + "\n";
  return out;
}

Result<Remembered> decode_remembered(ByteView text) {
  Remembered out;
  if (cut(text, '\n') != kFirstLine) return Error{Errc::corrupt, "line 1: not a list of members"};
  for (std::size_t line = 2; !text.empty(); ++line)
    if (!read_line(cut(text, '\n'), out)) return Error{Errc::corrupt, "line " + std::to_string(line)};
  return out;
}

}  // namespace core::gossip
