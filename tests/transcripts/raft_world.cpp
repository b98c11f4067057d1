// SPDX-License-Identifier: MPL-2.0
// A few Rafts whose messages and saves wait until the story says so. Commands:
//   servers a b c        these, each with the configuration as its first entry, durable and applied
//   another d            one more with an empty disk
//   log a 1 1 2          a's disk held entries of these terms when it started
//   term a 3             ... and it had heard of this term
//   chunk 8, batch 1     snapshots, and appends, are cut into pieces of so many bytes; before `servers`
//   wake a, wait 500ms   a's deadline comes; time passes and nobody notices
//   run 5s               time passes, and all that falls due is done, synced and delivered at once
//   cut a b, heal        what a sends to b is lost from now on; no more
//   sync a               what a has given to its disk becomes durable
//   deliver a b          what is on its way from a to b arrives; with no names, all that is on its way
//   lose a b             ... is lost instead
//   settle               syncs and delivers until nothing is left to do
//   quietly <command>    the same, printing nothing
//   propose a x, read a, transfer a [b], add a d, promote a d, remove a b, unreachable a b
//   snapshot a trailing  of all that a has applied
//   crash a, restart a, status
// Each server is more patient than the one before: unless told otherwise, a stands first.
#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "tests/support/raft_disk.h"
#include "tests/transcripts/raft_words.h"
#include "tests/transcripts/transcript.h"

namespace transcripts {
namespace {

using namespace core::raft;
using core::Index;
using core::ServerId;
using core::Term;

struct Server {
  std::optional<Raft> raft;
  test::RaftDisk durable;
  test::RaftDisk written;
  std::deque<Save> saving;
  Entry applied;  // the newest
  Configuration configuration;
  Index configuration_index;
  core::Bytes partial;
};

class RaftWorld : public World {
 public:
  std::string run(const Words& command) override {
    out_.clear();
    do_run(command);
    return std::exchange(out_, {});
  }

 private:
  using Wire = std::pair<std::string, std::string>;

  void print(const std::string& line) { out_ += line + "\n"; }

  void do_run(const Words& w) {
    const auto& verb = w[0];
    if (verb == "quietly") {
      do_run(Words(w.begin() + 1, w.end()));
      return out_.clear();
    }
    if (verb == "servers") return start(Words(w.begin() + 1, w.end()));
    if (verb == "another") return another(w[1]);
    if (verb == "log") return add_to_log(w);
    if (verb == "term") {
      servers_[w[1]].durable.hard = {Term{std::stoul(w[2])}, {}};
      return boot(w[1]);
    }
    if (verb == "chunk") return void(config_.snapshot_chunk_bytes = std::stoul(w[1]));
    if (verb == "batch") return void(config_.append_bytes = std::stoul(w[1]));
    if (verb == "cut") return void(cuts_.insert({w[1], w[2]}));
    if (verb == "heal") return cuts_.clear();
    if (verb == "run") return run_for(core::parse_duration(w[1]).value());
    if (verb == "wait") return void(now_ += core::parse_duration(w[1]).value());
    if (verb == "deliver") return w.size() == 3 ? deliver({w[1], w[2]}) : deliver_all();
    if (verb == "lose") return lose({w[1], w[2]});
    if (verb == "settle") return settle();
    if (verb == "status") return status();
    at_server(w);
  }

  void at_server(const Words& w) {
    const auto& verb = w[0];
    const auto& id = w[1];
    if (verb == "crash") return crash(id);
    if (verb == "restart") return restart(id);
    if (verb == "sync") return sync(id);
    if (verb == "snapshot") return snapshot(id, std::stoul(w[2]));
    if (verb == "wake") return wake(id);
    if (verb == "propose") return step(id, proposal(w[2]));
    if (verb == "read") return step(id, ReadAsked{++ticket_});
    if (verb == "transfer") {
      const auto target = w.size() > 2 ? std::optional(ServerId{w[2]}) : std::nullopt;
      return step(id, TransferAsked{target, ++ticket_});
    }
    if (verb == "unreachable") return step(id, PeerUnreachable{ServerId{w[2]}});
    if (verb == "add")
      return step(id, PeerChangeAsked{AddPeer{{ServerId{w[2]}, w[2] + ":4647", true}}, ++ticket_});
    if (verb == "promote") return step(id, PeerChangeAsked{PromotePeer{ServerId{w[2]}}, ++ticket_});
    if (verb == "remove") return step(id, PeerChangeAsked{RemovePeer{ServerId{w[2]}}, ++ticket_});
    print("no such command: " + verb);
  }

  // ---- servers ----

