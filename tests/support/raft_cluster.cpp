// SPDX-License-Identifier: MPL-2.0
#include "tests/support/raft_cluster.h"

#include <algorithm>

#include "core/base/assert.h"

namespace test {

using namespace core::raft;
using core::Duration;
using core::Index;
using core::Instant;
using core::ServerId;

struct RaftCluster::Node {
  ServerId id;
  std::uint64_t life = 0;  // counts starts: what was under way in an earlier one is gone
  std::optional<Raft> raft;
  RaftDisk durable;
  RaftDisk written;         // with the saves not yet synced
  std::deque<Save> saving;  // given, not yet durable
  bool syncing = false;
  Index applied;  // by the state machine, in memory
  Configuration configuration;
  Index configuration_index;
  std::uint64_t partial_bytes = 0;  // stored of an incoming snapshot
  std::map<EntryId, std::uint64_t> waiting;
  Instant paused_until;
  std::int64_t gain_per_mille = 0;
  Instant gain_from;
  Duration gained{};
};

core::Bytes snapshot_bytes(const SnapshotMeta& meta) {
  core::Bytes bytes = core::to_hex(meta.digest);
  while (bytes.size() < 200 + meta.last.index.value % 300) bytes += core::to_hex(meta.digest);
  return bytes;
}

RaftCluster::RaftCluster(RaftClusterOptions options) : options_(std::move(options)), rng_(options_.seed) {}
RaftCluster::~RaftCluster() = default;

RaftCluster::Node& RaftCluster::node(const ServerId& id) { return *nodes_.at(id); }
const RaftCluster::Node& RaftCluster::node(const ServerId& id) const { return *nodes_.at(id); }

// ---- time ----

void RaftCluster::at(Instant when, Action action) {
  events_.emplace(std::pair(when, next_event_++), std::move(action));
}

void RaftCluster::on(Node& target, Duration delay, std::function<void(Node&)> action) {
  at(now_ + delay, [this, id = target.id, life = target.life, action = std::move(action)]() {
    auto& n = node(id);
    if (!n.raft || n.life != life) return;
    if (n.paused_until > now_) return on(n, n.paused_until - now_, action);
    action(n);
  });
}

Instant RaftCluster::local(const Node& n) const {
  return now_ + n.gained + (now_ - n.gain_from) / 1000 * n.gain_per_mille;
}

Instant RaftCluster::wakes_at(const Node& n) const {
  const auto deadline = n.raft ? n.raft->next_deadline() : std::nullopt;
  if (!deadline) return Instant::max();
  const Duration ahead = *deadline - local(n);
  if (ahead <= Duration{}) return std::max(now_, n.paused_until);
  return std::max(now_ + ahead * 1000 / (1000 + n.gain_per_mille) + Duration(1), n.paused_until);
}

bool RaftCluster::advance(Instant limit) {
  Instant next = events_.empty() ? Instant::max() : events_.begin()->first.first;
  Node* sleeper = nullptr;
  for (auto& [id, n] : nodes_) {
    const auto wake = wakes_at(*n);
    if (wake >= next) continue;
    next = wake;
    sleeper = n.get();
  }
  if (next > limit) {
    now_ = limit;
    return false;
  }
  now_ = std::max(now_, next);
  if (sleeper != nullptr) {
    step(*sleeper, Woke{});
  } else {
    auto action = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    action();
  }
  return true;
}

void RaftCluster::run_for(Duration span) {
  const Instant limit = now_ + span;
  while (broken().empty() && advance(limit)) {
  }
}

bool RaftCluster::run_until(const std::function<bool()>& holds, Duration limit) {
  const Instant end = now_ + limit;
  while (!holds()) {
    if (!broken().empty() || !advance(end)) return false;
  }
  return true;
}

// ---- servers ----

void RaftCluster::start(std::size_t servers) {
  for (std::size_t i = 0; i < servers; ++i) {
    const auto id = start_another();
    founders_.put({id, id.text + ":4647", true});
  }
  step(node(founders_.peers.front().id), BootstrapAsked{founders_});
}

ServerId RaftCluster::start_another() {
  const ServerId id{std::string(1, static_cast<char>('a' + nodes_.size()))};
  auto fresh = std::make_unique<Node>();
  fresh->id = id;
  fresh->gain_from = now_;
  boot(*nodes_.emplace(id, std::move(fresh)).first->second);
  return id;
}

void RaftCluster::boot(Node& n) {
  Config config = options_.config;
  config.self = n.id;
  n.durable.recover();
  n.written = n.durable;
  // The database may have kept less than was applied, but never less than its newest snapshot.
  const auto floor = n.durable.snapshot.last.index;
  n.applied = std::clamp(n.applied, floor, n.durable.last());
  n.applied = Index{floor.value + rng_.below(n.applied.value - floor.value + 1)};
  auto restored = n.durable.restored(n.applied, rng_);
  n.configuration = n.durable.snapshot.configuration;
  n.configuration_index = n.durable.snapshot.configuration_index;
  for (const auto& entry : n.durable.log) {
    if (entry.kind != EntryKind::configuration || entry.id.index > n.applied) continue;
    if (entry.id.index <= n.configuration_index) continue;
    n.configuration = decode_configuration(*entry.payload).value();
    n.configuration_index = entry.id.index;
  }
  ++n.life;
  n.raft.emplace(config, std::move(restored), rng_.fork(), core::Logger());
}

void RaftCluster::crash(const ServerId& id) {
  auto& n = node(id);
  if (!n.raft) return;
  n.raft.reset();
  // Some of what was on its way to the disk is there, in order; the next one perhaps in part.
  const auto whole = rng_.below(n.saving.size() + 1);
  for (std::size_t i = 0; i < whole; ++i) n.durable.carry_out(n.saving[i]);
  if (whole < n.saving.size()) n.durable.tear(n.saving[whole], rng_);
  n.saving.clear();
  n.syncing = false;
  n.waiting.clear();
  n.partial_bytes = 0;
  n.paused_until = Instant{};
}

void RaftCluster::restart(const ServerId& id) {
  auto& n = node(id);
  if (n.raft) return;
  boot(n);
  if (n.durable.log.empty() && !founders_.peers.empty() && id == founders_.peers.front().id)
    step(n, BootstrapAsked{founders_});
}

void RaftCluster::pause(const ServerId& id, Duration span) { node(id).paused_until = now_ + span; }

void RaftCluster::isolate(const ServerId& id) {
  for (const auto& [other, n] : nodes_) {
    cuts_.insert({id, other});
    cuts_.insert({other, id});
  }
}

void RaftCluster::break_connections(const ServerId& id) {
  for (auto& [other, n] : nodes_)
    if (other != id) on(*n, Duration(1000), [this, id](Node& target) { step(target, PeerUnreachable{id}); });
}

void RaftCluster::set_clock_gain(const ServerId& id, std::int64_t per_mille) {
  auto& n = node(id);
  n.gained = local(n) - now_;
  n.gain_from = now_;
  n.gain_per_mille = per_mille;
}

// ---- requests ----

std::uint64_t RaftCluster::propose(const ServerId& to, const std::string& payload) {
  Proposal proposal;
  proposal.type = 1;
  proposal.payload = std::make_shared<const core::Bytes>(payload);
  proposal.ticket = ++next_ticket_;
  step(node(to), Proposed{{proposal}});
  return proposal.ticket;
}

std::uint64_t RaftCluster::read(const ServerId& id) {
  const auto ticket = ++next_ticket_;
  read_floors_[ticket] = checker_.newest();
  step(node(id), ReadAsked{ticket});
  return ticket;
}

std::uint64_t RaftCluster::change(const ServerId& id, PeerChange change) {
  const auto ticket = ++next_ticket_;
  step(node(id), PeerChangeAsked{std::move(change), ticket});
  return ticket;
}

std::uint64_t RaftCluster::transfer(const ServerId& from, std::optional<ServerId> target) {
  const auto ticket = ++next_ticket_;
  step(node(from), TransferAsked{std::move(target), ticket});
  return ticket;
}

// ---- what can be seen ----

std::vector<ServerId> RaftCluster::ids() const {
  std::vector<ServerId> all;
  for (const auto& [id, n] : nodes_) all.push_back(id);
  return all;
}

std::vector<ServerId> RaftCluster::running() const {
  std::vector<ServerId> all;
  for (const auto& [id, n] : nodes_)
    if (n->raft) all.push_back(id);
  return all;
}

bool RaftCluster::is_running(const ServerId& id) const { return node(id).raft.has_value(); }

std::optional<ServerId> RaftCluster::leader() const {
  std::optional<ServerId> best;
  for (const auto& [id, n] : nodes_) {
    if (!n->raft || n->raft->role() != Role::leader) continue;
    if (!best || n->raft->term() > node(*best).raft->term()) best = id;
  }
  return best;
}

ServerId RaftCluster::elect() {
  const bool there = run_until([this]() {
    const auto id = leader();
    if (!id || node(*id).applied.value == 0) return false;
    const auto newest = checker_.newest();
    return newest.value > 0 && checker_.history().back().id.term == node(*id).raft->term();
  });
  if (!there) checker_.complain("no leader came up");
  return leader().value_or(ServerId{"a"});
}

StatusReport RaftCluster::status(const ServerId& id) const { return node(id).raft->status(); }
Index RaftCluster::applied(const ServerId& id) const { return node(id).applied; }
const RaftDisk& RaftCluster::disk(const ServerId& id) const { return node(id).durable; }

bool RaftCluster::settled() const {
  if (!leader()) return false;
  for (const auto& [id, n] : nodes_)
    if (n->raft && n->applied != checker_.newest()) return false;
  return node(*leader()).raft->status().last.index == checker_.newest();
}

const Outcome* RaftCluster::outcome(std::uint64_t ticket) const {
  const auto it = outcomes_.find(ticket);
  return it == outcomes_.end() ? nullptr : &it->second;
}

std::uint64_t RaftCluster::messages_sent(const std::string& name) const {
  const auto it = sent_.find(name);
  return it == sent_.end() ? 0 : it->second;
}

// ---- the driver ----

void RaftCluster::step(Node& n, const Input& input) {
  if (n.raft) carry_out(n, n.raft->step(input, local(n)));
}

void RaftCluster::carry_out(Node& n, Output out) {
  for (const auto& entry : out.save.append) checker_.appended(entry);
  for (const auto& envelope : out.send) send(n, envelope);
  if (!out.save.empty()) save(n, std::move(out.save));
  for (const auto& outcome : out.outcomes) note(n, outcome);
  if (out.install) {
    const auto meta = *out.install;
    checker_.installed(n.id, meta);
    on(n, Duration(1000), [this, meta](Node& target) { install(target, meta); });
  }
  if (!out.committed.empty()) {
    for (const auto& entry : out.committed) checker_.committed(n.id, entry);
    on(n, Duration(1000),
       [this, entries = std::move(out.committed)](Node& target) { apply(target, entries); });
  }
  for (const auto& read : out.reads) read_disk(n, read);
  if (out.store) store(n, *out.store);
}

void RaftCluster::send(Node& from, const Envelope& envelope) {
  ++sent_[std::string(name_of(envelope.message))];
  const auto& network = options_.network;
  if (cuts_.contains({from.id, envelope.to}) || rng_.chance(network.loss_per_mille)) return;
  const auto wire = encode(envelope.message);
  const int copies = rng_.chance(network.duplicate_per_mille) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    const auto delay = network.delay_min + rng_.jitter(network.delay_max - network.delay_min);
    at(now_ + delay, [this, sender = from.id, to = envelope.to, wire]() { deliver(sender, to, wire); });
  }
}

