// SPDX-License-Identifier: MPL-2.0
#include "agent/server/raft_times.h"

namespace agent::server {

void RaftTimes::handed_out(const core::raft::Save& save, core::Instant now) {
  if (save.append.empty()) return;
  meters_.raft_applies.add(static_cast<double>(save.append.size()));
  meters_.raft_batch.set(static_cast<double>(save.append.size()));
  batches_.push_back({.save = save.number, .last = save.append.back().id.index, .at = now});
}

void RaftTimes::saved(std::uint64_t number, core::Instant now) {
  for (auto& batch : batches_) {
    if (batch.save > number) return;
    if (!batch.saved) meters_.raft_dispatch.add(now - batch.at);
    batch.saved = true;
  }
}

void RaftTimes::committed(core::Index last, core::Instant now) {
  while (!batches_.empty() && batches_.front().last <= last) {
    meters_.raft_commit.add(now - batches_.front().at);
    batches_.pop_front();
  }
}

}  // namespace agent::server
