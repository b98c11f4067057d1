// SPDX-License-Identifier: MPL-2.0
// What rots on a server's disk, and how it comes back.
#include "store/log/repair.h"
#include "store/state/dump.h"
#include "store/state/reader.h"
#include "tests/sim/node.h"

namespace sim {

using core::Errc;
using core::Error;

std::string Node::any_file(const std::string& directory, std::string_view ending) {
  std::vector<std::string> found;
  for (auto& path : disk_.files())
    if (path.starts_with(name_ + directory) && path.ends_with(ending)) found.push_back(std::move(path));
  return found.empty() ? "" : found[rng_.below(found.size())];
}

bool Node::rot_snapshot() {
  const auto path = any_file("/snapshots/", ".db");
  if (path.empty()) return false;
  const auto offset = rng_.below(disk_.contents(path).size());
  disk_.flip(path, offset, static_cast<std::uint8_t>(1 << rng_.below(8)));
  rotten_ = true;
  world_.say(name_ + " rots: " + path + ": offset " + std::to_string(offset));
  return true;
}

std::optional<Node::StoredState> Node::stored_state() const {
  const auto disk = disk_.after_kill();
  SqliteMount mount(name_, *disk);
  const auto look = [this]() -> core::Result<StoredState> {
    StoredState out;
    TRY(auto db, store::Connection::open(name_ + "/state.db", {.access = store::Access::read_write}));
    TRY(out.digest, store::state::digest_of(db));
    TRY(const auto page_bytes, db.get_integer("PRAGMA page_size"));
    TRY(auto meta, db.query("SELECT applied_index, applied_term FROM meta"));
    TRY(const bool found, meta.step());
    if (found) out.applied = {.term = {meta.unsigned_integer(1)}, .index = {meta.unsigned_integer(0)}};
    TRY(auto pages, db.query("SELECT pageno FROM dbstat WHERE pagetype = 'leaf' AND pageno > 1"
                             " AND name IN (SELECT name FROM sqlite_schema WHERE type = 'table') ORDER BY pageno"));
    for (;;) {
      TRY(const bool more, pages.step());
      if (!more) return out;
      out.pages.push_back((pages.unsigned_integer(0) - 1) * static_cast<std::uint64_t>(page_bytes.value_or(0)));
    }
  };
  auto found = look();
  if (!found.ok()) return std::nullopt;
  return std::move(found).value();
}

// A page has room that nothing is in, and may have a newer copy in the write-ahead log: one bit after another, until
// the state is another by it.
bool Node::rot_row(const std::string& path, core::Rng& rng) {
  constexpr int kTries = 24;
  constexpr std::uint64_t kPageBytes = 4096;
  auto before = stored_state();
  if (!before || before->pages.empty()) return false;
  for (int i = 0; i < kTries; ++i) {
    const auto offset = before->pages[rng.below(before->pages.size())] + rng.below(kPageBytes);
    if (offset >= disk_.contents(path).size()) continue;  // it is only in the write-ahead log
    const auto mask = static_cast<std::uint8_t>(1 << rng.below(8));
    disk_.flip(path, offset, mask);
    const auto after = stored_state();
    if (after && after->digest == before->digest) {
      disk_.flip(path, offset, mask);
      continue;
    }
    world_.say(name_ + " rots: " + path + ": offset " + std::to_string(offset) + ", in a row");
    if (!before_rot_) before_rot_ = std::move(before);
    return true;
  }
  return false;
}

// However it came about: rebuilt, or the damage gone again with a power cut, with the page that it was in or by rotting
// back. Without the latest transactions nothing can be compared.
void Node::check_rows() {
  const auto before = std::exchange(before_rot_, std::nullopt);
  if (!before || machine_->applied() != before->applied) return;
  const auto now = machine_->digest();
  if (!now.ok() || *now != before->digest) world_.fail(name_ + " takes a row that rotted for what was written");
}

// In a row, or where every such file says what it is; it is built anew from snapshot and log.
bool Node::rot_state() {
  constexpr std::uint64_t kMagicBytes = 16;
  const auto path = any_file("/state", ".db");
  if (path.empty() || disk_.contents(path).size() < kMagicBytes) return false;
  auto aside = rng_;  // what follows is drawn as if this had not been
  if (aside.chance(800) && rot_row(path, aside)) return true;
  disk_.flip(path, rng_.below(kMagicBytes), 1);
  world_.say(name_ + " rots: " + path);
  return true;
}

// Only what was committed: others have it, or a snapshot that stands for it. What only this server ever had
// could come from nowhere.
void Node::rot() {
  ASSERT(!server_up());
  if (rng_.chance(300) && rot_state()) return;
  if (rng_.chance(300) && rot_snapshot()) return;
  const auto path = any_file("/log/", ".seg");
  if (path.empty()) return;
  const auto used = disk_.contents(path).find_last_not_of('\0') + 1;
  if (used <= store::log::kHeaderBytes) return;
  const auto offset = store::log::kHeaderBytes + rng_.below(used - store::log::kHeaderBytes);
  const auto mask = static_cast<std::uint8_t>(1 << rng_.below(8));
  disk_.flip(path, offset, mask);
  const auto hole = store::log::find_hole(disk_, name_);
  rotten_ = hole.ok() && *hole && (*hole)->wanted() <= committed_up_to_;
  if (rotten_) world_.say(name_ + " rots: " + (*hole)->describe());
  else disk_.flip(path, offset, mask);
}

core::Result<core::raft::Message> Node::lend(const agent::server::LossQuestion& question) {
  if (mending()) return mender_->answer(question);
  if (!alive() || paused_) return Error{Errc::unavailable, name_ + " is down"};
  if (const auto* ask = std::get_if<core::server::FetchSnapshot>(&question)) return agent::server::piece_of(*snapshots_, *ask);
  const auto& ask = std::get<core::server::FetchEntries>(question);
  TRY(auto entries, log_->read(ask.first, ask.last, kTailBytes));
  return agent::server::append_of(ask.first, std::move(entries));
}

void Node::leave_mending() {
  ASSERT(mending());
  disk_.end_process();
  die();
}

bool Node::mend(Node& other) {
  for (auto took = agent::server::Mender::Took::some; took == agent::server::Mender::Took::some;) {
    const auto answer = other.lend(mender_->question());
    if (!answer.ok()) break;
    const auto taken = mender_->take(*answer);
    if (!taken.ok()) {
      give_up(taken.error());
      return false;
    }
    took = *taken;
    if (took == agent::server::Mender::Took::whole) return true;
  }
  mender_->turn_to_next();
  return false;
}

bool Node::mend(const std::vector<std::unique_ptr<Node>>& others) {
  const auto question = mender_->look();
  if (!question.ok()) return give_up(question.error()), false;
  if (!*question) return true;
  for (const auto& other : others) {
    if (other.get() == this) continue;
    if (mend(*other)) {
      world_.say(name_ + " is mended by " + other->name());
      return false;  // there may be more
    }
    if (dying_) return false;
  }
  mender_->nobody_had_it();
  return false;
}

}  // namespace sim