void RaftCluster::deliver(const ServerId& from, const ServerId& to, const core::Bytes& wire) {
  const auto it = nodes_.find(to);
  if (it == nodes_.end() || !it->second->raft || cuts_.contains({from, to})) return;
  on(*it->second, Duration{}, [this, from, wire](Node& n) {
    auto message = decode_message(wire);
    if (!message.ok()) return checker_.complain("a message does not decode: " + message.error().detail);
    step(n, Received{from, std::move(*message)});
  });
}

void RaftCluster::save(Node& n, Save save) {
  if (save.number != (n.saving.empty() ? save.number : n.saving.back().number + 1))
    checker_.complain("saves are not numbered in order");
  n.written.carry_out(save);
  n.saving.push_back(std::move(save));
  if (n.syncing) return;
  n.syncing = true;
  on(n, options_.sync_min + rng_.jitter(options_.sync_max - options_.sync_min),
     [this](Node& target) { sync_done(target); });
}

// One sync covers all saves that were waiting, or some: the rest form the next batch.
void RaftCluster::sync_done(Node& n) {
  n.syncing = false;
  const auto count = 1 + rng_.below(n.saving.size());
  std::uint64_t number = 0;
  std::vector<Envelope> promises;
  for (std::size_t i = 0; i < count; ++i) {
    auto& done = n.saving.front();
    n.durable.carry_out(done);
    number = done.number;
    std::move(done.then_send.begin(), done.then_send.end(), std::back_inserter(promises));
    n.saving.pop_front();
  }
  for (const auto& envelope : promises) send(n, envelope);
  if (!n.saving.empty()) {
    n.syncing = true;
    on(n, options_.sync_min + rng_.jitter(options_.sync_max - options_.sync_min),
       [this](Node& target) { sync_done(target); });
  }
  step(n, Saved{number});
}

