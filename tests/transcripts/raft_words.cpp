// SPDX-License-Identifier: MPL-2.0
#include "tests/transcripts/raft_words.h"

namespace transcripts {

using namespace core::raft;

namespace {

std::string number(std::uint64_t n) { return std::to_string(n); }
std::string yes(bool granted) { return granted ? " granted" : " refused"; }

std::string details(const PreVoteRequest& m) { return " last=" + words(m.last); }
std::string details(const PreVoteReply& m) { return yes(m.granted); }
std::string details(const VoteRequest& m) {
  return " last=" + words(m.last) + (m.handed_over ? " handed-over" : "");
}
std::string details(const VoteReply& m) { return yes(m.granted); }
std::string details(const AppendRequest& m) {
  std::string out = " previous=" + words(m.previous) + " commit=" + to_string(m.commit);
  for (const auto& entry : m.entries) out += " [" + words(entry) + "]";
  return out;
}
std::string details(const AppendReply& m) { return " match=" + to_string(m.match); }
std::string details(const AppendRefusal& m) {
  return " previous=" + words(m.previous) + " hint=" + words(m.hint);
}
std::string details(const Heartbeat& m) {
  return " round=" + number(m.round) + " commit=" + to_string(m.commit) + " checked=" + words(m.checked);
}
std::string details(const HeartbeatReply& m) {
  return " round=" + number(m.round) + " match=" + to_string(m.match) + " agreed=" + to_string(m.agreed) +
         " last=" + to_string(m.last);
}
std::string details(const InstallRequest& m) {
  const std::string of = " snapshot=" + words(m.snapshot.last);
  if (m.bytes->empty()) return of + " offer";
  return of + " bytes=" + number(m.offset) + "-" + number(m.offset + m.bytes->size()) + " of " +
         number(m.size_bytes);
}
std::string details(const InstallReply& m) {
  return " snapshot=" + words(m.snapshot) + (m.installed ? " installed" : " next=" + number(m.next_offset));
}
std::string details(const TimeoutNow&) { return ""; }
std::string details(const ReadRequest& m) { return " ticket=" + number(m.ticket); }
std::string details(const ReadReply& m) {
  return " ticket=" + number(m.ticket) + (m.confirmed ? " index=" + to_string(m.index) : " refused");
}

std::string status_words(const core::Status& status) {
  return status.ok() ? "done"
                     : std::string(core::to_string(status.error().code)) + ", " + status.error().detail;
}

std::string tell(const Appended& o) { return "ticket " + number(o.ticket) + " is " + words(o.id); }
std::string tell(const Refused& o) {
  return "ticket " + number(o.ticket) + " refused: " + std::string(core::to_string(o.error.code)) + ", " +
         o.error.detail;
}
std::string tell(const ReadReady& o) {
  return "ticket " + number(o.ticket) + " may read at " + to_string(o.index);
}
std::string tell(const LeadershipChanged& o) {
  return std::string(to_string(o.role)) + " in term " + to_string(o.term) +
         (o.role == Role::follower ? " of " + (o.leader ? o.leader->text : std::string("nobody")) : "");
}
std::string tell(const TransferDone& o) {
  return "ticket " + number(o.ticket) + " transfer: " + status_words(o.status);
}
std::string tell(const PeerChangeDone& o) {
  return "ticket " + number(o.ticket) + " change: " + status_words(o.status);
}
std::string tell(const ConfigurationChanged& o) { return "servers are " + words(o.configuration); }
std::string tell(const Diverged& o) { return "DIVERGED at " + to_string(o.index); }

}  // namespace

std::string words(const EntryId& id) { return to_string(id.term) + "/" + to_string(id.index); }

std::string words(const Entry& entry) {
  switch (entry.kind) {
    case EntryKind::noop:
      return words(entry.id) + " noop";
    case EntryKind::configuration:
      return words(entry.id) + " servers " + words(decode_configuration(*entry.payload).value());
    case EntryKind::command:
      return words(entry.id) + " " + *entry.payload;
  }
  return {};
}

std::string words(const Message& message) {
  return std::string(name_of(message)) + " term=" + to_string(term_of(message)) +
         std::visit([](const auto& m) { return details(m); }, message);
}

std::string words(const Configuration& configuration) {
  std::string out;
  for (const auto& peer : configuration.peers)
    out += (out.empty() ? "" : " ") + peer.id.text + (peer.voter ? "" : "(non-voter)");
  return out;
}

std::string words(const Save& save) {
  std::string out;
  if (save.hard_state) out += " term=" + to_string(save.hard_state->term);
  if (save.hard_state && !save.hard_state->voted_for.empty())
    out += " vote=" + save.hard_state->voted_for.text;
  if (save.reset_to) out += " reset-to=" + words(save.reset_to->last);
  if (save.truncate_from) out += " cut-from=" + to_string(*save.truncate_from);
  for (const auto& entry : save.append) out += " [" + words(entry) + "]";
  if (save.drop_before) out += " drop-before=" + to_string(*save.drop_before);
  return out;
}

std::string words(const Outcome& outcome) {
  return std::visit([](const auto& o) { return tell(o); }, outcome);
}

}  // namespace transcripts
