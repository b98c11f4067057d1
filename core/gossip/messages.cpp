// SPDX-License-Identifier: MPL-2.0
// The wire form: a version, then messages, each with its kind and length, so that a kind of a later
// version can be skipped. An exchange is a version, a kind and one body.
#include "core/gossip/messages.h"

#include <limits>

#include "core/base/binary.h"
#include "core/base/limits.h"

namespace core::gossip {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kHeaderBytes = 3;
// No cluster lives to see it; below it, steps cannot overflow.
constexpr std::uint64_t kOrdinalMax = std::uint64_t{1} << 62;
// The shortest record there is; what is claimed beyond the bytes that are there is not believed.
constexpr std::size_t kRecordBytesMin = 40;

Error corrupt(std::string detail) { return {Errc::corrupt, std::move(detail)}; }

// ---- writing ----

void put_text(Writer& w, std::string_view text) {
  ASSERT(text.size() <= std::numeric_limits<std::uint16_t>::max());
  w.u16(static_cast<std::uint16_t>(text.size()));
  w.raw(text);
}
void put(Writer& w, const Endpoint& endpoint) {
  put_text(w, endpoint.ip);
  w.u16(endpoint.port);
}
void put(Writer& w, const Tags& tags) {
  w.u8(static_cast<std::uint8_t>(tags.size()));
  for (const auto& [key, value] : tags) {
    put_text(w, key);
    put_text(w, value);
  }
}

void put(Writer& w, const Ping& m) {
  w.u64(m.number);
  put_text(w, m.target);
  w.u64(m.identity.value);
}
void put(Writer& w, const PingRequest& m) {
  w.u64(m.number);
  put_text(w, m.target);
  w.u64(m.identity.value);
  put(w, m.at);
}
void put(Writer& w, const Ack& m) { w.u64(m.number); }
void put(Writer& w, const Nack& m) { w.u64(m.number); }
void put(Writer& w, const Alive& m) {
  put_text(w, m.name);
  w.u64(m.identity.value);
  w.u64(m.incarnation.value);
  put(w, m.endpoint);
  put(w, m.tags);
}
template <class Accusation>
void put_accusation(Writer& w, const Accusation& m) {
  put_text(w, m.name);
  w.u64(m.identity.value);
  w.u64(m.incarnation.value);
  put_text(w, m.accuser);
}
void put(Writer& w, const Suspect& m) { put_accusation(w, m); }
void put(Writer& w, const Dead& m) { put_accusation(w, m); }
void put(Writer& w, const JoinIntent& m) {
  w.u64(m.time.value);
  put_text(w, m.name);
}
void put(Writer& w, const LeaveIntent& m) {
  w.u64(m.time.value);
  put_text(w, m.name);
  w.boolean(m.prune);
}

void put(Writer& w, const Record& record) {
  put(w, record.about);
  w.u8(static_cast<std::uint8_t>(record.condition));
  w.boolean(record.leaving);
  w.u64(record.status_time.value);
  w.u32(record.age_seconds);
}
void put(Writer& w, const std::vector<Record>& records) {
  w.u32(static_cast<std::uint32_t>(records.size()));
  for (const auto& record : records) put(w, record);
}
void put(Writer& w, const SyncRequest& m) {
  w.u64(m.time.value);
  for (const auto word : m.digest) w.u64(word);
  put(w, m.records);
}
void put(Writer& w, const SyncReply& m) {
  w.u64(m.time.value);
  w.u64(m.differing);
  put(w, m.records);
}

// ---- reading ----

Status get_text(Reader& r, std::string& out, std::size_t limit) {
  TRY(const auto size, r.u16());
  if (size > limit) return Error{Errc::too_large, "text of " + std::to_string(size) + " bytes"};
  TRY(const auto text, r.raw(size));
  out = text;
  return ok_status();
}
Status get_name(Reader& r, std::string& out) {
  TRY(get_text(r, out, limits::kGossipNameBytesMax));
  return out.empty() ? Status(corrupt("empty name")) : ok_status();
}
template <class Tag>
Status get(Reader& r, Ordinal<Tag>& out) {
  TRY(out.value, r.u64());
  return out.value > kOrdinalMax ? Status(corrupt("incarnation or time out of range")) : ok_status();
}
Status get(Reader& r, Endpoint& out) {
  TRY(get_text(r, out.ip, limits::kGossipIpBytesMax));
  TRY(out.port, r.u16());
  return ok_status();
}
Status get(Reader& r, Tags& out) {
  TRY(const auto count, r.u8());
  if (count > limits::kGossipTagsMax) return Error{Errc::too_large, "too many tags"};
  std::size_t left = limits::kGossipTagsBytesMax;
  for (unsigned i = 0; i < count; ++i) {
    std::string key, value;
    TRY(get_text(r, key, left));
    left -= key.size();
    TRY(get_text(r, value, left));
    left -= value.size();
    if (!out.emplace(std::move(key), std::move(value)).second) return corrupt("a tag twice");
  }
  return ok_status();
}

Status get(Reader& r, Ping& m) {
  TRY(m.number, r.u64());
  TRY(get_name(r, m.target));
  TRY(m.identity.value, r.u64());
  return ok_status();
}
Status get(Reader& r, PingRequest& m) {
  TRY(m.number, r.u64());
  TRY(get_name(r, m.target));
  TRY(m.identity.value, r.u64());
  return get(r, m.at);
}
Status get(Reader& r, Ack& m) {
  TRY(m.number, r.u64());
  return ok_status();
}
Status get(Reader& r, Nack& m) {
  TRY(m.number, r.u64());
  return ok_status();
}
Status get(Reader& r, Alive& m) {
  TRY(get_name(r, m.name));
  TRY(m.identity.value, r.u64());
  TRY(get(r, m.incarnation));
  TRY(get(r, m.endpoint));
  return get(r, m.tags);
}
template <class Accusation>
Status get_accusation(Reader& r, Accusation& m) {
  TRY(get_name(r, m.name));
  TRY(m.identity.value, r.u64());
  TRY(get(r, m.incarnation));
  return get_name(r, m.accuser);
}
Status get(Reader& r, Suspect& m) { return get_accusation(r, m); }
Status get(Reader& r, Dead& m) { return get_accusation(r, m); }
Status get(Reader& r, JoinIntent& m) {
  TRY(get(r, m.time));
  return get_name(r, m.name);
}
Status get(Reader& r, LeaveIntent& m) {
  TRY(get(r, m.time));
  TRY(get_name(r, m.name));
  TRY(m.prune, r.boolean());
  return ok_status();
}

Status get(Reader& r, Record& out) {
  TRY(get(r, out.about));
  TRY(const auto condition, r.u8());
  if (condition > static_cast<std::uint8_t>(Condition::left)) return corrupt("unknown condition of a member");
  out.condition = static_cast<Condition>(condition);
  TRY(out.leaving, r.boolean());
  TRY(get(r, out.status_time));
  TRY(out.age_seconds, r.u32());
  return ok_status();
}
Status get(Reader& r, std::vector<Record>& out) {
  TRY(const auto count, r.u32());
  if (count == 0) return corrupt("a table without its sender");
  if (count > r.remaining() / kRecordBytesMin) return corrupt("more members than there are bytes for");
  for (std::uint32_t i = 0; i < count; ++i) {
    TRY(get(r, out.emplace_back()));
  }
  return ok_status();
}
Status get(Reader& r, SyncRequest& m) {
  TRY(get(r, m.time));
  for (auto& word : m.digest) {
    TRY(word, r.u64());
  }
  return get(r, m.records);
}
Status get(Reader& r, SyncReply& m) {
  TRY(get(r, m.time));
  TRY(m.differing, r.u64());
  return get(r, m.records);
}

// The kind's alternative, filled from `r` to its end. The position of a kind in its variant is its
// number on the wire: new kinds go at the end.
template <class Variant, std::size_t I = 0>
Result<Variant> get_kind(std::size_t kind, Reader& r) {
  if constexpr (I == std::variant_size_v<Variant>) {
    return corrupt("unknown kind of message");
  } else {
    if (kind != I) return get_kind<Variant, I + 1>(kind, r);
    std::variant_alternative_t<I, Variant> m;
    TRY(get(r, m));
    TRY(r.end());
    return Variant(std::move(m));
  }
}

}  // namespace