void RaftCluster::apply(Node& n, const std::vector<Entry>& entries) {
  for (const auto& entry : entries) {
    if (entry.id.index != n.applied.next()) checker_.complain(n.id.text + " was handed entries out of order");
    n.applied = entry.id.index;
    if (entry.kind == EntryKind::configuration) {
      n.configuration = decode_configuration(*entry.payload).value();
      n.configuration_index = entry.id.index;
    }
    const auto waiting = n.waiting.find(entry.id);
    if (waiting != n.waiting.end()) acknowledged_.insert(waiting->second);
  }
  step(n, Applied{n.applied});
  if (n.raft && options_.snapshot_every > 0 &&
      n.applied.value >= n.durable.snapshot.last.index.value + options_.snapshot_every)
    take_snapshot(n);
}

void RaftCluster::take_snapshot(Node& n) {
  const auto& last = checker_.history()[n.applied.value - 1];
  const SnapshotMeta meta{last.id, last.digest, n.configuration, n.configuration_index};
  on(n, rng_.jitter(std::chrono::milliseconds(20)), [this, meta](Node& target) {
    if (meta.last.index <= target.durable.snapshot.last.index) return;
    target.durable.store(meta);
    target.written.store(meta);
    step(target, SnapshotTaken{meta, options_.trailing});
  });
}

