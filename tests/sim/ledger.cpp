// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/ledger.h"

#include <algorithm>

namespace sim {

using namespace std::chrono_literals;
using core::raft::Entry;

void Ledger::on_committed(const core::ServerId& server, const std::vector<Entry>& entries) {
  for (const auto& entry : entries) {
    const auto at = entry.id.index.value - 1;
    if (at > entries_.size()) return world_.fail(server.text + " committed entries that nobody saw before");
    if (at < entries_.size()) {
      if (entries_[at].digest != entry.digest || entries_[at].id != entry.id)
        return world_.fail("committed entry " + std::to_string(entry.id.index.value) + " is another on " + server.text);
      continue;
    }
    entries_.push_back(entry);
    world_.note(entry.digest.view());
    if (!entry.request.set()) continue;
    if (!first_.emplace(entry.request, entry.id.index).second) ++repeated_;
  }
}

void Ledger::on_applied(const core::ServerId& server, const store::state::Applied& applied, const std::vector<core::model::Change>& batch) {
  const auto index = applied.id.index;
  const auto& request = entries_.at(index.value - 1).request;
  if (!request.set()) return;
  const auto first = first_.at(request);
  const auto where = "the request of entry " + std::to_string(first.value) + ", again at " + std::to_string(index.value) + " on " + server.text;
  if ((first != index) != (applied.repeats != nullptr)) return world_.fail(where + ": taken for another");
  if (applied.repeats && applied.repeats->index != first) world_.fail(where + ": the outcome is another's");
  if (applied.repeats && std::any_of(batch.begin(), batch.end(), [&](const auto& change) { return change.index == index; }))
    world_.fail(where + ": happened again");
}

void Ledger::on_leader(const core::ServerId& server, core::Term term) {
  const auto [at, first] = leaders_.emplace(term, server);
  if (!first && at->second != server) world_.fail("term " + std::to_string(term.value) + " has two leaders");
}

void Ledger::on_acknowledged(const core::RequestId& request, core::Index index) {
  ++acknowledged_;
  seen_ = std::max(seen_, index);
  const auto at = first_.find(request);
  if (at == first_.end() || at->second != index)
    world_.fail("a write was acknowledged at entry " + std::to_string(index.value) + " and does not stand there");
}

void Ledger::on_read(const core::ServerId& server, core::Index floor, core::Index answered) {
  ++reads_;
  if (answered < floor)
    world_.fail("a read on " + server.text + " was answered at entry " + std::to_string(answered.value) + " after entry " +
                std::to_string(floor.value) + " had been seen");
  seen_ = std::max(seen_, answered);
}

void Ledger::on_leader_lost(const core::ServerId& server) {
  constexpr core::Duration kSettled = 30s;
  if (calm_since_ && world_.now() - *calm_since_ > kSettled)
    world_.fail(server.text + " lost sight of its leader though nothing goes wrong any more");
}

}  // namespace sim