  void start(const Words& names) {
    Configuration configuration;
    for (const auto& name : names) configuration.put({ServerId{name}, name + ":4647", true});
    Entry first;
    first.id = {Term{1}, Index{1}};
    first.kind = EntryKind::configuration;
    first.payload = std::make_shared<const core::Bytes>(encode(configuration));
    first.digest = chain_digest({}, first);
    for (const auto& name : names) {
      auto& server = servers_[name];
      server.durable.hard.term = Term{1};
      server.durable.log = {first};
      server.applied = first;
      server.configuration = configuration;
      server.configuration_index = Index{1};
      boot(name);
    }
  }

  void another(const std::string& name) {
    servers_[name] = {};
    boot(name);
  }

  void boot(const std::string& name) {
    auto& server = servers_[name];
    Config config = config_;
    config.self = ServerId{name};
    config.election_timeout += std::chrono::seconds(std::distance(servers_.begin(), servers_.find(name)));
    server.durable.recover();
    server.written = server.durable;
    core::Rng same(1);
    server.raft.emplace(config, server.durable.restored(server.applied.id.index, same), core::Rng(1),
                        core::Logger());
    (void)server.raft->step(Applied{server.applied.id.index}, now_);  // its timers begin now
  }

  void add_to_log(const Words& w) {
    auto& disk = servers_[w[1]].durable;
    for (std::size_t i = 2; i < w.size(); ++i) {
      Entry entry;
      entry.id = {Term{std::stoul(w[i])}, disk.last().next()};
      entry.kind = EntryKind::command;
      entry.payload = std::make_shared<const core::Bytes>("t" + w[i]);
      entry.digest = chain_digest(disk.log.back().digest, entry);
      disk.hard = {entry.id.term, {}};
      disk.log.push_back(std::move(entry));
    }
    boot(w[1]);
  }

  void crash(const std::string& id) {
    auto& server = servers_[id];
    server.raft.reset();
    server.saving.clear();
    server.partial.clear();
    for (auto& [wire, messages] : wires_)
      if (wire.second == id) messages.clear();
  }

  void restart(const std::string& id) { boot(id); }

  void wake(const std::string& id) {
    const auto deadline = servers_[id].raft->next_deadline();
    if (!deadline) return print(id + " waits for nothing");
    now_ = std::max(now_, *deadline);
    step(id, Woke{});
  }

  // ---- the network ----

  void send(const std::string& from, const Envelope& envelope) {
    const bool cut = cuts_.contains({from, envelope.to.text});
    print(from + (cut ? " -x " : " -> ") + envelope.to.text + " " + words(envelope.message));
    if (!cut) wires_[{from, envelope.to.text}].push_back(encode(envelope.message));
  }

  void deliver(const Wire& wire) {
    auto messages = std::exchange(wires_[wire], {});
    const auto to = servers_.find(wire.second);
    for (const auto& bytes : messages)
      if (to != servers_.end() && to->second.raft)
        step(wire.second, Received{ServerId{wire.first}, decode_message(bytes).value()});
  }

  void deliver_all() {
    std::vector<Wire> busy;
    for (const auto& [wire, messages] : wires_)
      if (!messages.empty()) busy.push_back(wire);
    for (const auto& wire : busy) deliver(wire);
  }

  void lose(const Wire& wire) {
    for (const auto& bytes : std::exchange(wires_[wire], {}))
      print("lost " + wire.first + " -> " + wire.second + " " +
            std::string(name_of(decode_message(bytes).value())));
  }

  void settle() {
    for (bool busy = true; busy;) {
      busy = false;
      for (auto& [id, server] : servers_) {
        if (server.saving.empty()) continue;
        sync(id);
        busy = true;
      }
      for (auto& [wire, messages] : wires_) busy = busy || !messages.empty();
      deliver_all();
    }
  }

  void run_for(core::Duration span) {
    const auto end = now_ + span;
    while (true) {
      settle();
      std::optional<std::pair<core::Instant, std::string>> next;
      for (const auto& [id, server] : servers_) {
        const auto deadline = server.raft ? server.raft->next_deadline() : std::nullopt;
        if (deadline && *deadline <= end && (!next || *deadline < next->first)) next = {*deadline, id};
      }
      if (!next) break;
      now_ = std::max(now_, next->first);
      step(next->second, Woke{});
    }
    now_ = end;
  }

  // ---- a driver ----

  Proposed proposal(const std::string& text) {
    Proposal one;
    one.payload = std::make_shared<const core::Bytes>(text);
    one.ticket = ++ticket_;
    return Proposed{{one}};
  }

