// SPDX-License-Identifier: MPL-2.0
// Crashes at every operation of a recorded workload, in every way a crash can lose what was not synced.
#include "tests/unit/store/log/log_fixture.h"

using namespace store::log;
using core::Rng;
using core::raft::Save;
using test::Crash;
using test::FaultyDisk;
using test::History;
using test::kHome;

namespace {

// What the log may hold: a last entry with its digest stands for the whole history up to it.
struct Point {
  EntryId last;
  Digest digest;
  friend bool operator==(const Point&, const Point&) = default;
};

// What was promised so far, and what the save under way would add to it.
struct Model {
  Point before_first;
  std::vector<Entry> entries;  // acknowledged
  HardState hard_state;
  std::optional<SnapshotMeta> snapshot;
  std::vector<Save> under_way;

  Point end() const {
    return entries.empty() ? before_first : Point{entries.back().id, entries.back().digest};
  }

  void apply(const Save& save) {
    if (save.hard_state) hard_state = *save.hard_state;
    if (save.reset_to) {
      before_first = {save.reset_to->last, save.reset_to->digest};
      entries.clear();
    }
    if (save.truncate_from) entries.resize(save.truncate_from->value - before_first.last.index.value - 1);
    entries.insert(entries.end(), save.append.begin(), save.append.end());
  }
  Model after() const {
    Model next = *this;
    for (const auto& save : under_way) next.apply(save);
    next.under_way.clear();
    return next;
  }
  // The acknowledged log, or any stage on the way to what it is to become.
  std::vector<Point> allowed() const {
    const auto next = after();
    std::vector<Point> points{end(), next.end()};
    std::size_t shared = 0;
    while (shared < std::min(entries.size(), next.entries.size()) &&
           entries[shared].digest == next.entries[shared].digest)
      ++shared;
    for (auto i = shared; i < next.entries.size(); ++i)
      points.push_back({next.entries[i].id, next.entries[i].digest});
    if (snapshot) points.push_back({snapshot->last, snapshot->digest});
    return points;
  }
};

void check_recovered(FaultyDisk& disk, const Model& model) {
  auto recovered = recover(disk, kHome, model.snapshot, test::kSmall);
  if (!recovered.ok()) FAIL(recovered.error().detail);
  auto& log = *recovered->log;
  const bool old_vote = log.hard_state() == model.hard_state;
  const bool new_vote = log.hard_state() == model.after().hard_state;
  const bool by_snapshot = model.snapshot && log.hard_state() == HardState{model.snapshot->last.term, {}} &&
                           model.hard_state.term < model.snapshot->last.term;
  if (!old_vote && !new_vote && !by_snapshot) FAIL("hard state of term " << log.hard_state().term.value);
  const Point end{log.last(), log.last_digest()};
  const auto allowed = model.allowed();
  if (std::find(allowed.begin(), allowed.end(), end) == allowed.end())
    FAIL("the log ends at " << log.last().term.value << "/" << log.last().index.value
                            << ", acknowledged was up to " << model.end().last.term.value << "/"
                            << model.end().last.index.value);
  // A snapshot may stand in for entries, but only for those it covers.
  if (end == allowed.back() && model.snapshot && model.under_way.empty() &&
      end.last.index < model.end().last.index)
    FAIL("acknowledged entries are gone");
  static_cast<void>(test::read_all(log, 1 << 20));
  // And it can go on from there.
  History history(log.last(), log.last_digest());
  test::save(log, test::append_save(history.commands(log.hard_state().term, 3)));
  auto again = recover(disk, kHome, model.snapshot, test::kSmall);
  if (!again.ok()) FAIL(again.error().detail);
  if (again->log->last() != history.last()) FAIL("what was appended after the crash is gone");
  if (!again->mended.empty()) FAIL(again->mended.front());
}

// Long enough that a slot of the hard state spans sectors and can be torn.
const std::string kVote(500, 'v');

class Workload {
 public:
  Workload(FaultyDisk& disk, Model& model, std::uint64_t seed) : disk_(disk), model_(model), rng_(seed) {
    reopen();
  }

  void step() {
    const auto dice = rng_.below(100);
    if (dice < 70) return save(some_saves());
    if (dice < 80) return prepare();
    if (dice < 88) return take_snapshot();
    if (dice < 94) return drop();
    reopen();
  }