void RaftCluster::install(Node& n, const SnapshotMeta& meta) {
  n.applied = meta.last.index;
  n.configuration = meta.configuration;
  n.configuration_index = meta.configuration_index;
  step(n, Applied{n.applied});
}

void RaftCluster::note(Node& n, const Outcome& outcome) {
  if (const auto* appended = std::get_if<Appended>(&outcome)) {
    n.waiting[appended->id] = appended->ticket;
    outcomes_.emplace(appended->ticket, outcome);
  } else if (const auto* refused = std::get_if<Refused>(&outcome)) {
    outcomes_.emplace(refused->ticket, outcome);
  } else if (const auto* ready = std::get_if<ReadReady>(&outcome)) {
    checker_.read(n.id, ready->index, read_floors_.at(ready->ticket));
    outcomes_.emplace(ready->ticket, outcome);
  } else if (const auto* change = std::get_if<PeerChangeDone>(&outcome)) {
    outcomes_.emplace(change->ticket, outcome);
  } else if (const auto* transfer_done = std::get_if<TransferDone>(&outcome)) {
    outcomes_.emplace(transfer_done->ticket, outcome);
  } else if (const auto* changed = std::get_if<LeadershipChanged>(&outcome)) {
    if (changed->role == Role::leader) checker_.became_leader(changed->term, n.id, n.written);
  } else if (std::holds_alternative<Diverged>(outcome)) {
    checker_.complain(n.id.text + " found its history diverged");
  }
}

void RaftCluster::read_disk(Node& n, const DiskRead& read) {
  on(n, rng_.jitter(std::chrono::milliseconds(2)), [this, read](Node& target) {
    if (const auto* log = std::get_if<ReadLog>(&read)) {
      std::vector<Entry> entries;
      std::size_t bytes = 0;
      for (Index i = log->from; i <= log->last; i = i.next()) {
        const auto* entry = target.written.find(i);
        if (entry == nullptr || (!entries.empty() && bytes + entry->payload->size() > log->bytes_max)) break;
        entries.push_back(*entry);
        bytes += entry->payload->size();
      }
      if (entries.empty())
        return step(target, LogRead{log->to, log->from, core::Error{core::Errc::not_found, "gone"}});
      return step(target, LogRead{log->to, log->from, std::move(entries)});
    }
    const auto& piece = std::get<ReadSnapshot>(read);
    const auto& meta = target.written.snapshot;
    if (meta.last != piece.snapshot)
      return step(target, SnapshotRead{piece.to, piece.snapshot, piece.offset,
                                       core::Error{core::Errc::not_found, "gone"}});
    const auto whole = snapshot_bytes(meta);
    auto part = std::make_shared<const core::Bytes>(whole.substr(piece.offset, piece.bytes_max));
    step(target,
         SnapshotRead{piece.to, piece.snapshot, piece.offset, SnapshotPiece{std::move(part), whole.size()}});
  });
}

void RaftCluster::store(Node& n, const StoreSnapshot& piece) {
  on(n, rng_.jitter(std::chrono::milliseconds(3)), [this, piece](Node& target) {
    if (piece.offset == 0) target.partial_bytes = 0;
    const auto whole = snapshot_bytes(piece.snapshot);
    if (piece.offset != target.partial_bytes ||
        whole.substr(piece.offset, piece.bytes->size()) != *piece.bytes)
      checker_.complain("a piece of a snapshot is not what was sent");
    target.partial_bytes += piece.bytes->size();
    if (piece.last && target.partial_bytes != whole.size()) checker_.complain("a snapshot ended early");
    if (piece.last) target.durable.store(piece.snapshot);
    step(target, SnapshotStored{piece.snapshot.last, target.partial_bytes, core::ok_status()});
  });
}

}  // namespace test
