// SPDX-License-Identifier: MPL-2.0
#include "tests/support/raft_checker.h"

namespace test {
namespace {

std::string words(const core::raft::EntryId& id) { return to_string(id.term) + "/" + to_string(id.index); }

}  // namespace

void RaftChecker::complain(std::string what) {
  if (broken_.empty()) broken_ = std::move(what);
}

void RaftChecker::appended(const core::raft::Entry& entry) {
  const auto [it, fresh] = digests_.try_emplace(entry.id, entry.digest);
  if (!fresh && it->second != entry.digest)
    complain("entry " + words(entry.id) + " stands for two histories");
}

void RaftChecker::became_leader(core::Term term, const core::ServerId& id, const RaftDisk& log) {
  const auto [it, fresh] = leaders_.try_emplace(term, id);
  if (!fresh && it->second != id)
    complain("term " + to_string(term) + " has two leaders, " + it->second.text + " and " + id.text);
  // Raft figure 3, Leader Completeness, speaks of entries committed in earlier terms. A candidate whose
  // votes come late may win its term when a later one has committed already: it lacks that, harmlessly.
  auto newest = history_.rbegin();
  while (newest != history_.rend() && newest->id.term > term) ++newest;
  if (newest == history_.rend()) return;
  const auto& newest_entry = *newest;
  if (newest_entry.id.index <= log.snapshot.last.index) return;
  const auto* own = log.find(newest_entry.id.index);
  if (own == nullptr || own->id != newest_entry.id || own->digest != newest_entry.digest)
    complain("leader " + id.text + " of term " + to_string(term) + " lacks committed entry " +
             words(newest_entry.id));
}

void RaftChecker::committed(const core::ServerId& by, const core::raft::Entry& entry) {
  const auto index = entry.id.index.value;
  if (index == history_.size() + 1) {
    history_.push_back(entry);
  } else if (index > history_.size()) {
    complain(by.text + " skipped to entry " + words(entry.id));
  } else if (history_[index - 1].id != entry.id || history_[index - 1].digest != entry.digest) {
    complain(by.text + " applied " + words(entry.id) + " where others applied " +
             words(history_[index - 1].id));
  }
}

void RaftChecker::installed(const core::ServerId& by, const core::raft::SnapshotMeta& snapshot) {
  const auto index = snapshot.last.index.value;
  if (index > history_.size() || history_[index - 1].id != snapshot.last ||
      history_[index - 1].digest != snapshot.digest)
    complain(by.text + " installed a snapshot of something else at " + words(snapshot.last));
}

void RaftChecker::read(const core::ServerId& by, core::Index index, core::Index floor) {
  if (index < floor)
    complain(by.text + " may read at " + to_string(index) + " though " + to_string(floor) + " was committed");
}

}  // namespace test