 private:
  void reopen() {
    opened_.reset();
    opened_ = test::open_log(disk_, model_.snapshot);
    REQUIRE(opened_->log->last_digest() == model_.end().digest);
  }
  void save(const std::vector<Save>& saves) {
    model_.under_way = saves;
    if (const auto status = opened_->log->save(saves); !status.ok()) FAIL(status.error().detail);
    model_ = model_.after();
  }
  std::vector<Save> some_saves() {
    std::vector<Save> saves;
    Model planned = model_;
    for (auto count = 1 + rng_.below(3); count > 0; --count) {
      saves.push_back(one_save(planned));
      planned.apply(saves.back());
    }
    return saves;
  }
  Save one_save(const Model& planned) {
    Save save;
    auto at = planned.end();
    auto term = planned.hard_state.term;
    if (rng_.chance(150) || term.value == 0) {
      term = term.next();
      save.hard_state = HardState{term, core::ServerId{rng_.chance(500) ? kVote : ""}};
    }
    const auto dice = rng_.below(100);
    if (dice < 3) {
      History elsewhere({term, Index{at.last.index.value + 1 + rng_.below(20)}}, core::digest({"elsewhere"}));
      save.reset_to = SnapshotMeta{elsewhere.last(), elsewhere.digest(), {}, {}};
      model_.snapshot = save.reset_to;  // durable before Raft asks for this
      at = {elsewhere.last(), elsewhere.digest()};
    } else if (dice < 15 && uncovered(planned) > 0) {
      const auto cut = rng_.below(uncovered(planned)) + 1;
      const auto left = planned.entries.size() - cut;
      save.truncate_from = planned.entries[left].id.index;
      at = left == 0 ? planned.before_first
                     : Point{planned.entries[left - 1].id, planned.entries[left - 1].digest};
    }
    if (rng_.chance(800)) {
      History history(at.last, at.digest);
      save.append = history.commands(term, 1 + rng_.below(6), rng_.below(900));
    }
    return save;
  }
  // Entries that are not in the snapshot; committed ones are never truncated.
  static std::size_t uncovered(const Model& planned) {
    if (!planned.snapshot || planned.end().last.index <= planned.snapshot->last.index) {
      return planned.snapshot ? 0 : planned.entries.size();
    }
    return std::min<std::size_t>(planned.entries.size(),
                                 planned.end().last.index.value - planned.snapshot->last.index.value);
  }
  void prepare() {
    for (bool more = true; more;) {
      const auto step = opened_->log->prepare();
      REQUIRE(step.ok());
      more = *step;
    }
  }
  void take_snapshot() {
    if (model_.entries.empty()) return;
    const auto& entry = model_.entries[rng_.below(model_.entries.size())];
    if (model_.snapshot && entry.id.index <= model_.snapshot->last.index) return;
    model_.snapshot = test::snapshot_at(entry);
  }
  void drop() {
    if (!model_.snapshot) return;
    test::drop_all_before(*opened_->log, model_.snapshot->last.index);
    const auto gone = opened_->log->first().value - model_.before_first.last.index.value - 1;
    model_.entries.erase(model_.entries.begin(), model_.entries.begin() + static_cast<long>(gone));
    model_.before_first = {opened_->log->before_first(), opened_->log->digest_before_first()};
  }

  FaultyDisk& disk_;
  Model& model_;
  Rng rng_;
  std::optional<Recovered> opened_;
};

}  // namespace

TEST_CASE("no crash loses what was acknowledged or brings back what was not", "[store][log][crash]") {
  const auto seed = GENERATE(range(1u, 5u));
  FaultyDisk disk;
  Model model;
  Rng rng(seed * 1000);
  std::uint64_t states = 0;
  disk.set_hook([&](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    if (!operation.changes()) return std::nullopt;
    for (const auto how : test::kCrashes) {
      CAPTURE(seed, operation.number, operation.path, static_cast<int>(how));
      auto after = disk.after_crash(how, rng);
      check_recovered(*after, model);
      ++states;
    }
    return std::nullopt;
  });
  Workload workload(disk, model, seed);
  for (int i = 0; i < 60; ++i) workload.step();
  CHECK(states > 1000);
}

TEST_CASE("a crash during recovery is no worse than the one before it", "[store][log][crash]") {
  const auto seed = GENERATE(range(20u, 22u));
  FaultyDisk disk;
  Model model;
  Rng rng(seed);
  disk.set_hook([&](const FaultyDisk::Operation& operation) -> std::optional<core::Error> {
    if (!operation.changes()) return std::nullopt;
    for (const auto how : {Crash::kept, Crash::torn_512, Crash::garbage}) {
      auto first = how == Crash::kept ? disk.after_kill() : disk.after_crash(how, rng);
      first->set_hook([&](const FaultyDisk::Operation& inner) -> std::optional<core::Error> {
        if (!inner.changes()) return std::nullopt;
        CAPTURE(seed, operation.number, static_cast<int>(how), inner.number, inner.path);
        auto second = first->after_crash(test::kCrashes[rng.below(7)], rng);
        check_recovered(*second, model);
        return std::nullopt;
      });
      const auto recovered = recover(*first, kHome, model.snapshot, test::kSmall);
      if (!recovered.ok()) FAIL(recovered.error().detail);
      first->set_hook(nullptr);
      // What recovery found, Raft may promise at once.
      const auto lost = first->after_crash(Crash::lost, rng);
      const auto again = recover(*lost, kHome, model.snapshot, test::kSmall);
      if (!again.ok()) FAIL(again.error().detail);
      if (again->log->last_digest() != recovered->log->last_digest()) FAIL("what was found is gone");
      if (again->log->hard_state() != recovered->log->hard_state()) FAIL("the vote that was found is gone");
    }
    return std::nullopt;
  });
  Workload workload(disk, model, seed);
  for (int i = 0; i < 12; ++i) workload.step();
}
