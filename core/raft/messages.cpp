// SPDX-License-Identifier: MPL-2.0
// The wire form: magic, version, kind, term, then the fields of the kind in the order of messages.h.
#include "core/raft/messages.h"

#include <array>

#include "core/base/binary.h"
#include "core/base/limits.h"

namespace core::raft {
namespace {

constexpr std::uint32_t kMagic = 0x5446524e;  // "NRFT"
constexpr std::uint8_t kVersion = 1;
// No cluster lives to see it; below it, steps and sums of ordinals cannot overflow.
constexpr std::uint64_t kOrdinalMax = std::uint64_t{1} << 62;
constexpr std::size_t kConfigurationBytesMax = limits::kRaftPeersMax * (2 * limits::kIdBytesMax + 16) + 16;

// The position of a kind in the variant is its number on the wire: new kinds go at the end.
constexpr std::array<std::string_view, std::variant_size_v<Message>> kNames = {
    "pre-vote-request", "pre-vote-reply", "vote-request", "vote-reply",      "append-request",
    "append-reply",     "append-refusal", "heartbeat",    "heartbeat-reply", "install-request",
    "install-reply",    "timeout-now",    "read-request", "read-reply"};

// ---- writing ----

void put(Writer& w, EntryId id) {
  w.u64(id.term.value);
  w.u64(id.index.value);
}
void put(Writer& w, const Digest& digest) { w.raw(digest.view()); }

void put(Writer& w, const Entry& entry) {  // its index follows from its place
  w.u64(entry.id.term.value);
  w.u8(static_cast<std::uint8_t>(entry.kind));
  w.u16(entry.type);
  w.i64(entry.time.ns);
  w.u64(entry.request.high);
  w.u64(entry.request.low);
  put(w, entry.digest);
  w.string(*entry.payload);
}

void put(Writer& w, const SnapshotMeta& meta) {
  put(w, meta.last);
  put(w, meta.digest);
  w.u64(meta.configuration_index.value);
  w.string(encode(meta.configuration));
}

void put(Writer& w, const PreVoteRequest& m) { put(w, m.last); }
void put(Writer& w, const PreVoteReply& m) {
  w.u64(m.asked.value);
  w.boolean(m.granted);
}
void put(Writer& w, const VoteRequest& m) {
  put(w, m.last);
  w.boolean(m.handed_over);
}
void put(Writer& w, const VoteReply& m) { w.boolean(m.granted); }
void put(Writer& w, const AppendRequest& m) {
  put(w, m.previous);
  put(w, m.previous_digest);
  w.u64(m.commit.value);
  w.u32(static_cast<std::uint32_t>(m.entries.size()));
  for (const auto& entry : m.entries) put(w, entry);
}
void put(Writer& w, const AppendReply& m) { w.u64(m.match.value); }
void put(Writer& w, const AppendRefusal& m) {
  put(w, m.previous);
  put(w, m.hint);
}
void put(Writer& w, const Heartbeat& m) {
  w.u64(m.round);
  w.u64(m.commit.value);
  put(w, m.checked);
  put(w, m.digest);
}
void put(Writer& w, const HeartbeatReply& m) {
  w.u64(m.round);
  w.u64(m.match.value);
  w.u64(m.agreed.value);
  w.u64(m.last.value);
}
void put(Writer& w, const InstallRequest& m) {
  put(w, m.snapshot);
  w.u64(m.size_bytes);
  w.u64(m.offset);
  w.string(*m.bytes);
}
void put(Writer& w, const InstallReply& m) {
  put(w, m.snapshot);
  w.u64(m.next_offset);
  w.boolean(m.installed);
}
void put(Writer&, const TimeoutNow&) {}
void put(Writer& w, const ReadRequest& m) { w.u64(m.ticket); }
void put(Writer& w, const ReadReply& m) {
  w.u64(m.ticket);
  w.boolean(m.confirmed);
  w.u64(m.index.value);
}

// ---- reading ----

template <class Tag>
Status get(Reader& r, Ordinal<Tag>& out) {
  TRY(out.value, r.u64());
  if (out.value > kOrdinalMax) return Error{Errc::corrupt, "term or index out of range"};
  return ok_status();
}
Status get(Reader& r, EntryId& out) {
  TRY(get(r, out.term));
  return get(r, out.index);
}
Status get(Reader& r, Digest& out) {
  TRY(const auto raw, r.raw(out.bytes.size()));
  out = Digest::from(raw);
  return ok_status();
}

Status get(Reader& r, Entry& out) {
  TRY(get(r, out.id.term));
  TRY(const auto kind, r.u8());
  if (kind > static_cast<std::uint8_t>(EntryKind::command))
    return Error{Errc::corrupt, "unknown kind of entry"};
  out.kind = static_cast<EntryKind>(kind);
  TRY(out.type, r.u16());
  TRY(out.time.ns, r.i64());
  TRY(out.request.high, r.u64());
  TRY(out.request.low, r.u64());
  TRY(get(r, out.digest));
  TRY(const auto payload, r.string(limits::kEventBytesMax));
  out.payload = std::make_shared<const Bytes>(payload);
  return ok_status();
}

Status get(Reader& r, SnapshotMeta& out) {
  TRY(get(r, out.last));
  TRY(get(r, out.digest));
  TRY(get(r, out.configuration_index));
  TRY(const auto configuration, r.string(kConfigurationBytesMax));
  TRY(out.configuration, decode_configuration(configuration));
  if (out.last.index.value == 0 || out.configuration_index > out.last.index)
    return Error{Errc::corrupt, "snapshot indexes"};
  return ok_status();
}

Status get(Reader& r, PreVoteRequest& m) { return get(r, m.last); }
Status get(Reader& r, PreVoteReply& m) {
  TRY(get(r, m.asked));
  TRY(m.granted, r.boolean());
  return ok_status();
}
Status get(Reader& r, VoteRequest& m) {
  TRY(get(r, m.last));
  TRY(m.handed_over, r.boolean());
  return ok_status();
}
Status get(Reader& r, VoteReply& m) {
  TRY(m.granted, r.boolean());
  return ok_status();
}
Status get(Reader& r, AppendRequest& m) {
  TRY(get(r, m.previous));
  TRY(get(r, m.previous_digest));
  TRY(get(r, m.commit));
  TRY(const auto count, r.u32());
  if (count > limits::kAppendBatchEntries) return Error{Errc::corrupt, "too many entries in one append"};
  for (std::uint32_t i = 0; i < count; ++i) {
    Entry entry;
    TRY(get(r, entry));
    entry.id.index = Index{m.previous.index.value + 1 + i};
    m.entries.push_back(std::move(entry));
  }
  return ok_status();
}
Status get(Reader& r, AppendReply& m) { return get(r, m.match); }
Status get(Reader& r, AppendRefusal& m) {
  TRY(get(r, m.previous));
  return get(r, m.hint);
}
Status get(Reader& r, Heartbeat& m) {
  TRY(m.round, r.u64());
  TRY(get(r, m.commit));
  TRY(get(r, m.checked));
  return get(r, m.digest);
}
Status get(Reader& r, HeartbeatReply& m) {
  TRY(m.round, r.u64());
  TRY(get(r, m.match));
  TRY(get(r, m.agreed));
  return get(r, m.last);
}
Status get(Reader& r, InstallRequest& m) {
  TRY(get(r, m.snapshot));
  TRY(m.size_bytes, r.u64());
  TRY(m.offset, r.u64());
  TRY(const auto bytes, r.string(limits::kAppendBytesMax));
  m.bytes = std::make_shared<const Bytes>(bytes);
  return ok_status();
}
Status get(Reader& r, InstallReply& m) {
  TRY(get(r, m.snapshot));
  TRY(m.next_offset, r.u64());
  TRY(m.installed, r.boolean());
  return ok_status();
}
Status get(Reader&, TimeoutNow&) { return ok_status(); }
Status get(Reader& r, ReadRequest& m) {
  TRY(m.ticket, r.u64());
  return ok_status();
}
Status get(Reader& r, ReadReply& m) {
  TRY(m.ticket, r.u64());
  TRY(m.confirmed, r.boolean());
  return get(r, m.index);
}

template <class Kind>
Result<Message> get_message(Reader& r) {
  Kind message;
  TRY(get(r, message.term));
  TRY(get(r, message));
  TRY(r.end());
  return Message(std::move(message));
}

template <std::size_t... At>
Result<Message> get_kind(Reader& r, std::uint8_t kind, std::index_sequence<At...>) {
  using Get = Result<Message> (*)(Reader&);
  constexpr Get all[] = {&get_message<std::variant_alternative_t<At, Message>>...};
  return all[kind](r);
}

}  // namespace

Term term_of(const Message& message) {
  return std::visit([](const auto& m) { return m.term; }, message);
}

std::string_view name_of(const Message& message) { return kNames[message.index()]; }

Bytes encode(const Message& message) {
  Writer w;
  w.u32(kMagic);
  w.u8(kVersion);
  w.u8(static_cast<std::uint8_t>(message.index()));
  std::visit(
      [&](const auto& m) {
        w.u64(m.term.value);
        put(w, m);
      },
      message);
  return w.take();
}

Result<Message> decode_message(ByteView bytes) {
  Reader r(bytes);
  TRY(const auto magic, r.u32());
  if (magic != kMagic) return Error{Errc::corrupt, "not a Raft message"};
  TRY(const auto version, r.u8());
  if (version != kVersion) return Error{Errc::unsupported, "Raft message version " + std::to_string(version)};
  TRY(const auto kind, r.u8());
  if (kind >= std::variant_size_v<Message>)
    return Error{Errc::corrupt, "Raft message kind " + std::to_string(kind)};
  return get_kind(r, kind, std::make_index_sequence<std::variant_size_v<Message>>{});
}

}  // namespace core::raft
