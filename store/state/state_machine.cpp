// SPDX-License-Identifier: MPL-2.0
#include "store/state/state_machine.h"

#include <iterator>

#include "core/base/assert.h"
#include "core/base/fields.h"
#include "core/model/payload.h"
#include "store/state/apply.h"
#include "store/state/commit.h"
#include "store/state/dump.h"
#include "store/state/restoration.h"
#include "store/state/rows.h"
#include "store/state/schema.h"

namespace store::state {
namespace {

using core::Errc;
using core::Error;
using core::Result;

// Rows are appended and objects read from memory, so what the writer needs of the file are the inner pages
// of its indexes. What misses here is still in the system's cache.
constexpr std::size_t kCacheKib = 4 * 1024;
// 16 MiB: pages that many transactions touch, as those of indexes, are then written once for all of them.
constexpr std::size_t kCheckpointPages = 4096;
// Of the connection that reads single rows now and then.
constexpr std::size_t kAsideCacheKib = 256;

Error at(const raft::Entry& entry, Error error) {
  return within("log entry " + to_string(entry.id.index), std::move(error));
}

void repeat(const model::RequestPtr& settled, Applied& applied) {
  if (settled->refused) applied.outcome = *settled->refused;
  applied.eval_create_index = settled->eval_create_index;
  applied.job_modify_index = settled->job_modify_index;
  applied.node_modify_index = settled->node_modify_index;
  applied.evals = settled->evals;
  applied.repeats = settled;
}

model::SettledRequest settled(const raft::Entry& entry, const Applied& applied) {
  model::SettledRequest out{.id = entry.request, .index = applied.index, .refused = nullptr, .evals = applied.evals,
                            .eval_create_index = applied.eval_create_index, .job_modify_index = applied.job_modify_index,
                            .node_modify_index = applied.node_modify_index};
  if (!applied.outcome.ok()) out.refused = std::make_shared<const Error>(applied.outcome.error());
  return out;
}

bool restores(const raft::Entry& entry) {
  return entry.kind == raft::EntryKind::command && entry.type == model::SnapshotRestored::kType;
}

// A request is carried out, or refused, once: by the first of its entries.
Status apply_command(const raft::Entry& entry, Draft& draft, Applied& applied) {
  const bool named = entry.request.set();
  if (const auto before = named ? draft.request(entry.request) : nullptr) {
    repeat(before, applied);
    return core::ok_status();
  }
  TRY(auto event, model::take_event(entry.type, entry.payload));
  applied.outcome = std::visit([&](auto&& e) { return apply(std::move(e), draft, applied); }, std::move(event));
  // What came of a restore is only known when the pieces were looked at.
  if (named && !(restores(entry) && applied.outcome.ok())) draft.settle(settled(entry, applied));
  return core::ok_status();
}

// Errors are those of an entry that makes no sense; a refused event is an outcome.
Status apply_entry(const raft::Entry& entry, Draft& draft, Applied& applied) {
  switch (entry.kind) {
    case raft::EntryKind::noop: return core::ok_status();
    case raft::EntryKind::configuration: {
      TRY(auto configuration, raft::decode_configuration(*entry.payload));
      draft.set_configuration(std::move(configuration));
      return core::ok_status();
    }
    case raft::EntryKind::command: return apply_command(entry, draft, applied);
  }
  return Error{Errc::corrupt, "unknown kind of entry"};
}

}  // namespace

struct StateMachine::State {
  Connection db;
  model::Cluster cluster;
  Books books;
  std::shared_ptr<const model::StateView> view;
  std::optional<Draft> draft;                           // since the last commit
  std::shared_ptr<const model::StateView> draft_begin;  // which the draft looks at
  std::shared_ptr<Commit> commit;                       // begun, or to be tried again
  bool commit_under_way = false;
  std::optional<Connection> aside;                      // reads while a commit has the other one
  std::optional<Error> failed;

  explicit State(Connection opened) : db(std::move(opened)) {}

  void publish() {
    cluster.advance(books.position.index());
    view = cluster.snapshot();
  }

  void open_draft() {
    if (draft) return;
    draft_begin = view;
    draft.emplace(*draft_begin, books, [this](const model::JobKey& key, core::Index version) { return load_body(key, version); });
  }

  Result<model::JobPtr> load_body(const model::JobKey& key, core::Index version) {
    if (!commit_under_way) return load_version(db, key, version);
    if (!aside) {
      TRY(aside, Connection::open(db.path(), {.access = Access::read_only, .cache_kib = kAsideCacheKib}));
    }
    return load_version(*aside, key, version);
  }

  // What the draft did since the last call becomes part of the view.
  void settle(Batch& batch) {
    auto changes = draft->take_changes();
    cluster.apply(changes);
    publish();
    std::move(changes.begin(), changes.end(), std::back_inserter(batch.changes));
  }

  Result<Batch> advance(std::span<const raft::Entry> entries) {
    Batch batch;
    batch.applied.reserve(entries.size());
    for (const auto& entry : entries) {
      ASSERT(entry.id.index == books.position.applied.index.next());
      ASSERT(entry.id.term >= books.position.applied.term);
      open_draft();
      Applied applied;
      applied.id = entry.id;
      draft->begin_entry(entry);
      applied.index = draft->index();
      if (auto status = apply_entry(entry, *draft, applied); !status.ok()) return at(entry, std::move(status).error());
      if (draft->failure()) return at(entry, *draft->failure());
      draft->end_entry();
      if (restores(entry) && applied.outcome.ok() && !applied.repeats)
        if (auto status = restore(entry, applied, batch); !status.ok()) return at(entry, std::move(status).error());
      batch.applied.push_back(std::move(applied));
    }
    open_draft();
    settle(batch);
    return batch;
  }

