// SPDX-License-Identifier: MPL-2.0
#include "tests/sim/ledger.h"

namespace sim {

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
    if (!applied_.emplace(entry.request, entry.id.index).second)
      return world_.fail("one request was written twice, again at entry " + std::to_string(entry.id.index.value));
  }
}

void Ledger::on_leader(const core::ServerId& server, core::Term term) {
  const auto [at, first] = leaders_.emplace(term, server);
  if (!first && at->second != server) world_.fail("term " + std::to_string(term.value) + " has two leaders");
}

void Ledger::on_acknowledged(const core::raft::RequestId& request, core::Index index) {
  ++acknowledged_;
  const auto at = applied_.find(request);
  if (at == applied_.end() || at->second != index)
    world_.fail("a write was acknowledged at entry " + std::to_string(index.value) + " and does not stand there");
}

}  // namespace sim
