// SPDX-License-Identifier: MPL-2.0
#include "store/state/draft.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "core/base/limits.h"
#include "store/state/summary.h"

namespace store::state {
namespace {

// The object as the batch has it, else as it was.
template <class Marks, class Key, class Before>
auto find(const Marks& marks, const Key& key, Before&& before) {
  const auto at = marks.find(key);
  return at == marks.end() ? before() : at->second.now;
}

// Notes what an object is now. REQUIRES: `before` is what find() gave.
template <class Marks, class Key, class Ptr>
auto& note(Marks& marks, const Key& key, const Ptr& before, std::type_identity_t<Ptr> now, Extent extent) {
  const auto [at, added] = marks.try_emplace(key);
  auto& mark = at->second;
  if (added) mark.fresh = before == nullptr;
  mark.whole = mark.whole || before == nullptr || extent == Extent::whole;
  mark.now = std::move(now);
  return mark;
}

void freeze(Version& version, const model::Job& job) {
  version.status = job.status;
  version.status_description = job.status_description;
  version.stable = job.stable;
  version.modify_index = job.modify_index;
  version.changed = true;
}

}  // namespace

void Draft::begin_entry(const raft::Entry& entry) {
  named_ = entry.request.set();
  auto& position = books_.position;
  position.applied = entry.id;
  index_ = position.index();
  time_ = entry.time;
  position.digest = entry.digest;
  position.time = entry.time;
  if (books_.times.witness(index_, time_)) dirty_.time_steps.push_back({index_, time_});
  forget_requests();
}

void Draft::end_entry() {
  const auto touched = std::exchange(touched_, {});
  for (const auto& key : touched) {
    const auto book = books_.jobs.find(key);
    if (book == books_.jobs.end()) continue;
    if (const auto current = job(key)) put_status(*current, derive_status(*current, book->second));
    else if (book->second.empty()) books_.jobs.erase(book);
  }
}

model::NodePtr Draft::node(const core::NodeId& id) const {
  return find(dirty_.nodes, id, [&] { return before_.node(id); });
}
model::JobPtr Draft::job(const model::JobKey& key) const {
  return find(dirty_.jobs, key, [&] { return before_.job(key); });
}
model::EvalPtr Draft::eval(const core::EvalId& id) const {
  return find(dirty_.evals, id, [&] { return before_.eval(id); });
}
model::AllocPtr Draft::alloc(const core::AllocId& id) const {
  return find(dirty_.allocs, id, [&] { return before_.alloc(id); });
}

model::RequestPtr Draft::request(const core::RequestId& id) const {
  const auto at = dirty_.requests.find(id);
  return at == dirty_.requests.end() ? before_.request(id) : at->second;
}

void Draft::emit(model::Fact fact) { changes_.push_back({index_, std::move(fact)}); }

void Draft::touch_table(Table table) {
  books_.table_indexes[static_cast<std::size_t>(table)] = index_;
  dirty_.tables.set(static_cast<std::size_t>(table));
}

Dirty::JobMark& Draft::note_job(const model::JobKey& key, Extent extent) {
  const auto current = job(key);
  return note(dirty_.jobs, key, current, current, extent);
}

// ---- requests --------------------------------------------------------------------------------------

void Draft::settle(model::SettledRequest request) {
  auto now = std::make_shared<const model::SettledRequest>(std::move(request));
  dirty_.requests[now->id] = now;
  books_.requests.push_back(now);
  emit(model::RequestSettled{std::move(now)});
}

void Draft::forget_requests() {
  auto& kept = books_.requests;
  while (!kept.empty() && kept.front()->index.value + core::limits::kRequestKeptEntries <= index_.value) {
    const auto gone = std::move(kept.front());
    kept.pop_front();
    dirty_.requests[gone->id] = nullptr;
    dirty_.requests_forgotten = gone->index;
    emit(model::RequestForgotten{gone->id});
  }
}

// ---- nodes -----------------------------------------------------------------------------------------

void Draft::put(model::Node next, Extent extent) {
  const auto before = node(next.id);
  next.create_index = before ? before->create_index : index_;
  next.modify_index = index_;
  auto now = std::make_shared<const model::Node>(std::move(next));
  note(dirty_.nodes, now->id, before, now, extent);
  touch_table(Table::nodes);
  emit(model::NodeChanged{std::move(now)});
}

void Draft::remove(const model::NodePtr& gone) {
  note(dirty_.nodes, gone->id, gone, nullptr, Extent::whole);
  touch_table(Table::nodes);
  emit(model::NodeRemoved{gone->id});
}

// ---- evaluations -----------------------------------------------------------------------------------

void Draft::put(model::Evaluation next) {
  const auto before = eval(next.id);
  next.create_index = before ? before->create_index : index_;
  if (before) next.create_time = before->create_time;
  if (!next.create_time.set()) next.create_time = time_;
  next.modify_index = index_;
  next.modify_time = time_;
  touched_.insert(next.job_key());
  if (before) books_.discount(*before);
  books_.count(next);
  const bool moved = before && before->job_key() != next.job_key();
  auto now = std::make_shared<const model::Evaluation>(std::move(next));
  note(dirty_.evals, now->id, before, now, moved ? Extent::whole : Extent::changing);
  touch_table(Table::evals);
  emit(model::EvalChanged{std::move(now)});
}

void Draft::remove(const model::EvalPtr& gone) {
  touched_.insert(gone->job_key());
  books_.discount(*gone);
  note(dirty_.evals, gone->id, gone, nullptr, Extent::whole);
  touch_table(Table::evals);
  emit(model::EvalRemoved{gone->id, gone->job_key()});
}

// ---- allocations -----------------------------------------------------------------------------------

void Draft::put(model::Allocation next, const model::AllocPtr& before, Extent extent, bool server_side) {
  ASSERT(next.job != nullptr);
  next.modify_index = index_;
  next.modify_time = time_;
  next.create_index = before ? before->create_index : index_;
  next.create_time = before ? before->create_time : time_;
  if (server_side) next.alloc_modify_index = index_;
  const auto key = next.job_key();
  touched_.insert(key);
  books_.count(next);
  if (before) books_.discount(*before);
  auto& book = books_.jobs[key];
  if (is_counted(next, book) && (before ? on_moved(book.summary, *before, next) : on_placed(book.summary, next)))
    summary_changed(key, book);
  if (before && before->job != next.job) retire_versions(key, book, core::limits::kJobVersionsKept);
  auto now = std::make_shared<const model::Allocation>(std::move(next));
  note(dirty_.allocs, now->id, before, now, extent);
  touch_table(Table::allocs);
  emit(model::AllocChanged{std::move(now), server_side});
}

void Draft::remove(const model::AllocPtr& gone) {
  const auto key = gone->job_key();
  touched_.insert(key);
  auto& book = books_.jobs[key];
  if (is_counted(*gone, book) && on_forgotten(book.summary, *gone)) summary_changed(key, book);
  books_.discount(*gone);
  retire_versions(key, book, core::limits::kJobVersionsKept);
  note(dirty_.allocs, gone->id, gone, nullptr, Extent::whole);
  touch_table(Table::allocs);
  emit(model::AllocRemoved{gone->id, gone->node_id, key});
}

bool Draft::is_counted(const model::Allocation& alloc, const JobBook& book) const {
  return job(alloc.job_key()) != nullptr && alloc.create_index >= book.summary.create_index;
}

void Draft::summary_changed(const model::JobKey& key, JobBook& book) {
  book.summary.modify_index = index_;
  note_job(key, Extent::changing);
  touch_table(Table::job_summary);
}

void Draft::set_queued(const model::JobKey& key, const std::map<std::string, std::int64_t>& by_group) {
  if (by_group.empty() || job(key) == nullptr) return;
  auto& book = books_.jobs[key];
  if (on_queued(book.summary, by_group)) summary_changed(key, book);
}

// ---- jobs ------------------------------------------------------------------------------------------

void Draft::put_version(model::Job next, std::size_t evals_coming) {
  const auto key = model::key(next);
  const auto before = job(key);
  touched_.insert(key);
  auto& book = books_.jobs[key];
  if (before) {
    if (auto* const last = book.version(before->job_modify_index)) freeze(*last, *before);
  } else {
    book.summary = {.job_id = next.id, .ns = next.ns, .summary = {}, .children = {}, .create_index = index_,
                    .modify_index = index_};
  }
  next.version = before ? before->version + 1 : 0;
  next.create_index = before ? before->create_index : index_;
  next.modify_index = next.job_modify_index = index_;
  next.stable = false;
  next.status = model::JobStatus::pending;
  next.status_description.clear();
  next.status = derive_status(next, book, evals_coming);

  auto now = std::make_shared<const model::Job>(std::move(next));
  note(dirty_.jobs, key, before, now, Extent::whole);
  Version version;
  version.job_modify_index = index_;
  version.number = now->version;
  version.body = now;
  freeze(version, *now);
  book.versions.push_back(std::move(version));
  retire_versions(key, book, core::limits::kJobVersionsKept);
  add_groups(book.summary, *now);
  summary_changed(key, book);
  touch_table(Table::jobs);
  touch_table(Table::job_versions);
  count_child(*now, before ? std::optional(before->status) : std::nullopt, now->status);
  emit(model::JobChanged{std::move(now)});
}

void Draft::put_status(const model::Job& current, model::JobStatus status) {
  if (current.status == status) return;
  auto next = std::make_shared<model::Job>(current);
  next->status = status;
  next->modify_index = index_;
  count_child(*next, current.status, status);
  const model::JobPtr now = std::move(next);
  note_job(model::key(*now), Extent::changing).now = now;
  touch_table(Table::jobs);
  emit(model::JobChanged{now});
}

void Draft::remove(const model::JobPtr& gone) {
  const auto key = model::key(*gone);
  touched_.insert(key);
  note(dirty_.jobs, key, gone, nullptr, Extent::whole);
  auto& book = books_.jobs[key];
  retire_versions(key, book, 0);
  book.summary = {};
  touch_table(Table::jobs);
  touch_table(Table::job_summary);
  touch_table(Table::job_versions);
  count_child(*gone, gone->status, std::nullopt);
  emit(model::JobRemoved{key});
}

void Draft::count_child(const model::Job& child, std::optional<model::JobStatus> from,
                        std::optional<model::JobStatus> to) {
  if (child.parent_id.empty() || from == to) return;
  const model::JobKey parent{child.ns, core::JobId{child.parent_id}};
  if (job(parent) == nullptr) return;
  auto& book = books_.jobs[parent];
  auto& children = book.summary.children;
  if (from && count_of(children, *from) > 0) --count_of(children, *from);
  if (to) ++count_of(children, *to);
  summary_changed(parent, book);
}

void Draft::retire_versions(const model::JobKey& key, JobBook& book, std::size_t listed_kept) {
  auto listed = static_cast<std::size_t>(
      std::count_if(book.versions.begin(), book.versions.end(), [](const Version& v) { return v.listed; }));
  for (auto& version : book.versions) {
    if (listed <= listed_kept) break;
    if (!version.listed) continue;
    version.listed = false;
    version.changed = true;
    note_job(key, Extent::changing);
    --listed;
  }
  // A version that an allocation was placed from is kept for it.
  std::erase_if(book.versions, [&](const Version& version) {
    if (version.listed || version.allocs > 0) return false;
    if (version.stored) note_job(key, Extent::changing).dropped.push_back(version.job_modify_index);
    return true;
  });
}

model::JobPtr Draft::version(const model::JobKey& key, std::uint64_t number) {
  const auto book = books_.jobs.find(key);
  if (book == books_.jobs.end() || job(key) == nullptr) return nullptr;
  // The newest of that number: an older one belongs to a job that was purged.
  auto& versions = book->second.versions;
  const auto at = std::find_if(versions.rbegin(), versions.rend(), [&](const Version& v) { return v.number == number; });
  if (at == versions.rend()) return nullptr;
  if (!at->body) {
    auto loaded = load_body_(key, at->job_modify_index);
    if (loaded.ok()) at->body = std::move(loaded).value();
    else failure_ = std::move(loaded).error();
  }
  return at->body;
}

// ---- the rest --------------------------------------------------------------------------------------

void Draft::count_collection(const std::string& kind, const Collection& more) {
  auto& total = books_.collections[kind];
  total.last_index = index_;
  total.last_time = time_;
  ++total.runs;
  total.evals += more.evals;
  total.allocs += more.allocs;
  total.jobs += more.jobs;
  total.nodes += more.nodes;
  dirty_.collections.insert(kind);
}

void Draft::set_configuration(raft::Configuration configuration) {
  books_.position.configuration = std::move(configuration);
  books_.position.configuration_index = books_.position.applied.index;
  dirty_.configuration = true;
}

void Draft::set_cluster(std::string cluster_id, std::string region) {
  books_.position.cluster_id = std::move(cluster_id);
  books_.position.region = std::move(region);
}

void Draft::add_piece(Dirty::Piece piece) {
  books_.restore.name = piece.restore;
  books_.restore.size += piece.bytes.size();
  dirty_.pieces.push_back(std::move(piece));
}

void Draft::drop_pieces() {
  books_.restore = {};
  dirty_.pieces.clear();
  dirty_.drop_pieces = true;
}

}  // namespace store::state