  // The pieces become the state. Errors are those of the disk; what is wrong with the pieces is an outcome.
  Status restore(const raft::Entry& entry, Applied& applied, Batch& batch) {
    TRY(const auto event, core::from_json<model::SnapshotRestored>(*entry.payload));
    settle(batch);
    TRY(commit_all());
    TRY(const auto database, joined_pieces(db, event.restore));
    auto image = open_image(database, event.digest, books.position.region);
    if (image.ok()) {
      TRY(move_to(*image, books.position));
      TRY(take_over(*image));
      batch.replaced = true;
    } else {
      applied.outcome = image.error();
    }
    open_draft();
    draft->begin_entry(entry);
    applied.index = draft->index();
    if (!image.ok()) draft->drop_pieces();
    if (entry.request.set()) draft->settle(settled(entry, applied));
    return core::ok_status();
  }

  Status take_over(Connection& image) {
    TRY(db.copy_from(image));
    return load();
  }

  // All of memory anew, by what the file says.
  Status load() {
    ASSERT(!commit_under_way);
    commit.reset();
    draft.reset();
    draft_begin.reset();
    cluster = {};
    books = {};
    TRY(load_rows(db, cluster, books));
    publish();
    return core::ok_status();
  }

  Status install(const std::string& image) {
    TRY(db.copy_from(image));
    TRY(migrate(db));  // an older release made it
    return load();
  }

  std::shared_ptr<Commit> begin_commit() {
    ASSERT(!commit_under_way);
    if (!commit && draft) {
      commit = std::make_shared<Commit>(db, seal(draft->take_dirty(), books));
      draft.reset();
      draft_begin.reset();
    }
    commit_under_way = commit != nullptr;
    return commit;
  }

  Status end_commit() {
    ASSERT(commit_under_way);
    commit_under_way = false;
    ASSERT(commit->outcome().has_value());
    TRY(*commit->outcome());
    release_bodies(commit->with_older_versions(), books);
    commit.reset();
    return core::ok_status();
  }

  Status note_commit(Status status) {
    if (!status.ok() && status.error().code != Errc::no_space) failed = status.error();
    return status;
  }

  // What had to be tried again, and what came since.
  Status commit_all() {
    while (const auto begun = commit_under_way ? commit : begin_commit()) {
      begun->write();
      TRY(end_commit());
    }
    return core::ok_status();
  }
};

Result<StateMachine> StateMachine::open(const std::string& path) {
  TRY(auto db, Connection::open(path, {.application_id = kApplicationId, .cache_kib = kCacheKib, .checkpoint_pages = kCheckpointPages}));
  TRY(migrate(db));
  auto state = std::make_unique<State>(std::move(db));
  TRY(load_rows(state->db, state->cluster, state->books));
  state->publish();
  return StateMachine(std::move(state));
}

StateMachine::StateMachine(std::unique_ptr<State> state) : state_(std::move(state)) {}
StateMachine::StateMachine(StateMachine&&) noexcept = default;
StateMachine& StateMachine::operator=(StateMachine&&) noexcept = default;
StateMachine::~StateMachine() = default;

Result<Batch> StateMachine::advance(std::span<const raft::Entry> entries) {
  if (state_->failed) return *state_->failed;
  if (entries.empty()) return Batch{};
  auto batch = state_->advance(entries);
  // The books are half-way into an entry; only the view and the file are still true.
  if (!batch.ok()) state_->failed = batch.error();
  return batch;
}

Status StateMachine::commit() {
  if (state_->failed) return *state_->failed;
  return state_->note_commit(state_->commit_all());
}

Result<std::shared_ptr<Commit>> StateMachine::begin_commit() {
  if (state_->failed) return *state_->failed;
  return state_->begin_commit();
}

Status StateMachine::end_commit() {
  return state_->note_commit(state_->end_commit());
}

Result<Batch> StateMachine::apply(std::span<const raft::Entry> entries) {
  TRY(auto batch, advance(entries));
  TRY(commit());
  return batch;
}

Status StateMachine::install(const std::string& image) {
  if (state_->failed) return *state_->failed;
  auto installed = state_->install(image);
  if (!installed.ok()) state_->failed = installed.error();
  return installed;
}

raft::EntryId StateMachine::applied() const { return state_->books.position.applied; }
raft::SnapshotMeta StateMachine::meta() const { return state_->books.position.meta(); }
Result<core::Digest> StateMachine::digest() {
  TRY(commit());
  return digest_of(state_->db);
}
const std::string& StateMachine::cluster_id() const { return state_->books.position.cluster_id; }
const std::string& StateMachine::region() const { return state_->books.position.region; }
std::shared_ptr<const model::StateView> StateMachine::view() const { return state_->view; }
core::Index StateMachine::nearest_index(core::WallTime time) const { return state_->books.times.nearest_index(time); }

}  // namespace store::state