  void step(const std::string& id, const Input& input) {
    auto& server = servers_[id];
    if (!server.raft) return print(id + " is down");
    auto out = server.raft->step(input, now_);
    for (const auto& outcome : out.outcomes) print(id + ": " + words(outcome));
    for (const auto& envelope : out.send) send(id, envelope);
    if (!out.save.empty()) {
      if (const auto text = words(out.save); !text.empty()) print(id + " saves" + text);
      server.written.carry_out(out.save);
      server.saving.push_back(std::move(out.save));
    }
    if (out.install) install(id, *out.install);
    apply(id, out.committed);
    for (const auto& read : out.reads) answer(id, read);
    if (out.store) store(id, *out.store);
  }

  void sync(const std::string& id) {
    auto& server = servers_[id];
    while (!server.saving.empty()) {
      const auto save = std::move(server.saving.front());
      server.saving.pop_front();
      server.durable.carry_out(save);
      for (const auto& envelope : save.then_send) send(id, envelope);
      step(id, Saved{save.number});
    }
  }

  void apply(const std::string& id, const std::vector<Entry>& entries) {
    auto& server = servers_[id];
    if (entries.empty()) return;
    std::string text = id + " applies";
    for (const auto& entry : entries) {
      text += " [" + words(entry) + "]";
      if (entry.kind != EntryKind::configuration) continue;
      server.configuration = decode_configuration(*entry.payload).value();
      server.configuration_index = entry.id.index;
    }
    print(text);
    server.applied = entries.back();
    step(id, Applied{server.applied.id.index});
  }

  void snapshot(const std::string& id, std::uint64_t trailing) {
    auto& server = servers_[id];
    const SnapshotMeta meta{server.applied.id, server.applied.digest, server.configuration,
                            server.configuration_index};
    server.durable.store(meta);
    server.written.store(meta);
    step(id, SnapshotTaken{meta, trailing});
  }

  static core::Bytes bytes_of(const SnapshotMeta& meta) { return "state at " + words(meta.last) + "."; }

  void install(const std::string& id, const SnapshotMeta& meta) {
    auto& server = servers_[id];
    print(id + " installs \"" + server.partial + "\"");
    server.applied.id = meta.last;
    server.applied.digest = meta.digest;
    server.configuration = meta.configuration;
    server.configuration_index = meta.configuration_index;
    step(id, Applied{meta.last.index});
  }

  void answer(const std::string& id, const DiskRead& read) {
    auto& server = servers_[id];
    if (const auto* log = std::get_if<ReadLog>(&read)) {
      std::vector<Entry> entries;
      for (Index i = log->from; i <= log->last; i = i.next()) entries.push_back(*server.written.find(i));
      return step(id, LogRead{log->to, log->from, std::move(entries)});
    }
    const auto& piece = std::get<ReadSnapshot>(read);
    const auto whole = bytes_of(server.durable.snapshot);
    auto part = std::make_shared<const core::Bytes>(whole.substr(piece.offset, piece.bytes_max));
    step(id,
         SnapshotRead{piece.to, piece.snapshot, piece.offset, SnapshotPiece{std::move(part), whole.size()}});
  }

  void store(const std::string& id, const StoreSnapshot& piece) {
    auto& server = servers_[id];
    if (piece.offset == 0) server.partial.clear();
    server.partial += *piece.bytes;
    if (piece.last) server.durable.store(piece.snapshot);
    step(id, SnapshotStored{piece.snapshot.last, server.partial.size(), core::ok_status()});
  }

  void status() {
    for (const auto& [id, server] : servers_) {
      if (!server.raft) {
        print(id + " is down");
        continue;
      }
      const auto s = server.raft->status();
      std::string line = id + " " + std::string(to_string(s.role)) + " term=" + to_string(s.term) +
                         " log=" + to_string(s.first) + ".." + words(s.last) +
                         " durable=" + to_string(s.durable) + " commit=" + to_string(s.commit) +
                         " servers: " + words(s.configuration);
      for (const auto& peer : s.peers)
        if (!peer.state.empty())
          line +=
              "; " + peer.peer.id.text + " " + std::string(peer.state) + " match=" + to_string(peer.match);
      print(line);
    }
  }

  std::string out_;
  core::Instant now_{std::chrono::seconds(100)};
  Config config_;
  std::set<Wire> cuts_;
  std::map<std::string, Server> servers_;
  std::map<Wire, std::vector<core::Bytes>> wires_;
  std::uint64_t ticket_ = 0;
};

}  // namespace

std::unique_ptr<World> make_raft_world() { return std::make_unique<RaftWorld>(); }

}  // namespace transcripts
