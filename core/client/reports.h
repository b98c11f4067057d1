// SPDX-License-Identifier: MPL-2.0
// What the servers have not been told yet: the newest state of each allocation that changed, sent in
// batches, one batch at a time, kept until a server has accepted it. A new status, which others wait
// for, goes at once, or soon after the batch before it; what only adds to the story waits for company.
#pragma once

#include <map>
#include <optional>

#include "core/base/rng.h"
#include "core/client/io.h"

namespace core::client {

class Reports {
 public:
  explicit Reports(Rng rng) : rng_(rng) {}

  // Replaces what was waiting for the same allocation. What the servers already know is not sent again.
  void put(model::AllocClientUpdate update, Now now);
  void forget(const AllocId& alloc);
  void on_accepted();
  void on_failed(Now now);
  // The batch that is due, if one is. `allowed`: the servers know this node.
  std::optional<Report> take_due(Now now, bool allowed);
  std::optional<Instant> next_deadline(bool allowed) const;

 private:
  void withdraw(const AllocId& alloc);
  model::ClientStatus told_status(const AllocId& alloc) const;

  Rng rng_;
  std::map<AllocId, model::AllocClientUpdate> waiting_;
  std::map<AllocId, model::AllocClientUpdate> sent_;  // out, and not answered
  std::map<AllocId, model::AllocClientUpdate> known_; // to the servers
  std::optional<Instant> due_;
  Instant not_before_ = Instant::min();
};

}  // namespace core::client