ByteView packet_start() { return {&kVersion, 1}; }

Bytes encode(const Message& message) {
  Writer body;
  std::visit([&](const auto& m) { put(body, m); }, message);
  Writer w;
  w.u8(static_cast<std::uint8_t>(message.index()));
  ASSERT(body.bytes().size() <= limits::kGossipPacketBytesMax - kHeaderBytes - 1);
  w.u16(static_cast<std::uint16_t>(body.bytes().size()));
  w.raw(body.bytes());
  return w.take();
}

Result<std::vector<Message>> decode_packet(ByteView bytes) {
  if (bytes.size() > limits::kGossipPacketBytesMax) return Error{Errc::too_large, "packet of " + std::to_string(bytes.size()) + " bytes"};
  Reader r(bytes);
  TRY(const auto version, r.u8());
  if (version != static_cast<std::uint8_t>(kVersion)) return Error{Errc::unsupported, "packet of version " + std::to_string(version)};
  std::vector<Message> out;
  while (r.remaining() > 0) {
    TRY(const auto kind, r.u8());
    TRY(const auto size, r.u16());
    TRY(const auto body, r.raw(size));
    if (kind >= std::variant_size_v<Message>) continue;
    Reader inner(body);
    TRY(auto message, get_kind<Message>(kind, inner));
    out.push_back(std::move(message));
  }
  return out;
}

Bytes encode(const Exchanged& exchanged) {
  Writer w;
  w.u8(static_cast<std::uint8_t>(kVersion));
  w.u8(static_cast<std::uint8_t>(exchanged.index()));
  std::visit([&](const auto& m) { put(w, m); }, exchanged);
  return w.take();
}

Result<Exchanged> decode_exchange(ByteView bytes) {
  if (bytes.size() > limits::kGossipExchangeBytesMax)
    return Error{Errc::too_large, "exchange of " + std::to_string(bytes.size()) + " bytes"};
  Reader r(bytes);
  TRY(const auto version, r.u8());
  if (version != static_cast<std::uint8_t>(kVersion)) return Error{Errc::unsupported, "exchange of version " + std::to_string(version)};
  TRY(const auto kind, r.u8());
  return get_kind<Exchanged>(kind, r);
}

Status check(const Alive& alive) {
  if (alive.name.empty() || alive.name.size() > limits::kGossipNameBytesMax)
    return Error{Errc::invalid, "a member's name has 1 to 128 bytes"};
  if (alive.endpoint.ip.empty() || alive.endpoint.ip.size() > limits::kGossipIpBytesMax)
    return Error{Errc::invalid, "a member needs a numeric address"};
  std::size_t bytes = 0;
  for (const auto& [key, value] : alive.tags) bytes += key.size() + value.size();
  if (alive.tags.size() > limits::kGossipTagsMax || bytes > limits::kGossipTagsBytesMax)
    return Error{Errc::invalid,
                 "a member's tags have " + std::to_string(bytes) + " bytes, more than " + std::to_string(limits::kGossipTagsBytesMax)};
  return ok_status();
}

}  // namespace core::gossip
